#include "plugins/world/figure/face_film.h"
#include "plugins/world/film.h"

#include <ATen/ops/empty.h>

#include <memory>
#include <tuple>

namespace weft::world {
namespace {

/// A talking face as a source.
///
/// A frame is a function of seed, identity, motion and t: what a face does is independent of whose it is, so that one motion
/// of two identities is a pair. The flow of the first frame leads to the frame that would have been before it.
struct Face {
  static constexpr auto about =
      "Procedural face: a seeded person who talks, blinks and looks around before a still camera, with exact ground "
      "truth: image, the 68 landmarks as face.landmark_folder gives them, labels (those of face.labels: 1 skin, 2 "
      "brows, 3 nose, 4 eyes, 5 lips, 6 inside of the mouth; and 7 hair, 8 neck, 9 clothes; 0 background), mask of the "
      "person, backward flow, and occlusion (1: not visible in the previous frame)";

  FilmParams film;

  void params(Params& p) {
    film.params(p, "whose face: shape, skin, hair, eyes, clothes, light and studio; every number is another person",
                "what the face does, whoever it is");
  }
  void shape(Shapes& shapes) const { film.shape(shapes); }

  std::optional<int64_t> frame_count() const { return film.count.frame_count(); }
  std::optional<int64_t> frames() { return frame_count(); }
  std::optional<std::string> next_sequence(Context&) {
    const auto number = film.count.begin();
    if (!number) return {};
    film_ = std::make_unique<FaceFilm>(film.options(*number));
    return text("face-", film.seed + *number);
  }
  bool skip() { return film.count.advance().has_value(); }

  using Frame = std::tuple<Out<"image", "image[B,3,H,W]">, Out<"keypoints", "keypoints[B,68,3]">,
                           Out<"labels", "labels[B,1,H,W]">, Out<"mask", "foreground_mask[B,1,H,W]">,
                           Out<"flow", "flow[B,2,H,W]">, Out<"occlusion", "mask[B,1,H,W]">>;

  std::optional<Frame> run() {
    const auto time = film.count.advance();
    if (!time) return {};
    FilmTensors tensors(film.size[0], film.size[1]);
    at::Tensor labels = at::empty({1, 1, film.size[0], film.size[1]}, at::kLong);
    const Landmarks landmarks =
        film_->draw(static_cast<double>(*time), {tensors.maps(), labels.mutable_data_ptr<int64_t>()});
    at::Tensor keypoints = at::empty({1, static_cast<int64_t>(landmarks.size()), 3}, at::kDouble);
    double* number = keypoints.mutable_data_ptr<double>();
    for (const Dot& point : landmarks) {
      *number++ = point.x;
      *number++ = point.y;
      *number++ = 1;
    }
    return Frame{tensors.image, keypoints, labels, tensors.mask, tensors.flow, tensors.occlusion};
  }

 private:
  std::unique_ptr<FaceFilm> film_;
};

}  // namespace

void add_face(Registry& registry) {
  registry.add<Face>("world.face");
}

}  // namespace weft::world
