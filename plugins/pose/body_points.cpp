#include "plugins/pose/body_points.h"

#include "framework/base/text.h"

#include <algorithm>

namespace weft::pose {
namespace {

// Points of BODY_25.
constexpr size_t kNeck = 1, kRightShoulder = 2, kLeftShoulder = 5, kMidHip = 8, kRightHip = 9, kLeftHip = 12;

constexpr size_t kBody25[] = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24};
constexpr size_t kCoco18[] = {0, 1, 2, 3, 4, 5, 6, 7, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18};
/// Nose, eyes, ears, shoulders, elbows, wrists, hips, knees, ankles; the left one of each pair first.
constexpr size_t kCoco17[] = {0, 16, 15, 18, 17, 5, 2, 6, 3, 7, 4, 12, 9, 13, 10, 14, 11};
constexpr size_t kUnused = 25;  // the top of the head: BODY_25 has none
/// Behind COCO-17: head, neck, middle of the hips, big toes, small toes, heels.
constexpr size_t kHalpeRest[] = {kUnused, kNeck, kMidHip, 19, 22, 20, 23, 21, 24};
/// Behind COCO-17: big toe, small toe, heel of the left foot, then of the right one.
constexpr size_t kWholeBodyFeet[] = {19, 20, 21, 22, 23, 24};

struct Model {
  const char* name;
  std::span<const size_t> body;  ///< the point of BODY_25 that each of the list is
  std::span<const size_t> rest;  ///< of the body, behind these
  bool has_details = false;      ///< 68 points of the face and 21 of each hand, left and right, come last

  size_t points() const { return body.size() + rest.size() + (has_details ? 68 + 21 + 21 : 0); }
};
constexpr Model kModels[] = {{"BODY_25", kBody25, {}},
                             {"COCO-18", kCoco18, {}},
                             {"COCO-17", kCoco17, {}},
                             {"Halpe-26", kCoco17, kHalpeRest},
                             {"COCO-WholeBody", kCoco17, kWholeBodyFeet, true},
                             {"Halpe-136", kCoco17, kHalpeRest, true}};

void set_points(std::span<const Keypoint> points, std::span<const size_t> places, Person& person) {
  for (size_t i = 0; i < places.size(); ++i) {
    if (places[i] != kUnused) person.body[places[i]] = points[i];
  }
}

void set_mean(const Keypoint& a, const Keypoint& b, Keypoint& mean) {
  if (mean.confidence > 0 || a.confidence <= 0 || b.confidence <= 0) return;
  mean = {(a.x + b.x) / 2, (a.y + b.y) / 2, std::min(a.confidence, b.confidence)};
}

/// The next `count` points become the first ones of a part.
void take(std::span<const Keypoint>& points, size_t count, std::span<Keypoint> part) {
  std::copy_n(points.begin(), count, part.begin());
  points = points.subspan(count);
}

}  // namespace

bool set_body(std::span<const Keypoint> points, Person& person) {
  const auto* const model = std::find_if(std::begin(kModels), std::end(kModels),
                                         [&](const Model& known) { return known.points() == points.size(); });
  if (model == std::end(kModels)) return false;
  set_points(points, model->body, person);
  set_points(points.subspan(model->body.size()), model->rest, person);
  std::span<const Keypoint> details = points.subspan(model->body.size() + model->rest.size());
  if (model->has_details) {
    take(details, 68, person.face);
    take(details, 21, person.left_hand);
    take(details, 21, person.right_hand);
  }
  if (model->body.data() != kBody25) {
    set_mean(person.body[kLeftShoulder], person.body[kRightShoulder], person.body[kNeck]);
    set_mean(person.body[kLeftHip], person.body[kRightHip], person.body[kMidHip]);
  }
  return true;
}

std::string body_models() {
  std::vector<std::string> names;
  for (const Model& model : kModels) names.push_back(text(model.name, " with ", model.points()));
  return join(names);
}

}  // namespace weft::pose
