#pragma once

#include "framework/base/error.h"
#include "framework/weights/pickle.h"

#include <string>
#include <vector>

namespace weft::weights {

/// The stack on which the instructions of a pickle work, and the memo from which they take items again.
///
/// What lies above the last mark belongs to the container that is being made.
class PickleStack {
 public:
  using Ref = Pickle::Ref;

  /// @param path  the file, for messages
  explicit PickleStack(std::string path) : path_(std::move(path)) {}

  void push(Ref ref) { stack_.push_back(ref); }
  void mark() { marks_.push_back(stack_.size()); }

  /// The last `count` items, the last one at the end.
  /// @throws Error  when fewer lie above the mark
  std::vector<Ref> pop(size_t count);
  Ref pop() { return pop(1).front(); }
  /// The last item, which stays.
  Ref top();
  /// All items above the mark, and the mark.
  /// @throws Error  when there is no mark
  std::vector<Ref> pop_to_mark();

  /// Remembers the last item. Places are numbered in order, and each takes an instruction.
  /// @param position  bytes that were read up to here; no place is higher
  /// @throws Error  when the place is
  void remember(uint64_t place, uint64_t position);
  /// Pushes what was remembered.
  /// @throws Error  when nothing was
  void recall(uint64_t place);
  /// The place after the last one.
  uint64_t next_place() const { return memo_.size(); }

 private:
  Error broken(const std::string& what) const;

  std::string path_;
  std::vector<Ref> stack_;
  std::vector<size_t> marks_;
  std::vector<Ref> memo_;
};

}  // namespace weft::weights
