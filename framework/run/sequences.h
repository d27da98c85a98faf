#pragma once

#include "framework/graph/flat_graph.h"
#include "framework/node/node.h"
#include "framework/run/row_nodes.h"
#include "framework/run/source_needs.h"

#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace weft::run {

/// Iterates over the sequences of all sources of a graph in parallel: the first sequences of all sources belong together,
/// then the second ones, and so on.
///
/// Sequences form a batch only if each source has the same number of frames for all of them: the results are then those of
/// single runs. Consecutive sequences form a batch; a sequence that is longer, shorter or of unknown length waits for the
/// next batch.
class Sequences {
 public:
  struct Source {
    const graph::FlatNode* description = nullptr;
    bool is_still = false;
    Node* node = nullptr;      ///< its own node, or
    RowNodes* rows = nullptr;  ///< those of a batch
    SourceNeed need;
  };

  /// @param settings      how frames are paired
  /// @param batch         rows at most
  /// @param is_pushed     whether the program gives frames, of a whole batch: then static sources fill all rows
  /// @param make_context  for the node of a source
  Sequences(std::vector<Source> sources, const graph::RunSettings& settings, size_t batch, bool is_pushed,
            std::function<Context(const graph::FlatNode&)> make_context);

  bool has_sources() const { return !sources_.empty(); }
  /// The names of all sequences, if the sources know them beforehand; the first source with several sequences sets them.
  /// @throws Error  (Data) when other sources have another number of sequences, or other names
  const std::optional<std::vector<std::string>>& names();
  /// Opens the next sequences. Sequences whose names `is_done` accepts are skipped without being read.
  /// @returns at least one row; none when there is no further sequence
  /// @throws Error  (Data) when some sources have more sequences than others, or pair_frames() says so
  std::vector<Row> next(const std::function<bool(const std::string&)>& is_done);
  /// The number of skipped sequences.
  int64_t passed_over() const { return passed_over_; }

 private:
  std::optional<std::vector<std::string>> find_names();
  Node& node_of(Source& source, size_t row) const;
  std::optional<std::string> open_next(Source& source, size_t row);
  static void add_facts(Node& source, Row& opened);
  bool open(size_t row, Row& opened);
  std::optional<Row> open_one(size_t place, const std::function<bool(const std::string&)>& is_done);
  std::vector<std::optional<int64_t>> lengths(size_t row);
  void pass_over(const std::function<bool(const std::string&)>& is_done);

  std::vector<Source> sources_;
  graph::RunSettings settings_;
  size_t batch_;
  bool is_pushed_;
  std::function<Context(const graph::FlatNode&)> make_context_;
  std::vector<std::vector<size_t>> positions_;                    ///< [source][row]: sequences that the node has passed
  std::optional<std::optional<std::vector<std::string>>> names_;  ///< once they were asked for
  std::optional<Row> waiting_;                                    ///< opened for the next batch
  size_t waiting_place_ = 0;                                      ///< the row in which it is open
  size_t index_ = 0;                                              ///< of the next sequence
  int64_t passed_over_ = 0;
};

}  // namespace weft::run
