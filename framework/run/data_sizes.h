#pragma once

#include "framework/graph/plan.h"
#include "framework/node/value.h"

#include <span>
#include <string>
#include <vector>

namespace weft::run {

/// Compares the sizes of a tensor with those of a stream, and learns those that are not known yet.
/// @returns whether they are as many and none differs
bool unify(Symbols& symbols, const Dims& dims, at::IntArrayRef sizes);

/// The sizes that only the data of a sequence knows. They are learnt from the first outputs of each step, which are
/// compared with what the check found.
class DataSizes {
 public:
  /// @param plan  must outlive the object
  explicit DataSizes(const graph::Plan& plan);

  /// Forgets what an earlier sequence had.
  void begin_sequence();
  /// Learns from the outputs of a step; only the first ones of a sequence matter.
  /// @param is_input  whether the values come from data: then these are at fault where they do not fit
  /// @throws Error  (Exit::Data, Exit::Failed) for outputs of other sizes than the graph allows
  void learn(const graph::Step& step, std::span<const Value> outputs, bool is_input);

  /// The sizes of one frame of a read.
  /// @param inside_window  whether the read's type is that of a window, of which one frame is asked for
  /// @throws Error  (Exit::Graph) when they are not known
  std::vector<int64_t> frame_sizes(const graph::FlatNode& reader, const graph::Read& read, bool inside_window) const;

  const Symbols& symbols() const { return symbols_; }

 private:
  void check_divisions() const;

  const graph::Plan& plan_;
  Symbols symbols_;
  std::vector<char> is_learnt_;  ///< by step
};

}  // namespace weft::run
