#include "plugins/face/dlib_predictor.h"
#include <weft/node.h>

#include <ATen/ops/zeros.h>

namespace weft::face {
namespace {

/// The landmarks that vid2vid's faces were made with.
///
/// Source: Kazemi and Sullivan 2014, "One Millisecond Face Alignment with an Ensemble of Regression Trees"; dlib.
struct LandmarksDlib {
  static constexpr auto about =
      "Facial landmarks by dlib, as vid2vid's own: the 68 points of the largest face in each frame, confidence 0 where "
      "dlib "
      "finds none; the predictor file is the user's, and the usual one was trained on pictures that exclude commercial "
      "use";
  static constexpr bool on_host = true;
  static constexpr bool stops_gradients = true;

  Path predictor;
  int64_t upsample = 1;

  void params(Params& p) {
    p("predictor", predictor,
      "dlib's shape_predictor_68_face_landmarks.dat, or another predictor of 68 landmarks; that file was trained on "
      "iBUG "
      "300-W, whose terms exclude commercial use")
        .required();
    p("upsample", upsample,
      "how often a frame is doubled before the detector looks for faces of 80 pixels and more: 1 finds those of 40")
        .min(0)
        .max(3);
  }

  Out<"keypoints", "keypoints[B,68,3]"> run(In<"image", "image[B,3,H,W]"> image) {
    if (!predictor_) predictor_ = open_dlib(predictor, upsample);
    at::Tensor keypoints = at::zeros({image->size(0), 68, 3}, at::kDouble);
    auto row = keypoints.accessor<double, 3>();
    for (int64_t b = 0; b < image->size(0); ++b) {
      const at::Tensor picture = (((*image)[b].to(at::kFloat) + 1) * 127.5)
                                     .round()
                                     .clamp(0, 255)
                                     .to(at::kByte)
                                     .permute({1, 2, 0});  // [H, W, 3]
      int64_t at = 0;
      for (const vision::Point& point : predictor_->find(picture)) {
        row[b][at][0] = point.x, row[b][at][1] = point.y, row[b][at][2] = 1;
        ++at;
      }
    }
    return keypoints;
  }

 private:
  std::unique_ptr<DlibPredictor> predictor_;
};

}  // namespace

void add_landmarks_dlib(Registry& registry) {
  registry.add<LandmarksDlib>("face.landmarks_dlib");
}

}  // namespace weft::face
