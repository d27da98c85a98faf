#pragma once

#include "framework/graph/plan.h"
#include "framework/node/factory.h"
#include "framework/run/paired_source.h"
#include "framework/run/row.h"
#include "framework/run/source_needs.h"

#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace weft::run {

/// The sources of a plan, once for each row of a batch, so that every sequence is read as it would be alone. All sources of
/// a row have the same sequence open: the first sequences of all sources belong together, then the second ones, and so on.
class SourceGroup {
 public:
  /// @param plan     must outlive the group
  /// @param context  what the sources may know of the run; its node is set for each
  /// @param needs    by node of the plan's graph
  SourceGroup(const graph::Plan& plan, const NodeFactory& factory, size_t rows, Context context,
              std::vector<SourceNeed> needs);
  SourceGroup(const graph::Plan& plan, const NodeFactory& factory, size_t rows, const Context& context)
      : SourceGroup(plan, factory, rows, context, source_needs(plan)) {}

  size_t rows() const { return rows_; }
  bool has_sources() const { return !members_.empty(); }
  /// The source of a step in each row; empty where the step is none.
  std::vector<Source*> of_step(int step) const;

  /// The names of all sequences, if the sources know them beforehand; the first source with several sequences sets them.
  /// @throws Error  (Data) when other sources have another number of sequences, or other names
  std::optional<std::vector<std::string>> names();
  /// Opens a sequence, which must not be before the one that is open, in all sources of a row; those between are skipped
  /// without being read. A static source that has no sequence of its own for it keeps the last one.
  /// @returns its name; nothing when no source has such a sequence
  /// @throws Error  (Data) when some sources have it and others do not, or pair_frames() says so
  std::optional<std::string> open(size_t row, size_t index);
  /// What the sources know of the sequence that is open in a row: names of frames, and how it runs in time.
  void add_facts(Row& row) const;

  /// By step of the plan, of sources the frames that all these rows have, as Timeline takes them.
  std::vector<int64_t> lengths(const std::vector<Row>& rows) const;
  /// By source that is not static, the frames of a row.
  std::vector<std::optional<int64_t>> lengths(size_t row) const;

 private:
  struct Member {
    int step = 0;
    bool is_still = false;
    const graph::FlatNode* description = nullptr;
    SourceNeed need;
    bool draws_clips = false;                          ///< at random, in training
    std::vector<std::unique_ptr<PairedSource>> nodes;  ///< by row
    std::vector<size_t> positions;                     ///< by row: sequences that the node has passed
  };

  void find_clips();
  void check_order(const Member& member, const graph::FlatNode& drawing);
  std::optional<std::string> open(Member& member, size_t row, size_t index);
  Context context_of(const Member& member) const;

  size_t rows_;
  size_t steps_;
  graph::RunSettings settings_;
  Context context_;
  bool is_pushed_ = false;  ///< whether the program gives frames
  bool has_clips_ = false;  ///< whether find_clips() was called
  std::vector<Member> members_;
};

}  // namespace weft::run
