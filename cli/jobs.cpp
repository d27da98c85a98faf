#include "cli/jobs.h"

#include <atomic>
#include <chrono>
#include <exception>
#include <mutex>
#include <thread>
#include <vector>

namespace weft::cli {
namespace {

constexpr std::chrono::milliseconds kLook(200);

class Workers {
 public:
  explicit Workers(const Jobs& jobs) : jobs_(jobs) {}

  void run() {
    std::vector<std::thread> others;
    for (int64_t i = 1; i < jobs_.at_a_time; ++i) others.emplace_back([this] { work_safely(/*is_first=*/false); });
    work_safely(/*is_first=*/true);
    for (std::thread& other : others) other.join();
    if (failure_) std::rethrow_exception(failure_);
  }

 private:
  void work_safely(bool is_first) {
    try {
      while (!has_failed_ && !jobs_.stops() && next_ < jobs_.count) {
        if (jobs_.takes_room(is_first)) {
          const size_t number = next_.fetch_add(1);
          if (number < jobs_.count) jobs_.work(number);
        } else {
          std::this_thread::sleep_for(kLook);
        }
      }
    } catch (...) {  // the border of a thread
      const std::lock_guard lock(mutex_);
      failure_ = std::current_exception();
      has_failed_ = true;
    }
  }

  const Jobs& jobs_;
  std::atomic<size_t> next_ = 0;
  std::atomic<bool> has_failed_ = false;
  std::mutex mutex_;
  std::exception_ptr failure_;
};

}  // namespace

void run_jobs(const Jobs& jobs) {
  Workers(jobs).run();
}

}  // namespace weft::cli
