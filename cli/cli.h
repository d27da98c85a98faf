#pragma once

#include "framework/base/error.h"
#include "framework/base/log.h"
#include "framework/graph/check.h"
#include "framework/plugin/plugins.h"

#include <CLI/CLI.hpp>

#include <functional>
#include <limits>
#include <memory>
#include <string>
#include <vector>

namespace weft::cli {

/// What all verbs share.
struct Program {
  Log::Level log_level = Log::Level::Normal;
  std::unique_ptr<Log> log;
  /// What the chosen verb does, once the whole command line is read.
  std::function<Exit()> action;

  /// Keeps what threads may still be at work in when the command is over, as one that waits for a source's next frame.
  /// The process ends without destroying it.
  template <typename T>
  T& keep(std::shared_ptr<T> kept) {
    kept_.push_back(kept);
    return *kept;
  }

  /// The plugins next to the program and in WEFT_PLUGIN_PATH.
  const plugin::Plugins& plugins();

 private:
  std::unique_ptr<plugin::Plugins> plugins_;
  std::vector<std::shared_ptr<void>> kept_;
};

void add_ablate_verb(CLI::App& app, Program& program);
void add_check_verb(CLI::App& app, Program& program);
void add_completion_verb(CLI::App& app, Program& program);
void add_data_verb(CLI::App& app, Program& program);
void add_doctor_verb(CLI::App& app, Program& program);
void add_eval_verb(CLI::App& app, Program& program);
void add_explain_verb(CLI::App& app, Program& program);
void add_graph_verb(CLI::App& app, Program& program);
void add_new_verb(CLI::App& app, Program& program);
void add_new_graph_verb(CLI::App& verb, Program& program);
void add_nodes_verb(CLI::App& app, Program& program);
void add_pack_verb(CLI::App& app, Program& program);
void add_plan_verb(CLI::App& app, Program& program);
void add_plugin_verb(CLI::App& app, Program& program);
void add_run_verb(CLI::App& app, Program& program);
void add_study_verb(CLI::App& app, Program& program);
void add_train_verb(CLI::App& app, Program& program);
void add_weights_verb(CLI::App& app, Program& program);

/// Prints what the last of `words`, those behind `weft` on a command line, may become: one candidate a line.
void complete(const CLI::App& app, const std::vector<std::string>& words, Program& program);

/// The JSON schema of graph files, for editors: tables, keys, node types with their parameters.
std::string schema_text(const NodeCatalogue& catalogue);

/// The graph file and the settings laid on it, for verbs that take a graph.
struct GraphArguments {
  std::string file;
  std::vector<std::string> settings;
  std::vector<std::string> inputs;
  std::string variant;

  void add_to(CLI::App& verb);
  /// `--variant`, for verbs that run, train, check or draw one graph.
  void add_variant_to(CLI::App& verb);
  /// `--with`, for verbs that look at a part without running it.
  void add_inputs_to(CLI::App& verb);
  /// @throws Error  (Exit::Usage) when a setting cannot be read
  graph::CheckOptions options() const;
  /// @throws Error  (Exit::Usage) when a file to be written, of `-o`, is the graph
  void refuse_as_output(const std::string& output) const;
};

/// Adds `--format text|json`.
void add_format(CLI::App& verb, std::string& format);

/// Takes whole numbers from `least` to `most`.
CLI::Validator whole_number_from(int64_t least, int64_t most = std::numeric_limits<int64_t>::max());

/// Reads and checks the graph; prints warnings to stderr.
/// @throws Error  (Exit::Graph, or Exit::Plugin when plugins were refused) with all errors
graph::Checked read_checked(const GraphArguments& arguments, const graph::CheckOptions& options, Program& program);

/// A file with variants, a grid or seeds stands for many runs.
/// @throws Error  (Exit::Graph) for such a file, unless `--variant` chooses one
void refuse_experiments(const graph::Checked& checked, const GraphArguments& arguments);

/// Text in columns: cells of one column are as wide as the widest of them.
class Columns {
 public:
  /// @param row  cells, which may come from files: they are shown printable
  void add(const std::vector<std::string>& row);
  std::string text(const std::string& indent = "") const;

 private:
  std::vector<std::vector<std::string>> rows_;
};

}  // namespace weft::cli
