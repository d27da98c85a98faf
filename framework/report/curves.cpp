#include "framework/report/curves.h"

#include "framework/base/error.h"
#include "framework/base/text.h"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <cmath>
#include <fstream>

namespace weft::report {
namespace {

constexpr size_t kLongestLine = 1 << 20;  // bytes; a record of a hundred losses has 4,000
constexpr double kMostFrames = 1e12;

/// Reads a line, of a longer one than any record has the beginning. @returns false at the end
bool read_line(std::istream& in, std::string& line) {
  line.clear();
  for (int c = in.get(); c != std::istream::traits_type::eof(); c = in.get()) {
    if (c == '\n') return true;
    if (line.size() < kLongestLine) line += static_cast<char>(c);
  }
  return !line.empty();
}

/// The JSON of a record, whose numbers are one level below it. Anything else is no object.
nlohmann::json parse_flat(const std::string& line) {
  bool is_flat = true;
  const auto look = [&](int depth, nlohmann::json::parse_event_t, const nlohmann::json&) {
    is_flat = is_flat && depth <= 2;
    return is_flat;
  };
  nlohmann::json record = nlohmann::json::parse(line, look, /*allow_exceptions=*/false);
  return is_flat ? record : nlohmann::json();
}

std::string text_in(const nlohmann::json& record, const char* name) {
  const auto found = record.find(name);
  return found != record.end() && found->is_string() ? found->get<std::string>() : "";
}

double number_in(const nlohmann::json& record, const char* name) {
  const auto found = record.find(name);
  const double number = found != record.end() && found->is_number() ? found->get<double>() : 0;
  return number >= 0 && number <= kMostFrames ? number : 0;
}

}  // namespace

void Curve::add(int64_t step, double number) {
  if (!std::isfinite(number)) return;
  ++count_;
  last_ = number;
  if (points_.empty() || points_.back().count >= joins_) {
    if (points_.size() == kMost) {
      for (size_t i = 0; i < kMost / 2; ++i) {
        const Point &one = points_[2 * i], &other = points_[2 * i + 1];
        points_[i] = {one.first,
                      other.last,
                      one.count + other.count,
                      one.sum + other.sum,
                      std::min(one.low, other.low),
                      std::max(one.high, other.high)};
      }
      points_.resize(kMost / 2);
      joins_ *= 2;
    }
    points_.push_back({step, step, 1, number, number, number});
    return;
  }
  Point& point = points_.back();
  point.last = step;
  ++point.count;
  point.sum += number;
  point.low = std::min(point.low, number);
  point.high = std::max(point.high, number);
}

void Curves::add(const std::string& stage, int64_t step, const std::map<std::string, double>& numbers) {
  if (stages_.empty() || stages_.back().name != stage) stages_.push_back({stage, step});
  for (const auto& [name, number] : numbers) curves_[name].add(step, number);
}

std::string Curves::read_log(const std::string& file) {
  std::ifstream in(file, std::ios::binary);
  Place first;
  int64_t left_out = 0;
  int number = 0;
  for (std::string line; read_line(in, line);) {
    ++number;
    if (add_record(line)) continue;
    if (left_out++ == 0) first = {file, number, 0};
  }
  if (left_out == 0) return {};
  return text(first, ": ", count_text(left_out, "line"), " of the log from here on ", left_out == 1 ? "is" : "are",
              " damaged or out of order, and left out of the curves");
}

/// @returns whether it is a record in its place
bool Curves::add_record(const std::string& line) {
  const nlohmann::json record = parse_flat(line);
  if (!record.is_object()) return false;
  const std::string level = text_in(record, "level");
  if (level == "start") begun_ = text_in(record, "text");
  if (level != "step") return !level.empty();
  const auto step = record.find("step"), written = record.find("numbers");
  if (step == record.end() || !step->is_number_integer() || written == record.end() || !written->is_object())
    return false;
  if (step->get<int64_t>() <= last_step_) return false;
  last_step_ = step->get<int64_t>();
  std::map<std::string, double> numbers;
  for (const auto& [name, value] : written->items()) {
    if (value.is_number()) numbers[name] = value.get<double>();
  }
  add(text_in(record, "stage"), last_step_,
      with_speed(std::move(numbers), static_cast<int64_t>(number_in(record, "frames")), number_in(record, "seconds")));
  return true;
}

std::map<std::string, double> with_speed(std::map<std::string, double> numbers, int64_t frames, double seconds) {
  if (seconds > 0) numbers["frames per second"] = static_cast<double>(frames) / seconds;
  return numbers;
}

}  // namespace weft::report
