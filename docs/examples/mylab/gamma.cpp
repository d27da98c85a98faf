#include <weft/node.h>

struct Gamma {
  static constexpr auto about =
      "Gamma correction of an image: raises its values, scaled to [0, 1], to the power 1 / gamma";

  double gamma = 1.5;
  void params(weft::Params& p) { p("gamma", gamma, "above 1 brightens, below 1 darkens").above(0); }

  weft::Out<"bright", "image[B,3,H,W]"> run(weft::In<"image", "image[B,3,H,W]"> image) {
    const at::Tensor values = *image / 2 + 0.5;  // [B, 3, H, W] in [0, 1]
    return values.pow(1 / gamma) * 2 - 1;
  }
};

WEFT_PLUGIN("mylab", "1.0.0", registry) {
  registry.add<Gamma>("mylab.gamma");
}
