#include "cli/cli.h"

#include "framework/base/text.h"

#include <charconv>
#include <cstdlib>
#include <filesystem>

namespace weft::cli {

const plugin::Plugins& Program::plugins() {
  if (!plugins_) plugins_ = std::make_unique<plugin::Plugins>(plugin::default_folders());
  return *plugins_;
}

void GraphArguments::add_to(CLI::App& verb) {
  verb.add_option("graph", file, "The graph file (TOML)")
      ->required()
      ->check([](const std::string& name) { return name.empty() ? "the name is empty" : ""; })
      ->transform([](const std::string& name) { return graph::resolve_path(name, {}); });
  verb.add_option("--set", settings,
                  "Sets a parameter (name=value) or anything else (path=value); may be given several times")
      ->type_name("PATH=VALUE")
      ->allow_extra_args(false);
  // The nodes that run code of a file ask the environment: programs that embed weft have no command line.
  verb.add_flag_callback(
      "--trust", [] { setenv("WEFT_TRUST", "1", 1); },
      "Runs the code in the graph's model files (model.pt2, model.torchscript), and opens addresses that stand in the "
      "graph");
}

void GraphArguments::add_variant_to(CLI::App& verb) {
  verb.add_option("--variant", variant, "Takes this variant or grid point of the file, as in no_warping or F.blocks=6")
      ->type_name("NAME");
}

void GraphArguments::add_inputs_to(CLI::App& verb) {
  verb.add_option("--with", inputs,
                  "Treats this optional input of a graph with [inputs] as wired; may be given several times")
      ->type_name("INPUT")
      ->allow_extra_args(false);
}

void GraphArguments::refuse_as_output(const std::string& output) const {
  std::error_code error;
  if (std::filesystem::equivalent(output, file, error))
    throw Error(Exit::Usage, text("-o ", output, " is the graph itself")).hint("name another file");
}

graph::CheckOptions GraphArguments::options() const {
  graph::CheckOptions options;
  options.pushed = inputs;
  options.variant = variant;
  for (const std::string& setting : settings) options.settings.push_back(graph::read_setting(setting));
  return options;
}

void add_format(CLI::App& verb, std::string& format) {
  verb.add_option("--format", format, "text or json")
      ->check(CLI::IsMember({"text", "json"}))
      ->type_name("")
      ->capture_default_str();
}

CLI::Validator whole_number_from(int64_t least, int64_t most) {
  const auto fault = [least, most](const std::string& word) -> std::string {
    int64_t number = 0;
    const auto [end, error] = std::from_chars(word.data(), word.data() + word.size(), number);
    const bool is_whole = error == std::errc() && end == word.data() + word.size();
    if (is_whole && number >= least && number <= most) return {};
    const bool has_end = most < std::numeric_limits<int64_t>::max();
    return weft::text("wants a whole number from ", least, has_end ? weft::text(" to ", most) : " on", ", not ", word);
  };
  return {fault, ""};
}

graph::Checked read_checked(const GraphArguments& arguments, const graph::CheckOptions& options, Program& program) {
  graph::Diagnostics diagnostics;
  graph::Checked checked = graph::check(arguments.file, options, program.plugins(), diagnostics);
  diagnostics.throw_errors();
  for (const std::string& line : diagnostics.lines(graph::Diagnostics::Which::Warnings)) program.log->note(line);
  return checked;
}

void refuse_experiments(const graph::Checked& checked, const GraphArguments& arguments) {
  for (const char* key : {"variant", "grid", "seeds"}) {
    const graph::Item* found = checked.resolved.find(key);
    if (!found || !arguments.variant.empty()) continue;
    throw Error(Exit::Graph, found->place, text("the file is an ablation: it has `", key, '`'))
        .hint(text("`weft ablate ", arguments.file, "` runs all of it, --variant NAME one of its variants"));
  }
}

void Columns::add(const std::vector<std::string>& row) {
  std::vector<std::string>& cells = rows_.emplace_back();
  for (const std::string& cell : row) cells.push_back(printable(cell));
}

std::string Columns::text(const std::string& indent) const {
  std::vector<size_t> widths;
  for (const auto& row : rows_) {
    widths.resize(std::max(widths.size(), row.size()));
    for (size_t i = 0; i < row.size(); ++i) widths[i] = std::max(widths[i], row[i].size());
  }
  std::string lines;
  for (const auto& row : rows_) {
    std::string line = indent;
    for (size_t i = 0; i < row.size(); ++i) {
      line += row[i];
      if (i + 1 < row.size()) line += std::string(widths[i] - row[i].size() + 2, ' ');
    }
    line.erase(line.find_last_not_of(' ') + 1);
    lines += line + '\n';
  }
  return lines;
}

}  // namespace weft::cli
