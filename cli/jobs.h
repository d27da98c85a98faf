#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>

namespace weft::cli {

/// What run_jobs() does.
struct Jobs {
  size_t count = 0;  ///< pieces of work, begun in their order
  int64_t at_a_time = 1;
  std::function<void(size_t number)> work;
  std::function<bool()> stops;  ///< whether no more is to be begun
  /// Takes the memory of one more where that is free, or must be, as the first of all that run always goes on.
  /// @returns whether one more begins
  std::function<bool(bool must_be)> takes_room;
};

/// Does pieces of work, several at a time: the first of them at once, others as soon as there is room. Returns when all that was
/// begun has ended.
/// @throws what a piece of work throws; nothing is begun after it
void run_jobs(const Jobs& jobs);

}  // namespace weft::cli
