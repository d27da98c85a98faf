#include "cli/cli.h"
#include "framework/base/text.h"

#include <ATen/core/Tensor.h>
#include <nlohmann/json.hpp>

#include <array>
#include <iostream>
#include <optional>

namespace weft::cli {
namespace {

using nlohmann::ordered_json;

/// The nodes that look at data sets: what a file of pictures is, their plugin knows.
constexpr const char* kLooker = "media.check_data";
constexpr const char* kColourLister = "media.list_colours";

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

struct Finding {
  std::string text, way_out;
  bool is_fault = false;
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

/// @throws Error  (Exit::Usage) when a value is none that the node takes
void check_params(const NodeSpec& spec, const ParamValues& params) {
  for (const auto& [name, value] : params) {
    const ParamSpec* param = spec.find_param(name);
    const std::string fault = param ? range_fault(*param, value) : "";
    if (fault.empty()) continue;
    Error error(Exit::Usage, text("--", name, ": ", fault));
    const auto* word = std::get_if<std::string>(&value);
    throw word ? error.hint(did_you_mean(*word, param->choices)) : error;
  }
}

std::unique_ptr<Node> make_looker(const char* type, const ParamValues& params, Program& program) {
  const NodeSpec* spec = program.plugins().find(type);
  if (!spec) {
    const std::string reason = program.plugins().refusal("media");
    throw Error(Exit::Plugin, text("the plugin media, which reads pictures, ",
                                   reason.empty() ? "is not there" : text("could not be used: ", reason)));
  }
  check_params(*spec, params);
  std::unique_ptr<Node> node = program.plugins().make(type);
  node->configure(params);
  return node;
}

/// The next finding; nothing at the end.
std::optional<Finding> next_finding(Node& node, Context& context) {
  std::array<Value, 3> outputs;
  try {
    if (!node.run({}, outputs, context)) return {};
  } catch (const Error& error) {
    // What would be a parameter in a graph is an option here.
    if (error.exit() != Exit::Graph) throw;
    Error of_options(Exit::Usage, error.message());
    for (const std::string& hint : error.hints()) of_options.hint(hint);
    throw of_options;
  }
  return Finding{outputs[0].text(), outputs[1].text(), outputs[2].tensor().item<float>() != 0};
}

void print(const Finding& finding) {
  std::cout << (finding.is_fault ? "FAULT  " : "ok     ") << finding.text;
  if (!finding.way_out.empty()) std::cout << "; " << finding.way_out;
  std::cout << std::endl;  // a large data set takes long
}

Exit check(const Arguments& arguments, Program& program) {
  const std::unique_ptr<Node> node = make_looker(kLooker, params_of(arguments), program);
  Context context(kLooker, 1, at::kCPU, at::kFloat, *program.log);
  ordered_json report = {{"faults", 0}, {"findings", ordered_json::array()}};
  int64_t faults = 0;
  program.log->status("reading the files …");
  while (const auto finding = next_finding(*node, context)) {
    program.log->status("");
    faults += finding->is_fault ? 1 : 0;
    if (arguments.format == "text") print(*finding);
    report["findings"].push_back({{"fault", finding->is_fault}, {"text", finding->text}, {"hint", finding->way_out}});
    program.log->status("reading the files …");
  }
  program.log->status("");
  report["faults"] = faults;
  if (arguments.format == "json") std::cout << report.dump(2) << '\n';
  if (arguments.format == "text" && faults > 0) std::cout << count_text(faults, "fault") << '\n';
  return faults > 0 ? Exit::Data : Exit::Done;
}

/// Prints a palette file of the colours in a folder of labels.
Exit list_colours(const std::string& folder, Program& program) {
  const std::unique_ptr<Node> node = make_looker(kColourLister, {{"path", folder}}, program);
  Context context(kColourLister, 1, at::kCPU, at::kFloat, *program.log);
  std::array<Value, 1> outputs;
  if (node->run({}, outputs, context)) std::cout << outputs[0].text();
  return Exit::Done;
}

void add_palette_verb(CLI::App& verb, Program& program) {
  CLI::App* palette_verb = verb.add_subcommand(
      "palette", "Prints the colours in which a folder of labels is painted, as a file for `palette_file`");
  auto folder = std::make_shared<std::string>();
  palette_verb->add_option("folder", *folder, "The folder of the labels")->required();
  palette_verb->callback(
      [folder, &program] { program.action = [folder, &program] { return list_colours(*folder, program); }; });
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
