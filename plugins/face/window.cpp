#include "plugins/face/crop_window.h"
#include "plugins/face/landmarks.h"
#include <weft/node.h>

#include <ATen/ops/empty.h>
#include <ATen/ops/stack.h>

namespace weft::face {
namespace {

/// Where a face is, found once: the window must not tremble with the landmarks.
///
/// Source: Wang et al. 2018, program; docs/papers/vid2vid.md.
struct FindWindow {
  static constexpr auto about =
      "Finds a square about a face: 2.5 times as wide as its landmarks in the first frame of a sequence, and "
      "kept for all others; two keypoints, the upper left and the lower right corner, for face.crop, face.draw "
      "and face.labels";
  static constexpr bool on_host = true;

  enum class Keep { Sequence, Run };
  Keep keep = Keep::Sequence;

  void params(Params& p) {
    p("keep", keep,
      "for how long the window stays: until the next sequence, or, as in the original's test, for the "
      "whole run",
      {{"sequence", Keep::Sequence}, {"run", Keep::Run}});
  }

  Out<"window", "keypoints[B,2,3]"> run(In<"keypoints", "keypoints[B,K,3]"> keypoints,
                                        In<"image", "image[B,3,H,W]"> image) {
    if (window_.defined()) return window_;
    std::vector<at::Tensor> windows;
    for (const at::Tensor& face : keypoints->unbind()) {
      windows.push_back(keypoints_of(window_about(landmarks_of(face), image->size(2), image->size(3))));
    }
    return window_ = at::stack(windows);
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
  at::Tensor window_;  // [B, 2, 3], undefined before the first frame
};

}  // namespace

void add_window(Registry& registry) {
  registry.add<FindWindow>("face.window");
}

}  // namespace weft::face
