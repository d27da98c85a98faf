#pragma once

#include "framework/run/row.h"
#include "framework/run/source_group.h"

#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace weft::run {

/// The sequences of a run, one batch after the other.
///
/// Sequences form a batch only if each source has the same number of frames for all of them: the results are then those of
/// single runs. Consecutive sequences form a batch; a sequence that is longer, shorter or of unknown length waits for the
/// next batch.
class Sequences {
 public:
  /// @param sources  with as many rows as a batch has at most; must outlive the object
  explicit Sequences(SourceGroup& sources);

  /// The names of all sequences, if the sources know them beforehand (SourceGroup::names).
  const std::optional<std::vector<std::string>>& names();
  /// Opens the next sequences. Sequences whose names `is_done` accepts are skipped without being read.
  /// @returns at least one row; none when there is no further sequence
  /// @throws Error  (Data) where SourceGroup::open() says so
  std::vector<Row> next(const std::function<bool(const std::string&)>& is_done);
  /// The number of skipped sequences.
  int64_t passed_over() const { return passed_over_; }

 private:
  using IsDone = std::function<bool(const std::string&)>;

  std::optional<Row> open_next(size_t place, const IsDone& is_done);
  void pass_over(const IsDone& is_done);

  SourceGroup& sources_;
  std::vector<size_t> places_;                                    ///< of the rows of a batch in the sources
  std::optional<std::optional<std::vector<std::string>>> names_;  ///< once they were asked for
  std::optional<Row> waiting_;                                    ///< opened for the next batch
  uint64_t index_ = 0;                                            ///< of the next sequence
  int64_t passed_over_ = 0;
};

}  // namespace weft::run
