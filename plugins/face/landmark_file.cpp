#include "plugins/face/landmark_file.h"

#include "framework/base/error.h"
#include "framework/base/text.h"
#include "framework/data/ordinary_file.h"
#include "plugins/face/landmarks.h"

#include <algorithm>

namespace weft::face {
namespace {

constexpr int64_t kMostBytes = 1'000'000;
constexpr int64_t kMostBytesOfList = 64'000'000;  // an hour of one face
constexpr size_t kWithPupils = 70;

bool is_xml(const std::string& bytes) {
  const size_t begin = bytes.find_first_not_of(" \t\r\n");
  return begin != std::string::npos && bytes[begin] == '<';
}

void check(const std::string& file, Landmarks& landmarks) {
  if (landmarks.size() == kWithPupils) landmarks.resize(kLandmarks);
  if (landmarks.empty() || landmarks.size() == kLandmarks) return;
  throw Error(Exit::Data, text(file, " has ", landmarks.size(), " landmarks, but a face has ", kLandmarks))
      .hint("the landmarks must be those of dlib's predictor with 68 points");
}

}  // namespace

Landmarks read_landmarks(const std::string& file) {
  const std::string bytes = data::read_small_text(file, kMostBytes);
  const size_t begin = bytes.find_first_not_of(" \t\r\n");
  if (begin == std::string::npos) return {};
  Landmarks landmarks;
  if (is_xml(bytes)) {
    const std::vector<NamedLandmarks> images = read_dlib_xml(file, bytes);
    if (!images.empty()) landmarks = images.front().second;
  } else {
    // A row of numbers cannot begin like JSON; `null` stands for nobody.
    const bool is_json = bytes[begin] == '[' || bytes[begin] == '{' || bytes.compare(begin, 4, "null") == 0;
    landmarks = is_json ? read_landmark_json(file, bytes) : read_landmark_rows(file, bytes);
  }
  check(file, landmarks);
  return landmarks;
}

std::vector<NamedLandmarks> read_dlib_images(const std::string& file) {
  if (!file.ends_with(".xml")) return {};
  const std::string bytes = data::read_small_text(file, kMostBytesOfList);
  if (!is_xml(bytes)) return {};
  std::vector<NamedLandmarks> images = read_dlib_xml(file, bytes);
  for (auto& [name, landmarks] : images) check(text(file, ", image ", name), landmarks);
  return images;
}

}  // namespace weft::face
