#include "plugins/estimators/body.h"
#include "plugins/estimators/network.h"
#include "plugins/estimators/one_euro.h"
#include "plugins/estimators/tracks.h"
#include <weft/node.h>

#include <ATen/ops/cat.h>
#include <ATen/ops/sigmoid.h>
#include <ATen/ops/tensor.h>
#include <ATen/ops/zeros.h>

#include <optional>

namespace weft::estimators {
namespace {

const DetectorForm& detector_form() {
  static const DetectorForm form = {
      {"pose_detection.tflite", "pose", 224, {"Identity float32[B,2254,12]", "Identity_1 float32[B,2254,1]"}},
      {{8, 2}, {16, 2}, {32, 6}},
      0.5};
  return form;
}

const NetworkForm& landmark_form() {
  static const NetworkForm form = {
      "pose_landmark_full.tflite",
      "pose",
      256,
      {"Identity float32[B,195]", "Identity_1 float32[B,1]", "Identity_2 float32[B,256,256,1]",
       "Identity_3 float32[B,64,64,39]", "Identity_4 float32[B,117]"}};
  return form;
}

constexpr int64_t kLandmarks = kBodyPoints + kAuxiliaryPoints;
constexpr int64_t kNumbers = 2 * kLandmarks;  // x and y, filtered
constexpr double kRegionScale = 1.25;
constexpr double kLeastPresence = 0.5;

/// A person in a region: places in pixels of the frame.
struct Body {
  at::Tensor places;      // [kLandmarks, 2] double
  at::Tensor visibility;  // [kLandmarks] double
};

/// Poses of people, by a detector and a network for landmarks, as MediaPipe does it.
///
/// Source: Bazarevsky et al. 2020, "BlazePose: On-device Real-time Body Pose tracking"; MediaPipe's documentation.
struct EstimatePose {
  static constexpr auto about =
      "Pose estimation from video by MediaPipe's models, which `weft fetch pose` brings: a detector, then landmarks "
      "that "
      "are followed from frame to frame and smoothed; the body as BODY_25, 137 rows of x, y and confidence for each "
      "place of `people` as pose.openpose_folder gives them, all 0 where nobody is, and for face, hands and small toes";
  static constexpr bool on_host = true;
  static constexpr bool stops_gradients = true;

  std::optional<Path> models;
  int64_t people = 1;
  bool follow = true;
  double least_visibility = 0.5;
  std::optional<double> fps;

  void params(Params& p) {
    p("models", models, "folder of pose_detection.tflite and pose_landmark_full.tflite; default: the user's cache");
    p("people", people,
      "people that are followed, at most; the detector finds those whose height is a quarter of the longer side of the "
      "frame, or more")
        .min(1)
        .max(32);
    p("follow", follow,
      "follows people from frame to frame and smooths their motion; false for pictures that are no video");
    p("least_visibility", least_visibility, "points that are less visible than this have confidence 0").min(0).max(1);
    p("fps", fps, "frames per second, for the smoothing; default: that of the video, or 25").above(0);
  }

  void shape(Shapes& shapes) const { shapes.set('K', Dim(kPersonRows * people)); }

  Out<"keypoints", "keypoints[B,K,3]"> run(In<"image", "image[B,3,H,W]"> image, Context& context) {
    if (!detector_) open();
    if (!tracks_) tracks_.emplace(people, OneEuro::kRows + 1, kNumbers);
    if (!follow) tracks_->reset();
    tracks_->begin(image->size(0));
    const double rate = fps.value_or(context.recording() ? context.recording()->rate.value() : 25.0);
    at::Tensor keypoints = at::zeros({image->size(0), kPersonRows * people, 3}, at::kDouble);
    for (int64_t b = 0; b < image->size(0); ++b)
      estimate((image->narrow(0, b, 1).to(at::kFloat) + 1) / 2, b, rate, keypoints[b]);
    return keypoints;
  }

  void reset() {
    if (tracks_) tracks_->reset();
  }
  void state(Archive& archive) {
    if (!tracks_) tracks_.emplace(people, OneEuro::kRows + 1, kNumbers);
    tracks_->state(archive);
  }

 private:
  void open() {
    detector_.emplace(detector_form(), models.value_or(""));
    landmarks_.emplace(landmark_form(), models.value_or(""));
  }

  /// @param light  [1, 3, H, W] in [0, 1]
  void estimate(const at::Tensor& light, int64_t sequence, double rate, const at::Tensor& keypoints) {
    if (tracks_->has_free_place(sequence)) {
      std::vector<Region> found;
      for (const Detection& person : detector_->find(light))
        found.push_back(region_on_line(person.points[0], person.points[1], kRegionScale));
      tracks_->add(sequence, found);
    }
    for (int64_t place = 0; place < people; ++place) {
      if (!tracks_->is_followed(sequence, place)) continue;
      const Region region = tracks_->region(sequence, place);
      std::optional<Body> body = look(light, region);
      if (!body) {
        tracks_->lose(sequence, place);
        continue;
      }
      if (follow) smooth(*body, sequence, place, rate, region.size);
      keypoints.narrow(0, place * kPersonRows, kPersonRows).copy_(rows_of(*body, light.size(2), light.size(3)));
      const auto point = body->places.accessor<double, 2>();
      const int64_t hips = kBodyPoints, circle = kBodyPoints + 1;
      tracks_->follow(
          sequence, place,
          region_on_line({point[hips][0], point[hips][1]}, {point[circle][0], point[circle][1]}, kRegionScale), false);
    }
    tracks_->lose_doubles(sequence);
  }

  /// The body in a region; nothing where the network sees none.
  std::optional<Body> look(const at::Tensor& light, const Region& region) {
    constexpr int64_t kAll = 39, kColumns = 5;
    const std::vector<at::Tensor> results = landmarks_->run(crop(light, region, landmarks_->size()));
    if (!(results[1].item<double>() > kLeastPresence)) return {};
    const at::Tensor numbers = results[0].view({kAll, kColumns}).narrow(0, 0, kLandmarks).to(at::kDouble);
    const auto size = static_cast<double>(landmarks_->size());
    at::Tensor points = (numbers.narrow(1, 0, 2) / size).contiguous();  // [kLandmarks, 2]
    refine(points, results[3][0]);
    auto point = points.accessor<double, 2>();
    for (int64_t i = 0; i < kLandmarks; ++i) {
      const Point place = region.place(point[i][0] + 0.5 / size, point[i][1] + 0.5 / size);
      point[i][0] = place.x, point[i][1] = place.y;
    }
    return Body{points, at::sigmoid(numbers.select(1, 3)).contiguous()};
  }

  /// The two points that lead to the next region are filtered more than the body's.
  void smooth(Body& body, int64_t sequence, int64_t place, double rate, double size) {
    constexpr OneEuro kBody = {0.05, 80}, kAuxiliary = {0.01, 10};
    constexpr double kNewVisibility = 0.1;
    constexpr int64_t kOfBody = 2 * static_cast<int64_t>(kBodyPoints);
    const bool is_known = tracks_->has_state(sequence, place);
    const at::Tensor state = tracks_->state_of(sequence, place);  // [4, kNumbers]: that of OneEuro, then visibility
    const at::Tensor values = body.places.view({kNumbers});
    const at::Tensor of_filter = state.narrow(0, 0, OneEuro::kRows);
    at::Tensor visibility = state[OneEuro::kRows].narrow(0, 0, kLandmarks);
    if (!is_known) {
      of_filter.copy_(OneEuro::begin(values));
      visibility.copy_(body.visibility);
      return;
    }
    const auto filtered = [&](const OneEuro& filter, int64_t from, int64_t count) {
      return filter.next(values.narrow(0, from, count), of_filter.narrow(1, from, count), rate, 1 / size);
    };
    body.places =
        at::cat({filtered(kBody, 0, kOfBody), filtered(kAuxiliary, kOfBody, kNumbers - kOfBody)}).view({kLandmarks, 2});
    visibility.add_((body.visibility - visibility) * kNewVisibility);
    body.visibility = visibility.clone();
  }

  at::Tensor rows_of(const Body& body, int64_t height, int64_t width) const {
    const auto place = body.places.accessor<double, 2>();
    const auto visibility = body.visibility.accessor<double, 1>();
    std::array<BodyPoint, kBodyPoints> points;
    for (size_t i = 0; i < kBodyPoints; ++i) {
      const auto at = static_cast<int64_t>(i);
      points[i] = {{place[at][0], place[at][1]}, visibility[at]};
    }
    return body_25(points, least_visibility, height, width);
  }

  std::optional<Detector> detector_;
  std::optional<Network> landmarks_;
  std::optional<Tracks> tracks_;
};

}  // namespace

void add_pose(Registry& registry) {
  registry.add<EstimatePose>("pose.estimate");
}

}  // namespace weft::estimators
