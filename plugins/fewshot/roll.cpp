#include "plugins/fewshot/layers.h"

#include <ATen/ops/rand.h>
#include <ATen/ops/randint.h>

#include <algorithm>

namespace weft::fewshot {
namespace {

/// Shifts an example and its label map, so that fine-tuning sees more than one picture.
///
/// Source: the program of Wang et al. 2019, "Few-shot Video-to-Video Synthesis", for fine-tuning.
struct Roll {
  static constexpr auto about =
      "Random cyclic shift of an image and its label map by up to a sixteenth of the height and width, mirrored in "
      "half of "
      "all cases (few-shot vid2vid): an example that is its own target when a network is fine-tuned";
  static constexpr bool random = true;

  std::tuple<Out<"image", "image[B,3,H,W]">, Out<"label", "conditions[B,C,H,W]">> run(
      In<"image", "image[B,3,H,W]"> image, In<"label", "conditions[B,C,H,W]"> label, Context& context) {
    const at::Generator generator = context.generator(at::kCPU);
    const int64_t down = shift(image->size(2), generator), right = shift(image->size(3), generator);
    const Mirror mirror = at::rand({}, generator).item<double>() < 0.5 ? Mirror::Yes : Mirror::No;
    return {rolled(*image, down, right, mirror), rolled(*label, down, right, mirror)};
  }

 private:
  static int64_t shift(int64_t size, const at::Generator& generator) {
    const int64_t most = std::max<int64_t>(size / 16, 1);
    const int64_t by = at::randint(most, {}, generator, at::kLong).item<int64_t>();
    return at::rand({}, generator).item<double>() < 0.5 ? by : size - by;
  }
};

}  // namespace

void add_roll(Registry& registry) {
  registry.add<Roll>("fewshot.roll");
}

}  // namespace weft::fewshot
