#include "plugins/world/film.h"

#include <ATen/ops/empty.h>

namespace weft::world {

void FilmParams::params(Params& p, const std::string& of_identity, const std::string& of_motion) {
  p("seed", seed, "chooses where the camera stands, and the person and the motion where they are not given")
      .min(0)
      .max(kLargestSeed);
  p("identity", identity, of_identity + "; the next sequence has the next one; default: `seed`")
      .min(0)
      .max(kLargestSeed);
  p("identities", identities,
    "how many identities there are, before the first comes again; default: one for each sequence")
      .min(1);
  p("motion", motion, of_motion + "; the next sequence has the next one; default: `seed`").min(0).max(kLargestSeed);
  p("motions", motions, "how many motions there are, before the first comes again; default: one for each sequence")
      .min(1);
  p("frames", count.frame_limit, "frames of a sequence; 0: it never ends").min(0);
  p("start", count.start, "the time of the motion at t = 0, in frames; there are 25 in a second").min(0).max(1e9);
  p("sequences", count.sequences, "number of sequences; each has the next seed").min(1);
  p("size", size, "height and width in pixels").count({2}).min(16).max(8192);
}

void FilmParams::shape(Shapes& shapes) const {
  shapes.set('H', size[0]);
  shapes.set('W', size[1]);
}

FilmOptions FilmParams::options(int64_t number) const {
  const auto chosen = [&](const std::optional<int64_t>& first, const std::optional<int64_t>& count) {
    return static_cast<uint64_t>(first.value_or(seed) + (count ? number % *count : number));
  };
  return {static_cast<uint64_t>(seed + number), chosen(identity, identities), chosen(motion, motions),
          static_cast<int>(size[0]), static_cast<int>(size[1])};
}

FilmTensors::FilmTensors(int64_t height, int64_t width)
    : image(at::empty({1, 3, height, width}, at::kFloat)),
      flow(at::empty({1, 2, height, width}, at::kFloat)),
      occlusion(at::empty({1, 1, height, width}, at::kFloat)),
      mask(at::empty({1, 1, height, width}, at::kFloat)) {}

FigureMaps FilmTensors::maps() {
  return {image.mutable_data_ptr<float>(), flow.mutable_data_ptr<float>(), occlusion.mutable_data_ptr<float>(),
          mask.mutable_data_ptr<float>()};
}

}  // namespace weft::world
