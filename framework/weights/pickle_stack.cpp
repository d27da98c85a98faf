#include "framework/weights/pickle_stack.h"

#include "framework/weights/mapped_file.h"

namespace weft::weights {
namespace {

constexpr Pickle::Ref kNothing = UINT32_MAX;

}  // namespace

Error PickleStack::broken(const std::string& what) const {
  return damaged(path_, "its pickle " + what);
}

std::vector<Pickle::Ref> PickleStack::pop(size_t count) {
  const size_t free = stack_.size() - (marks_.empty() ? 0 : marks_.back());
  if (count > free) throw broken("takes more from its stack than the stack holds");
  std::vector<Ref> refs(stack_.end() - static_cast<std::ptrdiff_t>(count), stack_.end());
  stack_.resize(stack_.size() - count);
  return refs;
}

Pickle::Ref PickleStack::top() {
  const Ref ref = pop();
  push(ref);
  return ref;
}

std::vector<Pickle::Ref> PickleStack::pop_to_mark() {
  if (marks_.empty()) throw broken("closes a list that was never opened");
  std::vector<Ref> refs = pop(stack_.size() - marks_.back());
  marks_.pop_back();
  return refs;
}

void PickleStack::remember(uint64_t place, uint64_t position) {
  if (place > position) throw broken("numbers what it remembers without measure");
  if (place >= memo_.size()) memo_.resize(place + 1, kNothing);
  memo_[place] = top();
}

void PickleStack::recall(uint64_t place) {
  if (place >= memo_.size() || memo_[place] == kNothing) throw broken("reads a memo entry that was never written");
  push(memo_[place]);
}

}  // namespace weft::weights
