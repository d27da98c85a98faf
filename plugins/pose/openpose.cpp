#include "plugins/pose/openpose.h"

#include "framework/base/error.h"
#include "framework/base/text.h"
#include "framework/data/ordinary_file.h"
#include "framework/weights/json_text.h"

#include <nlohmann/json.hpp>

#include <cmath>
#include <span>

namespace weft::pose {
namespace {

using nlohmann::json;

constexpr int64_t kMostBytes = 8'000'000;  // some hundred people
constexpr double kFarthest = 1e6;          // pixels; no picture is that large

/// One file while it is read, so that every message names it.
class OpenPoseFile {
 public:
  explicit OpenPoseFile(const std::string& file) : file_(file) {}

  std::vector<Person> read() const {
    const json content = parse();
    if (!content.is_object() || !content.contains("people") || !content["people"].is_array()) {
      throw fault("is not an OpenPose file: it has no list `people`")
          .hint("an empty frame is written as {\"people\": []}");
    }
    std::vector<Person> people;
    for (const json& described : content["people"]) people.push_back(read_person(described, people.size()));
    return people;
  }

 private:
  Error fault(const std::string& what) const { return Error(Exit::Data, text(file_, ' ', what)); }

  json parse() const {
    const std::string bytes = data::read_small_file(file_, kMostBytes);
    if (bytes.empty()) throw fault("is empty");
    return weights::parse_json(file_, bytes);
  }

  Person read_person(const json& described, size_t number) const {
    const std::string who = text("person ", number);
    if (!described.is_object()) throw fault(text("is not an OpenPose file: ", who, " is not a table"));
    if (!described.contains("pose_keypoints_2d")) throw fault(text("has no `pose_keypoints_2d` for ", who));
    Person person;
    read_points(described, "pose_keypoints_2d", who, person.body);
    read_points(described, "face_keypoints_2d", who, person.face);
    read_points(described, "hand_left_keypoints_2d", who, person.left_hand);
    read_points(described, "hand_right_keypoints_2d", who, person.right_hand);
    return person;
  }

  /// Parts that OpenPose did not estimate are absent or empty lists: their points stay 0, as those that it did
  /// not find.
  void read_points(const json& person, const std::string& key, const std::string& who,
                   std::span<Keypoint> points) const {
    const auto found = person.find(key);
    if (found == person.end()) return;
    if (!found->is_array()) throw fault(text("has something other than a list as `", key, "` of ", who));
    const bool is_body = key == "pose_keypoints_2d";
    if (found->empty() && !is_body) return;
    if (found->size() != points.size() * 3) {
      Error error = fault(text("has ", found->size(), " numbers in `", key, "` of ", who, ", but ", points.size(),
                               " points of x, y and confidence make ", points.size() * 3));
      if (is_body) error.hint("the body model must be BODY_25, OpenPose's default (--model_pose BODY_25)");
      throw error;
    }
    for (size_t i = 0; i < points.size(); ++i) {
      const auto number = [&](size_t part) { return read_number((*found)[3 * i + part], key, who, i); };
      points[i] = {number(0), number(1), number(2)};
    }
  }

  double read_number(const json& number, const std::string& key, const std::string& who, size_t point) const {
    const std::string where = text("point ", point, " of `", key, "` of ", who);
    if (!number.is_number()) throw fault(text("has ", weights::kind_text(number), " instead of a number at ", where));
    const auto value = number.get<double>();
    if (std::isfinite(value) && std::abs(value) <= kFarthest) return value;
    throw fault(text("has ", number_text(value), " at ", where, ", which is not a position in an image"));
  }

  const std::string& file_;
};

}  // namespace

std::vector<Person> read_openpose(const std::string& file) {
  return OpenPoseFile(file).read();
}

}  // namespace weft::pose
