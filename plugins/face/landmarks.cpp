#include "plugins/face/landmarks.h"

#include "framework/base/error.h"
#include "framework/base/text.h"
#include "framework/data/ordinary_file.h"
#include "framework/weights/json_text.h"

#include <ATen/ops/empty.h>
#include <nlohmann/json.hpp>

#include <charconv>
#include <cmath>
#include <string_view>

namespace weft::face {
namespace {

using nlohmann::json;

constexpr int64_t kMostBytes = 1'000'000;
constexpr double kFarthest = 1e6;  // pixels; no picture is that large

bool is_in_a_picture(double coordinate) {
  return std::isfinite(coordinate) && std::abs(coordinate) <= kFarthest;
}

std::string_view trimmed(std::string_view word) {
  const size_t begin = word.find_first_not_of(" \t\r");
  if (begin == std::string_view::npos) return {};
  return word.substr(begin, word.find_last_not_of(" \t\r") - begin + 1);
}

/// One file while it is read, so that every message names it.
class LandmarkFile {
 public:
  explicit LandmarkFile(const std::string& file) : file_(file) {}

  std::vector<vision::Point> read() const {
    const std::string bytes = data::read_small_file(file_, kMostBytes);
    const size_t begin = bytes.find_first_not_of(" \t\r\n");
    if (begin == std::string::npos) throw fault("is empty");
    const bool is_json = bytes[begin] == '[' || bytes[begin] == '{';
    std::vector<vision::Point> landmarks = is_json ? read_json(bytes) : read_rows(bytes);
    if (landmarks.size() == kLandmarks) return landmarks;
    throw fault(text("has ", landmarks.size(), " landmarks, but a face has ", kLandmarks))
        .hint("the landmarks must be those of dlib's predictor with 68 points");
  }

 private:
  Error fault(const std::string& what) const { return Error(Exit::Data, text(file_, ' ', what)); }

  std::vector<vision::Point> read_json(const std::string& bytes) const {
    const json rows = weights::parse_json(file_, bytes);
    if (!rows.is_array()) throw fault("is no file of landmarks: a list of 68 lists [x, y] is wanted");
    std::vector<vision::Point> landmarks;
    for (const json& row : rows) {
      const bool is_pair = row.is_array() && row.size() == 2 && row[0].is_number() && row[1].is_number();
      if (!is_pair)
        throw fault(
            text("has something else than [x, y] as landmark ", landmarks.size(), ": ", weights::kind_text(row)));
      landmarks.push_back({checked(row[0].get<double>(), landmarks), checked(row[1].get<double>(), landmarks)});
    }
    return landmarks;
  }

  std::vector<vision::Point> read_rows(const std::string& bytes) const {
    std::vector<vision::Point> landmarks;
    int line = 0;
    for (const std::string& row : split(bytes, '\n')) {
      ++line;
      const std::string_view content = trimmed(row);
      if (content.empty()) continue;
      const size_t comma = content.find(',');
      if (comma == std::string_view::npos) fail_at(line, content);
      const double x = read_number(content.substr(0, comma), line, content);
      const double y = read_number(content.substr(comma + 1), line, content);
      landmarks.push_back({checked(x, landmarks), checked(y, landmarks)});
    }
    return landmarks;
  }

  double read_number(std::string_view word, int line, std::string_view row) const {
    const std::string_view number = trimmed(word);
    double value = 0;
    const auto [end, error] = std::from_chars(number.data(), number.data() + number.size(), value);
    if (error != std::errc() || end != number.data() + number.size()) fail_at(line, row);
    return value;
  }

  [[noreturn]] void fail_at(int line, std::string_view row) const {
    throw Error(Exit::Data, {file_, line, 0}, text("a row must be `x,y`, but this is \"", row.substr(0, 40), '"'));
  }

  double checked(double coordinate, const std::vector<vision::Point>& before) const {
    if (is_in_a_picture(coordinate)) return coordinate;
    throw fault(
        text("has ", number_text(coordinate), " in landmark ", before.size(), ", which is not a position in an image"));
  }

  const std::string& file_;
};

}  // namespace

std::vector<vision::Point> read_landmarks(const std::string& file) {
  return LandmarkFile(file).read();
}

at::Tensor keypoints_of(const std::vector<vision::Point>& landmarks) {
  at::Tensor keypoints = at::empty({1, static_cast<int64_t>(landmarks.size()), 3}, at::kDouble);
  double* number = keypoints.data_ptr<double>();
  for (const vision::Point& point : landmarks) {
    *number++ = point.x;
    *number++ = point.y;
    *number++ = 1;
  }
  return keypoints;
}

std::vector<vision::Point> landmarks_of(const at::Tensor& keypoints) {
  const at::Tensor plain = keypoints.to(at::kCPU, at::kDouble).contiguous();
  const double* number = plain.data_ptr<double>();
  std::vector<vision::Point> landmarks;
  for (int64_t i = 0; i < plain.size(0); ++i, number += 3) {
    if (!is_in_a_picture(number[0]) || !is_in_a_picture(number[1])) {
      throw Error(Exit::Data, text("landmark ", i, " is at (", number_text(number[0]), ", ", number_text(number[1]),
                                   "), which is not a position in an image"));
    }
    landmarks.push_back({number[0], number[1]});
  }
  return landmarks;
}

std::vector<vision::Point> with_forehead(std::vector<vision::Point> landmarks) {
  const double base = (std::trunc(landmarks[0].y) + std::trunc(landmarks[16].y)) / 2;
  for (size_t i = 15; i >= 1; --i) {
    const double x = std::trunc(landmarks[i].x), y = std::trunc(landmarks[i].y);
    landmarks.push_back({x, std::trunc(base + std::floor((base - y) * 2 / 3))});
  }
  return landmarks;
}

}  // namespace weft::face
