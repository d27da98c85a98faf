#include "plugins/posewarp/affine.h"
#include "plugins/posewarp/geometry.h"
#include <weft/node.h>

#include <ATen/ops/rand.h>
#include <ATen/ops/stack.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <numbers>

namespace weft::posewarp {
namespace {

constexpr int64_t kMostPixels = 32768;

/// Source: Balakrishnan et al. 2018, "Synthesizing Images of Humans in Unseen Poses", section 4.2 and its program.
struct Window {
  static constexpr auto about =
      "Window on a person for PoseWarp: scaled so that the largest of the given persons has the size of those that it "
      "was trained on, centred on the mean of the centres of their boxes; with `augment`, in training, a random flip, "
      "scale, shift, rotation and saturation. posewarp.view shows images through it, posewarp.view_joints joints";
  static constexpr bool on_host = true;
  static constexpr bool random = true;

  std::vector<int64_t> size = {256, 256};
  double person = 1.14;
  bool augment = false;

  void params(Params& p) {
    p("size", size, "height and width of the view, in pixels").count({2}).min(2).max(kMostPixels);
    p("person", person, "size of the largest person in the view, in units of 200 pixels").above(0);
    p("augment", augment, "in training, changes the window at random");
  }

  Out<"window", "feature[B,8]"> run(Many<"joints", "keypoints[B,14,3]"> joints, Context& context) {
    std::vector<at::Tensor> windows;
    for (int64_t b = 0; b < joints[0].size(0); ++b) {
      std::vector<at::Tensor> people;
      for (const at::Tensor& one : joints.all()) people.push_back(one[b].to(at::kDouble).contiguous());
      View view{.places = placed(people)};
      if (augment && context.is_training()) change(view, context);
      windows.push_back(view.numbers());
    }
    return at::stack(windows).to(joints[0].options());
  }

 private:
  /// @param people  each [14, 3]
  Affine placed(const std::vector<at::Tensor>& people) const {
    double largest = 0, x = 0, y = 0, count = 0;
    for (const at::Tensor& joints : people) {
      largest = std::max(largest, person_scale(joints.unsqueeze(0)).item<double>());
      const auto place = joints.accessor<double, 2>();
      std::array<double, 2> first{}, last{};
      bool is_found = false;
      for (int64_t joint = 0; joint < kJoints; ++joint) {
        if (!(place[joint][2] > 0)) continue;
        for (int64_t axis = 0; axis < 2; ++axis) {
          const auto side = static_cast<size_t>(axis);
          first[side] = is_found ? std::min(first[side], place[joint][axis]) : place[joint][axis];
          last[side] = is_found ? std::max(last[side], place[joint][axis]) : place[joint][axis];
        }
        is_found = true;
      }
      if (!is_found) continue;
      x += (first[0] + last[0]) / 2, y += (first[1] + last[1]) / 2, count += 1;
    }
    if (!(largest > 0) || !std::isfinite(largest)) {
      throw Error(Exit::Data,
                  "posewarp.window: nobody's size can be seen: it takes the head and both hips, or a knee and "
                  "its ankle")
          .hint("begin where the person is found, or give the joints of a photograph that shows them");
    }
    const double factor = person / largest;
    return Affine::scale(factor).then(
        Affine::shift(middle_of(1) - factor * x / count, middle_of(0) - factor * y / count));
  }

  double middle_of(size_t side) const { return static_cast<double>(size[side] - 1) / 2; }

  /// In the order of the original: flip, scale about the first pixel, shift, rotation about the middle, saturation.
  void change(View& view, Context& context) const {
    const at::Tensor drawn = at::rand({6}, context.generator(at::kCPU), at::kDouble);
    const double* u = drawn.const_data_ptr<double>();
    constexpr double kLeastScale = 0.9, kMostScale = 1.05, kShift = 10, kDegrees = 5, kSaturation = 0.05;
    const auto about_0 = [&](size_t i) { return u[i] - 0.5; };
    view.is_flipped = u[0] < 0.5;
    if (view.is_flipped) view.places = view.places.then(Affine::mirror(static_cast<double>(size[1] - 1)));
    const double x = middle_of(1), y = middle_of(0), angle = 2 * about_0(4) * kDegrees * std::numbers::pi / 180;
    view.places = view.places.then(Affine::scale(kLeastScale + (kMostScale - kLeastScale) * u[1]))
                      .then(Affine::shift(std::trunc(kShift * about_0(2)), std::trunc(kShift * about_0(3))))
                      .then(Affine::shift(-x, -y))
                      .then(Affine::rotation(angle))
                      .then(Affine::shift(x, y));
    view.saturation = 1 + 2 * kSaturation * about_0(5);
  }
};

}  // namespace

void add_window(Registry& registry) {
  registry.add<Window>("posewarp.window");
}

}  // namespace weft::posewarp
