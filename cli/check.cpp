#include "cli/cli.h"
#include "framework/base/text.h"
#include "framework/graph/graph_text.h"
#include "framework/graph/stage_text.h"
#include "framework/run/data_check.h"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <iostream>

namespace weft::cli {
namespace {

using nlohmann::ordered_json;

struct Arguments {
  GraphArguments graph;
  std::string format = "text";
  bool shows_values = false;
  bool reads_data = false;
};

ordered_json to_json(const graph::Diagnostic& one) {
  return {{"code", one.code},           {"severity", one.is_error() ? "error" : "warning"},
          {"file", one.place.file},     {"line", one.place.line},
          {"column", one.place.column}, {"message", one.message},
          {"hint", one.hint},           {"context", one.context}};
}

void print_json(const graph::Checked& checked, const graph::Diagnostics& diagnostics, const std::string& data) {
  ordered_json report = {{"errors", diagnostics.errors()}, {"warnings", diagnostics.warnings()}};
  report["diagnostics"] = ordered_json::array();
  for (const graph::Diagnostic& one : diagnostics.all()) report["diagnostics"].push_back(to_json(one));
  report["files"] = checked.files;
  report["configurations"] = checked.configurations;
  if (!data.empty()) report["data"] = split(data, '\n');
  std::cout << report.dump(2, ' ', false, ordered_json::error_handler_t::replace) << '\n';
}

std::string summary(const Arguments& arguments, const graph::Checked& checked, const graph::Diagnostics& diagnostics) {
  if (diagnostics.has_errors()) {
    std::string counts = count_text(static_cast<int64_t>(diagnostics.errors()), "error");
    if (diagnostics.warnings() > 0)
      counts += text(", ", count_text(static_cast<int64_t>(diagnostics.warnings()), "warning"));
    return text(counts, "; `weft explain CODE` tells more");
  }
  const auto nodes =
      std::count_if(checked.graph().nodes.begin(), checked.graph().nodes.end(), [](const graph::FlatNode& node) {
        return node.role != graph::NodeRole::Loss && node.role != graph::NodeRole::Watched;
      });
  std::string line = text(printable(arguments.graph.file), ": good; ", count_text(nodes, "node"), " in ",
                          count_text(static_cast<int64_t>(checked.files.size()), "file"));
  if (!checked.configurations.empty()) {
    line += text(", ", count_text(static_cast<int64_t>(checked.configurations.size()), "configuration"));
  }
  if (diagnostics.warnings() > 0)
    line += text(", ", count_text(static_cast<int64_t>(diagnostics.warnings()), "warning"));
  return line;
}

/// Of each stage what it has not in common with the one before.
void print_stages(const std::vector<graph::Stage>& stages) {
  std::set<std::string> before;
  for (const graph::Stage& stage : stages) {
    const std::vector<std::string> lines = graph::stage_lines(stage);
    for (const std::string& line : lines) {
      if (!before.contains(line)) std::cout << line << '\n';
    }
    before = {lines.begin(), lines.end()};
  }
}

Exit check(const Arguments& arguments, Program& program) {
  graph::Diagnostics diagnostics;
  const graph::Checked checked =
      graph::check(arguments.graph.file, arguments.graph.options(), program.plugins(), diagnostics);
  const auto read_data = [&] { return run::check_data(checked, program.plugins(), *program.log); };
  const bool reads_data = arguments.reads_data && !diagnostics.has_errors();
  if (arguments.format == "json") {
    print_json(checked, diagnostics, reads_data ? read_data() : "");
  } else {
    for (const std::string& line : diagnostics.lines(graph::Diagnostics::Which::All)) std::cout << line << '\n';
    if (!diagnostics.has_errors() && arguments.shows_values) std::cout << graph::values_text(checked.graph());
    std::cout << summary(arguments, checked, diagnostics) << '\n';
    print_stages(checked.stages);
    if (reads_data) std::cout << std::flush << read_data() << '\n';
  }
  return diagnostics.has_errors() ? diagnostics.exit() : Exit::Done;
}

}  // namespace

void add_check_verb(CLI::App& app, Program& program) {
  CLI::App* verb = app.add_subcommand("check", "Checks a graph without running it: no GPU, data or weights are needed");
  auto arguments = std::make_shared<Arguments>();
  arguments->graph.add_to(*verb);
  arguments->graph.add_variant_to(*verb);
  arguments->graph.add_inputs_to(*verb);
  add_format(*verb, arguments->format);
  verb->add_flag("--show", arguments->shows_values,
                 "Also shows every parameter, and the place where its value was set");
  verb->add_flag("--data", arguments->reads_data, "Also reads the data: files, sizes, frame counts, label ids");
  verb->callback(
      [arguments, &program] { program.action = [arguments, &program] { return check(*arguments, program); }; });
}

}  // namespace weft::cli
