#include "framework/run/trace.h"

#include "framework/base/error.h"
#include "framework/base/text.h"
#include "framework/weights/json_text.h"

#include <algorithm>
#include <cstdio>
#include <fstream>

namespace weft::run {

void Trace::add(const std::string& name, const std::string& lane, int64_t frame, Clock::time_point begin,
                Clock::time_point end) {
  const std::chrono::duration<double, std::micro> since = begin - start_, length = end - begin;
  const std::lock_guard lock(mutex_);
  const int number = lanes_.emplace(lane, static_cast<int>(lanes_.size())).first->second;
  Total& total = totals_[number][name];
  ++total.calls;
  total.seconds += length.count() * 1e-6;
  if (keeps_ == Keeps::Events) events_.push_back({name, number, frame, since.count(), length.count()});
}

std::vector<Trace::Sum> Trace::sums() const {
  const std::lock_guard lock(mutex_);
  std::vector<Sum> sums;
  for (const auto& [lane, number] : lanes_) {
    const auto of_lane = totals_.find(number);
    if (of_lane == totals_.end()) continue;
    for (const auto& [name, total] : of_lane->second) sums.push_back({name, lane, total.calls, total.seconds});
  }
  std::stable_sort(sums.begin(), sums.end(), [](const Sum& a, const Sum& b) { return a.seconds > b.seconds; });
  return sums;
}

void Trace::write(const std::string& file) const {
  const std::lock_guard lock(mutex_);
  std::ofstream out(file);
  out << kBeginning << '\n';
  out << R"({"ph": "M", "pid": 1, "name": "process_name", "args": {"name": "weft"}})";
  for (const auto& [lane, number] : lanes_) {
    out << ",\n"
        << R"({"ph": "M", "pid": 1, "tid": )" << number << R"(, "name": "thread_name", "args": {"name": )"
        << weights::json_quoted(lane) << "}}";
  }
  char times[80];
  for (const Event& event : events_) {
    std::snprintf(times, sizeof times, "\"ts\": %.3f, \"dur\": %.3f", event.begin_us, event.length_us);
    out << ",\n"
        << R"({"ph": "X", "pid": 1, "tid": )" << event.lane << ", \"name\": " << weights::json_quoted(event.name)
        << ", " << times << R"(, "args": {"frame": )" << event.frame << "}}";
  }
  out << "\n]}\n";
  out.close();
  if (!out) throw Error(Exit::Failed, text("--trace: ", file, " cannot be written"));
}

TraceScope::~TraceScope() {
  if (!trace_) return;
  try {
    trace_->add(name_, lane_, frame_, begin_, Trace::Clock::now());
  } catch (const std::bad_alloc&) {  // a destructor lets nothing out; a trace without this entry is still one
  }
}

}  // namespace weft::run
