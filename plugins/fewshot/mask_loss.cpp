#include <weft/node.h>

#include <ATen/TensorOperators.h>

namespace weft::fewshot {
namespace {

at::Tensor precise(const at::Tensor& x) {
  return x.scalar_type() == at::kDouble ? x : x.to(at::kFloat);
}

/// Warp where the warped picture is right, draw elsewhere:
///
///   mean c mask + mean (1 - c) (1 - mask),   c = min(1, max(0, 1 - sum over colours of |warped - real|))
///
/// Source: the program of Wang et al. 2019, "Few-shot Video-to-Video Synthesis".
struct MaskLoss {
  static constexpr auto about =
      "Occlusion mask loss (few-shot vid2vid): the mask should be 0 where the warped picture is the real frame, and 1 "
      "where "
      "it differs";

  Out<"value", "scalar"> run(In<"mask", "mask[B,1,H,W]"> mask, In<"warped", "image[B,3,H,W]"> warped,
                             In<"real", "image[B,3,H,W]"> real) {
    const at::Tensor difference = (precise(*warped) - precise(*real)).abs().sum(1, /*keepdim=*/true);
    const at::Tensor sure = (1 - difference).clamp(0, 1);  // [B, 1, H, W]
    const at::Tensor drawn = precise(*mask);
    return (drawn * sure).abs().mean() + ((drawn - 1) * (1 - sure)).abs().mean();
  }
};

/// The mask by poses: nothing is generated at the face, everything where the example's body is not that of the frame.
///
///   mean f mask + mean |mask - 1| o + mean |mask - 1| d
///
/// f is the surroundings of the face, o the example's body outside of the frame's, d how much the warped parts of the
/// example differ from the frame's. Source: as MaskLoss.
struct PoseMaskLoss {
  static constexpr auto about =
      "Occlusion mask loss of poses (few-shot vid2vid): the mask to the example should be 0 at the face, and 1 where "
      "the "
      "example's body or its warped parts are not those of the frame. `difference` shows how much the parts differ";

  std::tuple<Out<"value", "scalar">, Out<"difference", "feature[B,1,H,W]">> run(
      In<"mask", "mask[B,1,H,W]"> mask, In<"face", "mask[B,1,H,W]"> face,
      In<"foreground", "foreground_mask[B,1,H,W]"> foreground,
      In<"example_foreground", "foreground_mask[B,1,H,W]"> example_foreground, In<"parts", "feature[B,9,H,W]"> parts,
      In<"warped_parts", "feature[B,9,H,W]"> warped_parts) {
    const at::Tensor drawn = precise(*mask), near_face = precise(*face);
    const at::Tensor outside = (*example_foreground - *foreground > 0).to(drawn.scalar_type());
    const at::Tensor difference = (precise(*warped_parts) - precise(*parts)).abs().sum(1, /*keepdim=*/true);
    const at::Tensor loss = (drawn * near_face).abs().mean() + ((drawn - 1) * outside).abs().mean() +
                            (drawn * difference - difference).abs().mean();
    return {loss, difference};
  }
};

}  // namespace

void add_mask_loss(Registry& registry) {
  registry.add<MaskLoss>("fewshot.mask_loss");
  registry.add<PoseMaskLoss>("fewshot.pose_mask_loss");
}

}  // namespace weft::fewshot
