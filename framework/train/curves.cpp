#include "framework/train/curves.h"

#include "framework/base/error.h"
#include "framework/base/text.h"
#include "framework/nn/json_text.h"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <cmath>
#include <fstream>

namespace weft::train {

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

void Curves::read_log(const std::string& file) {
  std::ifstream in(file);
  int number = 0;
  for (std::string line; std::getline(in, line);) {
    ++number;
    try {
      read_line(line);
    } catch (const Error&) {
      throw Error(Exit::Data, Place{file, number, 0}, "is not a line of JSON");
    } catch (const nlohmann::json::exception&) {
      throw Error(Exit::Data, Place{file, number, 0}, "is not a line of JSON as training writes it");
    }
  }
}

void Curves::read_line(const std::string& line) {
  const nlohmann::json record = nn::parse_json("the line", line);
  const std::string level = record.value("level", "");
  if (level == "start") begun_ = record.value("text", "");
  if (level != "step" || !record.contains("numbers")) return;
  std::map<std::string, double> numbers;
  for (const auto& [name, value] : record.at("numbers").items()) {
    if (value.is_number()) numbers[name] = value.get<double>();
  }
  add(record.value("stage", ""), record.value("step", int64_t{0}),
      with_speed(std::move(numbers), record.value("frames", int64_t{0}), record.value("seconds", 0.0)));
}

std::map<std::string, double> with_speed(std::map<std::string, double> numbers, int64_t frames, double seconds) {
  if (seconds > 0) numbers["frames per second"] = static_cast<double>(frames) / seconds;
  return numbers;
}

}  // namespace weft::train
