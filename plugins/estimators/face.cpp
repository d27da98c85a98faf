#include "plugins/estimators/landmarks_68.h"
#include "plugins/estimators/network.h"
#include "plugins/estimators/one_euro.h"
#include "plugins/estimators/tracks.h"
#include <weft/node.h>

#include <ATen/ops/zeros.h>

#include <algorithm>
#include <cmath>
#include <optional>

namespace weft::estimators {
namespace {

enum class Range { Short, Full };

DetectorForm detector_form(Range range) {
  if (range == Range::Short) {
    return {{"face_detection_short_range.tflite",
             "face",
             128,
             {"regressors float32[B,896,16]", "classificators float32[B,896,1]"},
             "input"},
            {{8, 2}, {16, 6}},
            0.5};
  }
  return {{"face_detection_full_range_sparse.tflite",
           "face",
           192,
           {"Identity float32[B,2304,16]", "Identity_1 float32[B,2304,1]"}},
          {{4, 1}},
          0.6};
}

const NetworkForm& mesh_form() {
  static const NetworkForm form = {
      "face_landmark.tflite", "face", 192, {"conv2d_21 float32[B,1,1,1404]", "conv2d_31 float32[B,1,1,1]"}};
  return form;
}

constexpr double kRegionScale = 1.5;
constexpr int64_t kRightEye = 33, kLeftEye = 263;  // of the mesh: their outer corners

double size_of(const Detection& face) {
  return std::max(face.most.x - face.least.x, face.most.y - face.least.y);
}

/// Facial landmarks, by a detector and a network for a mesh, as MediaPipe does it.
///
/// Source: Kartynnik et al. 2019, "Real-time Facial Surface Geometry from Monocular Video on Mobile GPUs"; Bazarevsky et al.
/// 2019, "BlazeFace"; MediaPipe's documentation.
struct EstimateFace {
  static constexpr auto about =
      "Facial landmarks from video by MediaPipe's models, which `weft fetch face` brings: a detector, then a mesh of "
      "468 "
      "points that is followed from frame to frame and smoothed; of it the points nearest to dlib's 68, as "
      "face.landmark_folder gives them, for the largest face; confidence 0 where nobody is";
  static constexpr bool on_host = true;
  static constexpr bool stops_gradients = true;

  std::optional<Path> models;
  Range range = Range::Full;
  bool follow = true;
  std::optional<double> fps;

  void params(Params& p) {
    p("models", models,
      "folder of face_landmark.tflite and of the detector that `range` names, face_detection_short_range.tflite or "
      "face_detection_full_range_sparse.tflite; default: the user's cache");
    p("range", range,
      "which detector: full for faces from 1/20 of the frame's longer side, short for those from 1/10, in a third of "
      "the "
      "time",
      {{"short", Range::Short}, {"full", Range::Full}});
    p("follow", follow,
      "follows the face from frame to frame and smooths its motion; false for pictures that are no video");
    p("fps", fps, "frames per second, for the smoothing; default: that of the video, or 25").above(0);
  }

  Out<"keypoints", "keypoints[B,68,3]"> run(In<"image", "image[B,3,H,W]"> image, Context& context) {
    if (!detector_) open();
    if (!follow) tracks_.reset();
    tracks_.begin(image->size(0));
    const double rate = fps.value_or(context.recording() ? context.recording()->rate.value() : 25.0);
    at::Tensor keypoints = at::zeros({image->size(0), static_cast<int64_t>(kMeshOf68.size()), 3}, at::kDouble);
    for (int64_t b = 0; b < image->size(0); ++b)
      estimate((image->narrow(0, b, 1).to(at::kFloat) + 1) / 2, b, rate, keypoints[b]);
    return keypoints;
  }

  void reset() { tracks_.reset(); }
  void state(Archive& archive) { tracks_.state(archive); }

 private:
  void open() {
    detector_.emplace(detector_form(range), models.value_or(""));
    mesh_.emplace(mesh_form(), models.value_or(""));
  }

  /// @param light  [1, 3, H, W] in [0, 1]
  void estimate(const at::Tensor& light, int64_t sequence, double rate, const at::Tensor& keypoints) {
    constexpr int64_t kPlace = 0;
    if (!tracks_.is_followed(sequence, kPlace)) tracks_.add(sequence, find(light));
    if (!tracks_.is_followed(sequence, kPlace)) return;
    const Region region = tracks_.region(sequence, kPlace);
    at::Tensor mesh = look(light, region);
    if (!mesh.defined()) return tracks_.lose(sequence, kPlace);
    tracks_.follow(sequence, kPlace, region_around(mesh), false);
    if (follow) mesh = smooth(mesh, sequence, rate, region.size);
    const auto point = mesh.accessor<double, 2>();
    auto row = keypoints.accessor<double, 2>();
    for (size_t i = 0; i < kMeshOf68.size(); ++i) {
      const auto at = static_cast<int64_t>(i);
      row[at][0] = point[kMeshOf68[i]][0], row[at][1] = point[kMeshOf68[i]][1], row[at][2] = 1;
    }
  }

  /// Where the largest face is; none where nobody is.
  std::vector<Region> find(const at::Tensor& light) {
    const std::vector<Detection> faces = detector_->find(light);
    const auto largest = std::max_element(
        faces.begin(), faces.end(), [](const Detection& a, const Detection& b) { return size_of(a) < size_of(b); });
    if (largest == faces.end()) return {};
    return {region_of_box(largest->least, largest->most, largest->points[0], largest->points[1], kRegionScale)};
  }

  /// The mesh in a region, [468, 2] double in pixels of the frame; undefined where the network sees no face.
  at::Tensor look(const at::Tensor& light, const Region& region) {
    const std::vector<at::Tensor> results = mesh_->run(crop(light, region, mesh_->size()));
    if (!(results[1].item<double>() > 0)) return {};  // before the sigmoid: 0 is a probability of 0.5
    at::Tensor mesh = results[0].view({kMeshPoints, 3}).narrow(1, 0, 2).to(at::kDouble).contiguous();
    auto point = mesh.accessor<double, 2>();
    const auto size = static_cast<double>(mesh_->size());
    for (int64_t i = 0; i < kMeshPoints; ++i) {
      const Point place = region.place((point[i][0] + 0.5) / size, (point[i][1] + 0.5) / size);
      point[i][0] = place.x, point[i][1] = place.y;
    }
    return mesh;
  }

  static Region region_around(const at::Tensor& mesh) {
    const at::Tensor least = std::get<0>(mesh.min(0)), most = std::get<0>(mesh.max(0));
    const auto place = [](const at::Tensor& pair) { return Point{pair[0].item<double>(), pair[1].item<double>()}; };
    return region_of_box(place(least), place(most), place(mesh[kRightEye]), place(mesh[kLeftEye]), kRegionScale);
  }

  at::Tensor smooth(const at::Tensor& mesh, int64_t sequence, double rate, double size) {
    constexpr OneEuro kFilter = {0.05, 80};
    constexpr int64_t kPlace = 0;
    const at::Tensor values = mesh.view({2 * kMeshPoints});
    const bool is_known = tracks_.has_state(sequence, kPlace);
    const at::Tensor state = tracks_.state_of(sequence, kPlace);
    if (is_known) return kFilter.next(values, state, rate, 1 / size).view({kMeshPoints, 2});
    state.copy_(OneEuro::begin(values));
    return mesh;
  }

  std::optional<Detector> detector_;
  std::optional<Network> mesh_;
  Tracks tracks_{1, OneEuro::kRows, 2 * kMeshPoints};
};

}  // namespace

void add_face(Registry& registry) {
  registry.add<EstimateFace>("face.estimate");
}

}  // namespace weft::estimators
