#include "cli/cli.h"
#include "cli/keypoint_look.h"
#include "framework/base/text.h"

#include <nlohmann/json.hpp>

#include <iostream>

namespace weft::cli {
namespace {

using nlohmann::ordered_json;

struct Arguments {
  std::string root;
  std::string layout;
  std::string layout_file;
  std::string split;
  std::string remap;
  std::string palette, palette_file;
  std::string format = "text";
  bool only_headers = false;
};

ParamValues params_of(const Arguments& arguments) {
  ParamValues params = {{"root", arguments.root}, {"only_headers", arguments.only_headers}};
  const auto give = [&](const char* name, const std::string& value) {
    if (!value.empty()) params[name] = value;
  };
  give("layout", arguments.layout);
  give("layout_file", arguments.layout_file);
  give("split", arguments.split);
  give("remap", arguments.remap);
  give("palette", arguments.palette);
  give("palette_file", arguments.palette_file);
  return params;
}

void print(const Finding& finding) {
  std::cout << (finding.is_fault ? "FAULT  " : "ok     ") << finding.text;
  if (!finding.way_out.empty()) std::cout << "; " << finding.way_out;
  std::cout << std::endl;  // a large data set takes long
}

Exit check(const Arguments& arguments, Program& program) {
  ordered_json report = {{"faults", 0}, {"findings", ordered_json::array()}};
  int64_t faults = 0;
  const auto take = [&](const Finding& finding) {
    faults += finding.is_fault ? 1 : 0;
    if (arguments.format == "text") print(finding);
    report["findings"].push_back({{"fault", finding.is_fault}, {"text", finding.text}, {"hint", finding.way_out}});
    if (!finding.facts.is_null()) report["facts"] = finding.facts;
  };
  look_at_data(params_of(arguments), program, take);
  if (report.contains("facts")) look_at_keypoints(report["facts"], faults == 0, arguments.only_headers, program, take);
  report["faults"] = faults;
  if (arguments.format == "json") std::cout << report.dump(2) << '\n';
  if (arguments.format == "text" && faults > 0) std::cout << count_text(faults, "fault") << '\n';
  return faults > 0 ? Exit::Data : Exit::Done;
}

void add_palette_verb(CLI::App& verb, Program& program) {
  CLI::App* palette_verb = verb.add_subcommand(
      "palette", "Prints the colours in which a folder of labels is painted, as a file for `palette_file`");
  auto folder = std::make_shared<std::string>();
  palette_verb->add_option("folder", *folder, "The folder of the labels")->required();
  palette_verb->callback([folder, &program] {
    program.action = [folder, &program] {
      std::cout << palette_of(*folder, program);
      return Exit::Done;
    };
  });
}

}  // namespace

void add_data_verb(CLI::App& app, Program& program) {
  CLI::App* verb = app.add_subcommand("data", "Checks data sets, and lists the colours of labels");
  verb->require_subcommand(1);
  CLI::App* check_verb =
      verb->add_subcommand("check", "Reports what a data set contains and what is missing or wrong, before training");
  auto arguments = std::make_shared<Arguments>();
  check_verb->add_option("root", arguments->root, "The folder of the data set")->required();
  check_verb
      ->add_option("--layout", arguments->layout, "The layout of its files: vid2vid, cityscapes, kitti, folders …")
      ->type_name("NAME");
  check_verb->add_option("--layout-file", arguments->layout_file, "A layout file, instead of --layout")
      ->type_name("FILE");
  check_verb->add_option("--split", arguments->split, "The split; default: train; \".\" for data without splits")
      ->type_name("NAME");
  check_verb->add_option("--remap", arguments->remap, "The layout's table that label ids will be mapped by")
      ->type_name("NAME");
  check_verb
      ->add_option("--palette", arguments->palette, "The data set in whose colours labels are painted: cityscapes …")
      ->type_name("NAME");
  check_verb->add_option("--palette-file", arguments->palette_file, "A palette file, instead of --palette")
      ->type_name("FILE");
  check_verb->add_flag("--only-headers", arguments->only_headers,
                       "Reads names and sizes only, not the pixels, which is fast");
  add_format(*check_verb, arguments->format);
  add_palette_verb(*verb, program);
  check_verb->callback(
      [arguments, &program] { program.action = [arguments, &program] { return check(*arguments, program); }; });
}

}  // namespace weft::cli
