#include <weft/node.h>

#include <ATen/TensorOperators.h>
#include <ATen/ops/randn.h>

namespace weft::image {
namespace {

/// An image as a poor camera takes it: Gaussian noise at each pixel of each channel, anew in each frame.
struct Noise {
  static constexpr auto about =
      "Adds Gaussian noise to an image, anew in each frame from the seed of the run, and clips the result to [-1, 1]: "
      "the "
      "input of a denoising";
  static constexpr bool random = true;

  double deviation = 0.2;

  void params(Params& p) {
    p("deviation", deviation, "standard deviation of the noise; images are in [-1, 1], so 0.2 is 25.5 of 255 levels")
        .min(0);
  }

  Out<"noisy", "image[B,3,H,W]"> run(In<"in", "image[B,3,H,W]"> in, Context& context) {
    // On the CPU, so that each device adds the same.
    const at::Tensor noise = at::randn(in->sizes(), context.generator(at::kCPU), at::TensorOptions().dtype(at::kFloat));
    return (*in + noise.to(in->options()) * deviation).clamp(-1, 1);
  }
};

}  // namespace

void add_noise(Registry& registry) {
  registry.add<Noise>("image.noise");
}

}  // namespace weft::image
