#include "plugins/vid2vid/branch.h"

namespace weft::vid2vid {
namespace {

/// Draws a frame from the trunk's features without looking at where pixels came from.
///
/// Keys model_res_img, model_up_img, model_final_img. Source: Wang et al. 2018, section 3.1, h_t.
struct ImageBranch : nn::Module {
  static constexpr auto about =
      "Image branch of the vid2vid generator: generates a frame, the hallucinated image h, from the trunk's features";

  Branch branch;
  void params(Params& p) { branch.declare(p); }
  void shape(Shapes& shapes) const { branch.shape(shapes); }

  void build(const Shapes&) {
    branch.build(*this, "img");
    final_.emplace(*this, "model_final_img").head(branch.features, 3, nn::ResnetStack::Activation::Tanh);
  }

  std::tuple<Out<"image", "image[B,3,H,W]">, Out<"feature", "feature[B,K,H,W]">> run(
      In<"trunk", "feature[B,F,M,N]"> trunk, Opt<"up", "feature[B,F,M,N]"> up) {
    const at::Tensor feature = branch(*trunk, up ? &*up : nullptr);  // [B, K, H, W]
    return {nn::widened((*final_)(feature)), feature};
  }

 private:
  std::optional<nn::ResnetStack> final_;
};

}  // namespace

void add_image_branch(Registry& registry) {
  registry.add<ImageBranch>("vid2vid.image_branch");
}

}  // namespace weft::vid2vid
