#include <weft/nn.h>
#include <weft/node.h>
#include <weft/vision.h>

#include <ATen/TensorOperators.h>
#include <ATen/ops/adaptive_avg_pool2d.h>
#include <ATen/ops/cat.h>
#include <ATen/ops/sigmoid.h>
#include <ATen/ops/zeros_like.h>

#include <optional>

namespace weft::pix2pixhd {
namespace {

constexpr int64_t kMaskFeatures = 32;

/// Composite features: those of this frame where the mask is 0, those of the frame before, warped, where it is 1.
///
///   composite = (1 - m) feature + m warp(previous, flow),    m = mask(|feature - warp(previous, flow)|)
///
/// The flow is brought to the size of the features by means over areas, and its values are divided by the same factor.
/// At the first frame, where nothing precedes, the composite is `feature` itself.
///
/// Keys mask.{0,2,4}.*. Source: Chen et al. 2017, "Coherent Online Video Style Transfer", section 3; their feature network is
/// pix2pixHD's generator here, as in the comparison of Wang et al. 2018, and the flow is given.
struct Composition : nn::Module {
  static constexpr auto about =
      "Feature composition of COVST (Coherent Online Video Style Transfer): blends the features of this frame with the "
      "composite features of the previous frame, warped by a given flow, by a mask that a network of three "
      "convolutions computes from their difference";

  int64_t features = kMaskFeatures;
  void params(Params& p) { p("features", features, "channels of the mask network").min(1).max(65536); }

  void build(const Shapes& shapes) {
    const int64_t in = shapes.known("F");
    const auto conv = [](int64_t from, int64_t to) {
      return nn::ConvOptions{.in = from, .out = to, .kernel = 3, .padding = 1, .bias_init = nn::Init::zeros()};
    };
    const auto relu = [](const at::Tensor& x) { return x.relu(); };
    mask_.emplace(*this, "mask").add<nn::Conv2d>(conv(in, features)).then(relu);
    mask_->add<nn::Conv2d>(conv(features, features)).then(relu).add<nn::Conv2d>(conv(features, 1));
  }

  std::tuple<Out<"composite", "feature[B,F,M,N]">, Out<"mask", "mask[B,1,M,N]">> run(
      In<"feature", "feature[B,F,M,N]"> feature, Opt<"previous", "feature[B,F,M,N]"> previous,
      Opt<"flow", "flow[B,2,H,W]"> flow, Context& context) {
    if (!previous || !flow) return {*feature, at::zeros_like(feature->narrow(1, 0, 1), at::kFloat)};
    const at::Tensor warped = vision::warp(*previous, reduced(*flow, *feature));  // [B, F, M, N]
    const at::Tensor difference = (*feature - warped).abs();
    const at::Tensor mask = at::sigmoid(nn::widened((*mask_)(nn::enter(difference, context.precision()))));
    const at::Tensor share = mask.to(feature->scalar_type());  // [B, 1, M, N]
    return {(1 - share) * *feature + share * warped, mask};
  }

 private:
  /// [B, 2, H, W] -> [B, 2, M, N], in pixels of the smaller map.
  static at::Tensor reduced(const at::Tensor& flow, const at::Tensor& feature) {
    const int64_t rows = feature.size(2), columns = feature.size(3);
    const at::Tensor means = at::adaptive_avg_pool2d(flow, {rows, columns});
    const double of_x = static_cast<double>(columns) / static_cast<double>(flow.size(3)),
                 of_y = static_cast<double>(rows) / static_cast<double>(flow.size(2));
    return at::cat({means.narrow(1, 0, 1) * of_x, means.narrow(1, 1, 1) * of_y}, 1);
  }

  std::optional<nn::Sequence> mask_;
};

}  // namespace

void add_composition(Registry& registry) {
  registry.add<Composition>("pix2pixhd.composition");
}

}  // namespace weft::pix2pixhd
