#include "plugins/world/figure/dancer_film.h"
#include "plugins/world/film.h"

#include <ATen/ops/empty.h>

#include <algorithm>
#include <memory>
#include <tuple>

namespace weft::world {
namespace {

/// A dancing person as a source.
///
/// A frame is a function of seed, identity, motion and t: what the body does is independent of who does it, so that one
/// motion of two identities is a pair. The flow of the first frame leads to the frame that would have been before it.
struct Dancer {
  static constexpr auto about =
      "Procedural dancer: a seeded person who walks, turns, sways and waves before a still camera, with exact ground "
      "truth: image, keypoints as pose.openpose_folder gives them (BODY_25, the face's 70 points and both hands; "
      "confidence 0.5: hidden by the person; 0: outside of the picture, or on the far side of the head), body parts as "
      "pose.densepose gives them (v, u, and the number of the part, -1 in the background), mask of the person, "
      "backward "
      "flow, and occlusion (1: not visible in the previous frame)";

  FilmParams film;

  void params(Params& p) {
    film.params(p, "who dances: build, clothes, hair, skin, light and studio; every number is another person",
                "what is danced, by whomever");
  }
  void shape(Shapes& shapes) const { film.shape(shapes); }

  std::optional<int64_t> frame_count() const { return film.count.frame_count(); }
  std::optional<int64_t> frames() { return frame_count(); }
  std::optional<std::string> next_sequence(Context&) {
    const auto number = film.count.begin();
    if (!number) return {};
    film_ = std::make_unique<DancerFilm>(film.options(*number));
    return text("dancer-", film.seed + *number);
  }
  bool skip() { return film.count.advance().has_value(); }

  using Frame = std::tuple<Out<"image", "image[B,3,H,W]">, Out<"keypoints", "keypoints[B,137,3]">,
                           Out<"parts", "conditions[B,3,H,W]">, Out<"mask", "foreground_mask[B,1,H,W]">,
                           Out<"flow", "flow[B,2,H,W]">, Out<"occlusion", "mask[B,1,H,W]">>;

  std::optional<Frame> run() {
    const auto time = film.count.advance();
    if (!time) return {};
    FilmTensors tensors(film.size[0], film.size[1]);
    at::Tensor parts = at::empty({1, 3, film.size[0], film.size[1]}, at::kFloat);
    const Joints joints = film_->draw(static_cast<double>(*time), {tensors.maps(), parts.mutable_data_ptr<float>()});
    at::Tensor keypoints = at::empty({1, static_cast<int64_t>(joints.size()), 3}, at::kDouble);
    double* number = keypoints.mutable_data_ptr<double>();
    for (const Joint& joint : joints) {
      *number++ = joint.x;
      *number++ = joint.y;
      *number++ = joint.confidence;
    }
    return Frame{tensors.image, keypoints, parts, tensors.mask, tensors.flow, tensors.occlusion};
  }

 private:
  std::unique_ptr<DancerFilm> film_;
};

}  // namespace

void add_dancer(Registry& registry) {
  registry.add<Dancer>("world.dancer");
}

}  // namespace weft::world
