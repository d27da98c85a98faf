#pragma once

#include "framework/run/stop.h"

#include <condition_variable>
#include <deque>
#include <mutex>
#include <optional>
#include <utility>

namespace weft::run {

/// Hands values from one thread to another, at most `capacity` at a time, so that neither runs far ahead of the other.
template <typename T>
class BoundedQueue {
 public:
  explicit BoundedQueue(size_t capacity) : capacity_(capacity) {}

  /// Waits for room. @returns false when the queue was closed; the value is dropped then
  bool push(T value) {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [&] { return closed_ || values_.size() < capacity_; });
    if (closed_) return false;
    values_.push_back(std::move(value));
    changed_.notify_all();
    return true;
  }

  /// Waits for a value. @returns nothing when the queue was closed and is empty
  /// @throws Stopped  when there is none yet and the run is asked to stop
  std::optional<T> pop(const StopFlag* stop = nullptr) {
    std::unique_lock lock(mutex_);
    const auto is_over = [&] { return closed_ || !values_.empty(); };
    while (!changed_.wait_for(lock, kLookAtFlagEvery, is_over)) throw_if_stopped(stop);
    if (values_.empty()) return {};
    T value = std::move(values_.front());
    values_.pop_front();
    changed_.notify_all();
    return value;
  }

  /// No more values come; what is in the queue can still be popped.
  void close() {
    const std::lock_guard lock(mutex_);
    closed_ = true;
    changed_.notify_all();
  }

 private:
  const size_t capacity_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<T> values_;
  bool closed_ = false;
};

}  // namespace weft::run
