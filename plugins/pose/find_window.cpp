#include "plugins/pose/keypoint_scale.h"
#include "plugins/pose/person_window.h"
#include "plugins/pose/skeleton.h"
#include <weft/node.h>

#include <ATen/ops/empty.h>
#include <ATen/ops/rand.h>
#include <ATen/ops/tensor.h>
#include <ATen/ops/zeros.h>

#include <algorithm>

namespace weft::pose {
namespace {

/// Where a person is, found once: the window must not tremble with the keypoints.
///
/// Source: Wang et al. 2019, program; the first person in the frame's list of the same height is taken.
struct FindWindow {
  static constexpr auto about =
      "Window around the tallest person, for pose.draw and crops of images: one and a half times as high as the person "
      "from eyes to ankles, of a fixed aspect, found in the first frame of a sequence with a person and the same in "
      "all "
      "later frames; before it, the middle of the frame. The value has two keypoints: the upper left and the lower "
      "right "
      "corner";
  static constexpr bool on_host = true;
  static constexpr bool random = true;

  std::vector<int64_t> frame_size;
  KeypointScale unit;
  double aspect = 0.5;
  bool jitter = false;

  void params(Params& p) {
    p("frame_size", frame_size, "height and width of the keypoints' video, in pixels")
        .required()
        .count({2})
        .min(1)
        .max(32768);
    unit.params(p);
    p("aspect", aspect, "width of the window by its height").above(0).max(100);
    p("jitter", jitter,
      "in training, moves each new window by up to 5 % of its half size, and makes it 1.4 to 1.6 times as high as the "
      "person");
  }

  void shape(Shapes&) const { unit.check(); }

  Out<"window", "keypoints[B,2,3]"> run(In<"keypoints", "keypoints[B,K,3]"> keypoints, Context& context) {
    const int64_t count = keypoints->size(0);
    if (!window_.defined()) window_ = at::zeros({count, 2, 3}, at::kDouble);
    const at::Tensor drawn = at::rand({count, 3}, context.generator(at::kCPU), at::kDouble);
    at::Tensor windows = at::empty({count, 2, 3}, at::kDouble);
    for (int64_t b = 0; b < count; ++b) {
      if (window_[b][0][2].item<double>() == 0)
        find(keypoints->select(0, b), drawn[b], context, windows[b], window_[b]);
      else
        windows[b].copy_(window_[b]);
    }
    return windows;
  }

  void reset() { window_.reset(); }
  void state(Archive& archive) {
    at::Tensor kept = window_.defined() ? window_ : at::empty({0}, at::kDouble);
    archive("window", kept);
    window_ = kept.numel() == 0 ? at::Tensor() : kept;
  }

 private:
  /// Fills the window of this frame; it is kept once a person was found.
  void find(const at::Tensor& keypoints, const at::Tensor& drawn, Context& context, at::Tensor now, at::Tensor kept) {
    std::vector<Person> people = people_of(keypoints);
    unit.apply(people, frame_size.at(0), frame_size.at(1), context.log());
    const auto is_shorter = [](const Person& a, const Person& b) { return height_of(a) < height_of(b); };
    const auto tallest = std::max_element(people.begin(), people.end(), is_shorter);
    const Person person = tallest == people.end() ? Person{} : *tallest;
    Framing framing{aspect};
    if (jitter && context.is_training()) {
      framing.scale = 1.4 + 0.2 * drawn[0].item<double>();
      framing.shift_x = 0.1 * drawn[1].item<double>() - 0.05;
      framing.shift_y = 0.1 * drawn[2].item<double>() - 0.05;
    }
    const PersonWindow window = window_about(person, frame_size.at(0), frame_size.at(1), framing);
    const auto real = [](int64_t pixel) { return static_cast<double>(pixel); };
    now.copy_(at::tensor({real(window.left), real(window.top), 1.0, real(window.right), real(window.bottom), 1.0},
                         at::kDouble)
                  .view({2, 3}));
    if (has_body(person)) kept.copy_(now);
  }

  at::Tensor window_;  // [B, 2, 3], undefined before the first frame; all 0 before the first person
};

}  // namespace

void add_find_window(Registry& registry) {
  registry.add<FindWindow>("pose.window");
}

}  // namespace weft::pose
