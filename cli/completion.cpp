#include "cli/cli.h"
#include "framework/base/text.h"
#include "framework/graph/toml.h"

#include <algorithm>
#include <filesystem>
#include <iostream>
#include <map>
#include <set>

namespace weft::cli {
namespace {

namespace fs = std::filesystem;

// The scripts ask `weft complete WORDS…`: what completes is written once, for all shells.
constexpr std::string_view kBash = R"(_weft() {
  local line=${COMP_LINE:0:COMP_POINT} words=() word prefix
  read -ra words <<<"$line"
  [[ $line == *[[:space:]] ]] && words+=("")
  mapfile -t COMPREPLY < <("${words[0]}" complete "${words[@]:1}" 2>/dev/null)
  # For Readline, the word begins after the last = or :.
  word=${words[-1]}
  prefix=${word%"${word##*[=:]}"}
  COMPREPLY=("${COMPREPLY[@]#"$prefix"}")
  if [[ ${COMPREPLY[0]-} == *[=/] ]]; then compopt -o nospace 2>/dev/null || true; fi
}
complete -o default -F _weft weft
)";

constexpr std::string_view kZsh = R"(#compdef weft
_weft() {
  local -a candidates
  candidates=("${(@f)$("${words[1]}" complete "${(@)words[2,CURRENT]}" 2>/dev/null)}")
  candidates=(${candidates:#})
  if (( ${#candidates} == 0 )); then
    _files
    return
  fi
  compadd -S '' -- ${(M)candidates:#*[=/]}
  compadd -- ${candidates:#*[=/]}
}
if [[ ${funcstack[1]} == _weft ]]; then _weft "$@"; else compdef _weft weft; fi
)";

constexpr std::string_view kFish = R"(function __weft_complete
    set -l words (commandline -opc)
    set -l current (commandline -ct)
    $words[1] complete $words[2..-1] "$current" 2>/dev/null
end
complete -c weft -f -a '(__weft_complete)'
)";

const std::map<std::string, std::string_view> kScripts = {{"bash", kBash}, {"zsh", kZsh}, {"fish", kFish}};

Exit print_script(const std::string& shell) {
  std::cout << kScripts.at(shell);
  return Exit::Done;
}

/// The command line as far as it is written.
struct Line {
  const CLI::App* verb = nullptr;       ///< the innermost verb that was named
  const CLI::Option* option = nullptr;  ///< whose value is being written
  size_t arguments = 0;                 ///< of the verb, before the word
  std::string graph;                    ///< the graph file, when there is one
  std::string word;                     ///< what is being written
};

std::vector<const CLI::App*> with_parents(const CLI::App& verb) {
  std::vector<const CLI::App*> verbs;
  for (const CLI::App* one = &verb; one; one = one->get_parent()) verbs.push_back(one);
  return verbs;
}

const CLI::Option* find_option(const CLI::App& verb, const std::string& name) {
  for (const CLI::App* one : with_parents(verb)) {
    if (const CLI::Option* option = one->get_option_no_throw(name)) return option;
  }
  return nullptr;
}

/// The verb that `word` names below `verb`, or nullptr.
const CLI::App* find_verb(const CLI::App& verb, const std::string& word) {
  for (const CLI::App* one : verb.get_subcommands({})) {
    if (one->get_name() == word) return one;
  }
  return nullptr;
}

bool takes_value(const CLI::Option* option) {
  return option && option->get_expected_min() > 0;
}

Line read_line(const CLI::App& app, const std::vector<std::string>& words) {
  Line line;
  line.verb = &app;
  line.word = words.empty() ? "" : words.back();
  for (size_t i = 0; i + 1 < words.size(); ++i) {
    const std::string& word = words[i];
    if (line.option) {
      line.option = nullptr;
    } else if (word.starts_with('-')) {
      const CLI::Option* option = find_option(*line.verb, word);
      if (takes_value(option)) line.option = option;
    } else if (const CLI::App* verb = line.arguments == 0 ? find_verb(*line.verb, word) : nullptr) {
      line.verb = verb;
    } else {
      ++line.arguments;
      if (word.ends_with(".toml")) line.graph = word;
    }
  }
  return line;
}

/// Paths that begin with `word`: folders, and files with one of the endings.
void add_paths(const std::string& word, const std::vector<std::string>& endings, std::vector<std::string>& candidates) {
  const size_t slash = word.rfind('/');
  const std::string folder = slash == std::string::npos ? "" : word.substr(0, slash + 1);
  std::error_code error;
  for (fs::directory_iterator entry(folder.empty() ? "." : folder, error), end; !error && entry != end;
       entry.increment(error)) {
    const std::string name = entry->path().filename();
    if (name.starts_with('.') && word.size() == folder.size()) continue;
    std::error_code no_matter;
    const bool is_folder = entry->is_directory(no_matter);
    const bool fits = std::any_of(endings.begin(), endings.end(), [&](const auto& end) { return name.ends_with(end); });
    if (is_folder || fits) candidates.push_back(folder + name + (is_folder ? "/" : ""));
  }
}

/// Everything that `--set` can reach: parameters of the graph, then those of its nodes by path.
void add_settings(const Line& line, Program& program, std::vector<std::string>& candidates) {
  if (line.graph.empty()) return;
  graph::Diagnostics unused;
  graph::CheckOptions options;
  options.with_variants = false;
  const graph::Checked checked = graph::check(line.graph, options, program.plugins(), unused);
  if (line.word.find('.') == std::string::npos) {
    const graph::Document document = graph::Library().load(line.graph);
    for (const std::string& name : graph::read_graph_file(document.root, line.graph, unused).param_names())
      candidates.push_back(name + '=');
    return;
  }
  if (!checked.typed) return;
  for (const graph::FlatNode& node : checked.graph().nodes) {
    for (const std::string& name : node.spec->param_names()) candidates.push_back(text(node.path, '.', name, '='));
  }
}

/// What can be peeked at: outputs of nodes that are pictures.
void add_streams(const Line& line, Program& program, std::vector<std::string>& candidates) {
  if (line.graph.empty()) return;
  graph::Diagnostics unused;
  graph::CheckOptions options;
  options.with_variants = false;
  const graph::Checked checked = graph::check(line.graph, options, program.plugins(), unused);
  if (!checked.typed) return;
  for (const graph::FlatNode& node : checked.graph().nodes) {
    const auto& outputs = node.spec->outputs;
    for (const PortSpec& output : outputs)
      candidates.push_back(outputs.size() == 1 ? node.path : text(node.path, '.', output.name));
  }
}

void add_values(const Line& line, Program& program, std::vector<std::string>& candidates) {
  static const std::map<std::string, std::vector<std::string>> words = {
      {"--format", {"text", "json"}},
      {"--precision", {"f32", "bf16"}},
      {"--device", {"cpu", "cuda"}},
      {"--type", {"keep", "f32", "bf16", "f16"}},
  };
  const std::string name = line.option->get_name();
  const auto known = words.find(name);
  if (known != words.end()) {
    candidates = known->second;
  } else if (name == "--set") {
    add_settings(line, program, candidates);
  } else if (name == "--peek") {
    add_streams(line, program, candidates);
  } else if (name == "--layout") {
    const NodeSpec* looker = program.plugins().find("media.check_data");
    const ParamSpec* layout = looker ? looker->find_param("layout") : nullptr;
    if (layout) candidates = layout->choices;
  } else if (name == "--only") {
    candidates = program.plugins().types();
  }  // all others: files, which the shell knows
}

void add_arguments(const Line& line, Program& program, std::vector<std::string>& candidates) {
  const std::string verb = line.verb->get_name(),
                    of = line.verb->get_parent() ? line.verb->get_parent()->get_name() : "";
  static const std::set<std::string> graph_verbs = {"run", "train", "eval", "check", "plan", "graph", "pack", "fill"};
  if (graph_verbs.contains(verb)) {
    if (line.arguments == 0) add_paths(line.word, {".toml"}, candidates);
  } else if (of == "weights") {
    add_paths(line.word, {".safetensors", ".pth", ".toml"}, candidates);
  } else if (verb == "nodes") {
    candidates = program.plugins().types();
  } else if (verb == "explain") {
    for (const graph::Explanation& row : graph::explanations()) candidates.emplace_back(row.code);
  } else if (verb == "completion") {
    for (const auto& [shell, script] : kScripts) candidates.push_back(shell);
  } else if (of == "plugin") {
    add_paths(line.word, {".so"}, candidates);
  }
}

void add_options(const CLI::App& verb, std::vector<std::string>& candidates) {
  for (const CLI::App* one : with_parents(verb)) {
    for (const CLI::Option* option : one->get_options()) {
      for (const std::string& name : option->get_lnames()) candidates.push_back("--" + name);
    }
  }
}

}  // namespace

void complete(const CLI::App& app, const std::vector<std::string>& words, Program& program) {
  const Line line = read_line(app, words);
  std::vector<std::string> candidates;
  try {
    if (line.option) {
      add_values(line, program, candidates);
    } else if (line.word.starts_with('-')) {
      add_options(*line.verb, candidates);
    } else {
      if (line.arguments == 0) {
        for (const CLI::App* verb : line.verb->get_subcommands({})) candidates.push_back(verb->get_name());
      }
      add_arguments(line, program, candidates);
    }
  } catch (const Error&) {  // a graph that cannot be read has nothing to offer
    candidates.clear();
  }
  std::sort(candidates.begin(), candidates.end());
  candidates.erase(std::unique(candidates.begin(), candidates.end()), candidates.end());
  for (const std::string& candidate : candidates) {
    if (candidate.starts_with(line.word)) std::cout << candidate << '\n';
  }
}

void add_completion_verb(CLI::App& app, Program& program) {
  CLI::App* verb = app.add_subcommand("completion", "Prints a shell script that completes weft's commands");
  auto shell = std::make_shared<std::string>();
  verb->add_option("shell", *shell, "bash, zsh or fish")
      ->required()
      ->check(CLI::IsMember({"bash", "zsh", "fish"}))
      ->type_name("");
  verb->callback([shell, &program] { program.action = [shell] { return print_script(*shell); }; });
}

}  // namespace weft::cli
