#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

namespace weft::run {

/// The lane of the thread that computes.
inline constexpr const char* kComputeLane = "compute";

/// When each node worked, for chrome://tracing and ui.perfetto.dev, or only how long in all.
class Trace {
 public:
  using Clock = std::chrono::steady_clock;
  /// How each file begins that write() makes.
  static constexpr std::string_view kBeginning = "{\"displayTimeUnit\": \"ms\", \"traceEvents\": [";
  enum class Keeps {
    Events,  ///< each call, for write(); memory grows with the run
    Sums     ///< only what sums() gives
  };
  /// What something did in all.
  struct Sum {
    std::string name, lane;
    int64_t calls = 0;
    double seconds = 0;
  };

  explicit Trace(Keeps keeps = Keeps::Events) : keeps_(keeps) {}

  /// Something that `lane` (a thread, such as "compute" or "read labels") did at `frame`.
  void add(const std::string& name, const std::string& lane, int64_t frame, Clock::time_point begin,
           Clock::time_point end);
  /// @throws Error  when the file cannot be written
  void write(const std::string& file) const;
  /// Those that took most time come first.
  std::vector<Sum> sums() const;

 private:
  struct Event {
    std::string name;
    int lane;
    int64_t frame;
    double begin_us, length_us;
  };
  struct Total {
    int64_t calls = 0;
    double seconds = 0;
  };
  Keeps keeps_;
  mutable std::mutex mutex_;
  Clock::time_point start_ = Clock::now();
  std::map<std::string, int> lanes_;
  std::vector<Event> events_;
  std::map<int, std::map<std::string, Total>> totals_;  ///< by lane and name
};

/// Adds what happens until the end of the block to a trace, where there is one.
class TraceScope {
 public:
  TraceScope(Trace* trace, const std::string& name, const std::string& lane, int64_t frame)
      : trace_(trace), name_(name), lane_(lane), frame_(frame) {
    if (trace_) begin_ = Trace::Clock::now();
  }
  ~TraceScope();
  TraceScope(const TraceScope&) = delete;
  TraceScope& operator=(const TraceScope&) = delete;

 private:
  Trace* trace_;
  const std::string& name_;
  const std::string& lane_;
  int64_t frame_;
  Trace::Clock::time_point begin_;
};

}  // namespace weft::run
