#include "framework/base/error.h"
#include "framework/base/text.h"
#include "framework/weights/json_text.h"
#include "plugins/face/landmark_file.h"
#include "plugins/face/landmarks.h"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <utility>

namespace weft::face {
namespace {

using nlohmann::json;

constexpr size_t kWithPupils = 70;

/// The landmarks that an object holds under one of the usual keys, or null.
const json* landmarks_within(const json& object) {
  for (const char* key : {"landmarks", "points", "keypoints", "shape", "face_keypoints_2d", "face_keypoints"}) {
    const auto found = object.find(key);
    if (found != object.end()) return &*found;
  }
  return nullptr;
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
    const json* landmarks = landmarks_within(object);
    if (!landmarks) throw no_landmarks();
    return read(*landmarks);
  }

  /// The face that is the widest, as estimators choose theirs; none where nobody has one.
  Landmarks largest_of(const json& people) const {
    Landmarks largest;
    for (const json& person : people) {
      Landmarks face = read(person);
      if (width_of(face) > width_of(largest)) largest = std::move(face);
    }
    return largest;
  }

  static double width_of(const Landmarks& face) {
    if (face.empty()) return -1;
    const auto [least, most] =
        std::minmax_element(face.begin(), face.end(), [](const auto& a, const auto& b) { return a.x < b.x; });
    return most->x - least->x;
  }

  /// x and y of each landmark, or x, y and confidence; all 0 where nobody was found. A face with a landmark of confidence 0
  /// is none: that landmark would lie in the corner of the frame.
  Landmarks read_numbers(const json& list) const {
    const size_t count = list.size();
    const size_t step = count == 2 * kLandmarks || count == 2 * kWithPupils ? 2 : 3;
    if (count % step != 0) throw fault(text("has ", count, " numbers, but 68 landmarks of x and y make 136"));
    Landmarks landmarks;
    bool is_nobody = std::all_of(list.begin(), list.end(), [](const json& number) { return number == 0; });
    for (size_t i = 0; i + 1 < count; i += step) {
      landmarks.push_back(point(list[i], list[i + 1], list[i], landmarks));
      if (step != 3) continue;
      const json& confidence = list[i + 2];
      if (!confidence.is_number()) throw no_point(confidence, landmarks);
      is_nobody = is_nobody || confidence == 0;
    }
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
