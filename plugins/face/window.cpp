#include "plugins/face/crop_window.h"
#include "plugins/face/landmarks.h"
#include <weft/node.h>

#include <ATen/ops/empty.h>
#include <ATen/ops/rand.h>
#include <ATen/ops/zeros.h>

namespace weft::face {
namespace {

/// Where a face is, found once: the window must not tremble with the landmarks.
///
/// Source: Wang et al. 2018 and 2019, programs; docs/papers/vid2vid.md.
struct FindWindow {
  static constexpr auto about =
      "Square window around a face, for face.crop, face.draw and face.labels: 2.5 times as wide as the landmarks in "
      "the first frame of a sequence with a face, and the same in all later frames; before it, the square in the "
      "middle of the frame. The value has two keypoints: the upper left and the lower right corner, or, where the "
      "window is mirrored, the upper right and the lower left one";
  static constexpr bool on_host = true;
  static constexpr bool random = true;

  enum class Keep { Sequence, Run };
  Keep keep = Keep::Sequence;
  enum class Program { Vid2vid, FewShot };
  Program program = Program::Vid2vid;
  bool flip = false;

  void params(Params& p) {
    p("keep", keep,
      "how long the window is kept: for the sequence, or for the whole run, as in the original's test program",
      {{"sequence", Keep::Sequence}, {"run", Keep::Run}});
    p("program", program,
      "how large the window is: as in vid2vid (2018), or as in few-shot vid2vid (2019): twice as wide as the "
      "landmarks, "
      "and not moved into the frame",
      {{"vid2vid", Program::Vid2vid}, {"few_shot", Program::FewShot}});
    p("flip", flip,
      "in training, mirrors each new window with probability 0.5, and with it everything that is cropped to the "
      "window");
  }

  Out<"window", "keypoints[B,2,3]"> run(In<"keypoints", "keypoints[B,K,3]"> keypoints,
                                        In<"image", "image[B,3,H,W]"> image, Context& context) {
    if (!window_.defined()) window_ = at::zeros({keypoints->size(0), 2, 3}, at::kDouble);
    if (is_found(window_).all().item<bool>()) return window_;
    const int64_t faces = keypoints->size(0);
    const at::Tensor drawn = at::rand({faces}, context.generator(at::kCPU), at::kDouble);
    at::Tensor windows = window_.clone();
    for (int64_t b = 0; b < faces; ++b) {
      if (is_found(window_[b]).item<bool>()) continue;
      const std::vector<vision::Point> face = landmarks_of(keypoints->select(0, b));
      if (face.empty()) {
        windows[b].copy_(keypoints_of(window_in_middle(image->size(2), image->size(3))));
        continue;
      }
      Window window = program == Program::FewShot ? few_shot_window_about(face)
                                                  : window_about(face, image->size(2), image->size(3));
      window.is_mirrored = flip && context.is_training() && drawn[b].item<double>() < 0.5;
      window_[b].copy_(keypoints_of(window));
      windows[b].copy_(window_[b]);
    }
    return windows;
  }

  void reset() {
    if (keep == Keep::Sequence) window_.reset();
  }
  void state(Archive& archive) {
    at::Tensor kept = window_.defined() ? window_ : at::empty({0}, at::kDouble);
    archive("window", kept);
    window_ = kept.numel() == 0 ? at::Tensor() : kept;
  }

 private:
  /// Whether the windows were found, by their corners' confidence.
  static at::Tensor is_found(const at::Tensor& windows) { return windows.select(-1, 2).select(-1, 0).gt(0); }

  at::Tensor window_;  // [B, 2, 3], undefined before the first frame; all 0 before the first face
};

}  // namespace

void add_window(Registry& registry) {
  registry.add<FindWindow>("face.window");
}

}  // namespace weft::face
