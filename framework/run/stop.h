#pragma once

#include <atomic>
#include <chrono>
#include <future>
#include <memory>
#include <utility>

namespace weft::run {

/// Not 0 when the run is asked to stop. Signal handlers set it.
using StopFlag = std::atomic<int>;

/// What ends the wait for a source when the run is asked to stop. It is no failure: sessions and trainings catch it, and
/// save what there is.
struct Stopped {};

/// How often a wait looks at the flag, which a signal handler can set but not announce.
constexpr std::chrono::milliseconds kLookAtFlagEvery(20);

inline void throw_if_stopped(const StopFlag* stop) {
  if (stop && stop->load() != 0) throw Stopped();
}

/// Waits for what goes on in a thread of its own.
/// @throws Stopped  when the run is asked to stop before it is over; it goes on then
template <typename Result>
void wait_for(const std::future<Result>& work, const StopFlag* stop) {
  while (work.wait_for(kLookAtFlagEvery) != std::future_status::ready) throw_if_stopped(stop);
}

/// Does what may wait without end, such as opening a pipe that nobody writes to.
class Patience {
 public:
  explicit Patience(const StopFlag* stop) : stop_(stop) {}

  /// @returns what `work` returns. What it uses must live until this object is gone, which waits for it
  /// @throws Stopped  when the run is asked to stop before that; the work goes on then
  template <typename Work>
  auto wait_for(Work work) -> decltype(work()) {
    if (!stop_) return work();
    auto going_on = std::make_shared<std::future<decltype(work())>>(std::async(std::launch::async, std::move(work)));
    left_ = going_on;
    run::wait_for(*going_on, stop_);
    left_.reset();
    return going_on->get();
  }

 private:
  const StopFlag* stop_;
  std::shared_ptr<void> left_;  ///< what goes on
};

}  // namespace weft::run
