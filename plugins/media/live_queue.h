#pragma once

#include <condition_variable>
#include <cstdint>
#include <deque>
#include <exception>
#include <mutex>
#include <optional>
#include <utility>

namespace weft::media {

/// What to do with a frame that comes while the queue is full.
enum class OnFull {
  Drop,  ///< the frame that has waited longest makes room
  Wait   ///< the sender waits, as far as it can
};

/// Frames that wait for the graph, at most so many: one thread pushes, another one pops.
template <typename T>
class LiveQueue {
 public:
  LiveQueue(int64_t capacity, OnFull on_full) : capacity_(static_cast<size_t>(capacity)), on_full_(on_full) {}

  /// @returns false when nobody takes any more
  bool push(T value) {
    std::unique_lock lock(mutex_);
    if (on_full_ == OnFull::Wait) changed_.wait(lock, [&] { return is_given_up_ || waiting_.size() < capacity_; });
    if (is_given_up_) return false;
    if (waiting_.size() == capacity_) {
      waiting_.pop_front();
      ++dropped_;
    }
    waiting_.push_back(std::move(value));
    changed_.notify_all();
    return true;
  }

  /// No more come. @param fault  what pop() throws behind the last; nullptr for an ordinary end
  void end(std::exception_ptr fault) {
    const std::lock_guard lock(mutex_);
    fault_ = std::move(fault);
    is_over_ = true;
    changed_.notify_all();
  }

  /// Waits for one; nothing at the end.
  std::optional<T> pop() {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [&] { return is_over_ || !waiting_.empty(); });
    if (waiting_.empty()) {
      if (fault_) std::rethrow_exception(std::exchange(fault_, nullptr));
      return {};
    }
    T value = std::move(waiting_.front());
    waiting_.pop_front();
    changed_.notify_all();
    return value;
  }

  /// None is taken any more; whoever waits to push goes on.
  void give_up() {
    const std::lock_guard lock(mutex_);
    is_given_up_ = true;
    changed_.notify_all();
  }

  /// How many made room for others.
  int64_t dropped() const {
    const std::lock_guard lock(mutex_);
    return dropped_;
  }

 private:
  const size_t capacity_;
  const OnFull on_full_;
  mutable std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<T> waiting_;
  int64_t dropped_ = 0;
  bool is_over_ = false, is_given_up_ = false;
  std::exception_ptr fault_;
};

}  // namespace weft::media
