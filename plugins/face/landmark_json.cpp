#include "framework/base/error.h"
#include "framework/base/text.h"
#include "framework/weights/json_text.h"
#include "plugins/face/landmark_file.h"
#include "plugins/face/landmarks.h"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <string_view>
#include <utility>

namespace weft::face {
namespace {

using nlohmann::json;

constexpr size_t kWithPupils = 70;

constexpr std::string_view kOpenPoseKey = "face_keypoints";  // of old; now with `_2d`

/// The landmarks that an object holds under one of the usual keys, and the key; null where it has none.
std::pair<const json*, std::string_view> landmarks_within(const json& object) {
  for (const char* key : {"landmarks", "points", "keypoints", "shape", "face_keypoints_2d", "face_keypoints"}) {
    const auto found = object.find(key);
    if (found != object.end()) return {&*found, key};
  }
  return {nullptr, {}};
}

/// One file while it is read, so that every message names it.
class JsonReader {
 public:
  explicit JsonReader(const std::string& file) : file_(file) {}

  Landmarks read(const json& content) const {
    if (content.is_null()) return {};
    if (content.is_object()) return read_object(content);
    if (!content.is_array()) throw no_landmarks();
    if (content.empty()) return {};
    const json& first = content.front();
    if (first.is_number()) return read_numbers(content);
    const bool is_face =
        (first.is_array() && first.size() >= kLandmarks) || (first.is_object() && !first.contains("x"));
    return is_face ? read(first) : read_points(content);
  }

 private:
  Error fault(const std::string& what) const { return Error(Exit::Data, text(file_, ' ', what)); }
  Error no_landmarks() const { return fault("is no file of landmarks: a list of 68 lists [x, y] is wanted"); }

  Landmarks read_object(const json& object) const {
    const auto people = object.find("people");
    if (people != object.end() && people->is_array()) return largest_of(*people);
    const auto [landmarks, key] = landmarks_within(object);
    if (!landmarks) throw no_landmarks();
    const bool has_confidence = key.starts_with(kOpenPoseKey) && landmarks->is_array() && landmarks->size() % 3 == 0;
    return has_confidence && !is_found(*landmarks) ? Landmarks() : read(*landmarks);
  }

  /// The face that is the widest, as estimators choose theirs; none where nobody has one.
  Landmarks largest_of(const json& people) const {
    Landmarks largest;
    bool has_landmarks = people.empty();
    for (const json& person : people) {
      if (person.is_object() && !landmarks_within(person).first) continue;
      has_landmarks = true;
      Landmarks face = read(person);
      if (width_of(face) > width_of(largest)) largest = std::move(face);
    }
    if (!has_landmarks) throw no_landmarks();
    return largest;
  }

  /// Without pupils.
  static double width_of(const Landmarks& face) {
    if (face.empty()) return -1;
    const auto end = face.begin() + static_cast<std::ptrdiff_t>(std::min<size_t>(face.size(), kLandmarks));
    const auto [least, most] =
        std::minmax_element(face.begin(), end, [](const auto& a, const auto& b) { return a.x < b.x; });
    return most->x - least->x;
  }

  /// Whether each of a face's 68 landmarks was found: one that was not would lie in the corner of the frame.
  /// @param list  x, y and confidence of each
  bool is_found(const json& list) const {
    bool is_found = true;
    for (size_t i = 2; i < std::min<size_t>(list.size(), 3 * kLandmarks); i += 3) {
      if (!list[i].is_number())
        throw fault(text("has ", weights::kind_text(list[i]), " as the confidence of landmark ", i / 3));
      is_found = is_found && list[i] != 0;
    }
    return is_found;
  }

  /// x and y of each landmark, or x, y and something else; all 0 where nobody was found.
  Landmarks read_numbers(const json& list) const {
    const size_t count = list.size();
    const size_t step = count == 2 * kLandmarks || count == 2 * kWithPupils ? 2 : 3;
    if (count % step != 0) throw fault(text("has ", count, " numbers, but 68 landmarks of x and y make 136"));
    Landmarks landmarks;
    for (size_t i = 0; i + 1 < count; i += step) landmarks.push_back(point(list[i], list[i + 1], list[i], landmarks));
    const bool is_nobody = std::all_of(list.begin(), list.end(), [](const json& number) { return number == 0; });
    return is_nobody ? Landmarks() : landmarks;
  }

  Landmarks read_points(const json& list) const {
    Landmarks landmarks;
    const size_t numbers = list.front().is_array() && list.front().size() == 3 ? 3 : 2;
    for (const json& row : list) {
      const bool is_named = row.is_object() && row.contains("x") && row.contains("y");
      if (!is_named && !(row.is_array() && row.size() == numbers)) throw no_point(row, landmarks);
      landmarks.push_back(is_named ? point(row["x"], row["y"], row, landmarks) : point(row[0], row[1], row, landmarks));
    }
    return landmarks;
  }

  vision::Point point(const json& x, const json& y, const json& row, const Landmarks& before) const {
    if (!x.is_number() || !y.is_number()) throw no_point(row, before);
    return {checked(x.get<double>(), before), checked(y.get<double>(), before)};
  }

  Error no_point(const json& row, const Landmarks& before) const {
    return fault(text("has something else than [x, y] as landmark ", before.size(), ": ", weights::kind_text(row)));
  }

  double checked(double coordinate, const Landmarks& before) const {
    if (is_in_a_picture(coordinate)) return coordinate;
    throw fault(
        text("has ", number_text(coordinate), " in landmark ", before.size(), ", which is not a position in an image"));
  }

  const std::string& file_;
};

}  // namespace

Landmarks read_landmark_json(const std::string& file, std::string_view bytes) {
  return JsonReader(file).read(weights::parse_json(file, bytes));
}

}  // namespace weft::face
