#include "framework/weights/shape_text.h"
#include "plugins/flow/operators.h"
#include <weft/node.h>

#include <ATen/TensorOperators.h>
#include <ATen/ops/empty.h>
#include <ATen/ops/tensor.h>
#include <opencv2/core.hpp>
#include <opencv2/video/tracking.hpp>

#include <functional>

namespace weft::flow {
namespace {

constexpr int64_t kLeastSide = 16;  // below it the pyramids of both methods have no level

/// Luma in 0 to 255, one byte a pixel, as OpenCV's own conversion weights the colours.
/// @param image  [B, 3, H, W] in [-1, 1]
/// @returns [B, H, W] uint8 on the CPU
at::Tensor grey(const at::Tensor& image) {
  const at::Tensor weights = at::tensor({0.299, 0.587, 0.114}, image.options()).view({1, 3, 1, 1});
  const at::Tensor luma = (image * weights).sum(1);
  return ((luma + 1) * 127.5).round().clamp(0, 255).to(at::kCPU, at::kByte).contiguous();
}

/// Confidence, and what both nodes do around the method.
struct Classic {
  double threshold = 0.02;

  void declare(Params& p) {
    p("threshold", threshold,
      "confidence is 1 where the squared difference between the current frame and the warped previous one, summed over "
      "the channels, is below this; images are in [-1, 1]")
        .above(0);
  }

  using Method = std::function<void(const cv::Mat& from, const cv::Mat& to, cv::Mat& flow)>;

  /// @returns flow [B, 2, H, W] and confidence [B, 1, H, W]
  std::pair<at::Tensor, at::Tensor> run(const at::Tensor& current, const at::Tensor& previous, const Context& context,
                                        const Method& method) const {
    const int64_t height = current.size(2), width = current.size(3);
    if (height < kLeastSide || width < kLeastSide) {
      throw Error(Exit::Graph, text(context.node(), " wants frames of at least ", kLeastSide, 'x', kLeastSide,
                                    " pixels, but got ", weights::shape_text(current)))
          .hint("enlarge the frames with image.resize first, and the flow afterwards");
    }
    const at::Tensor now = current.detach().to(at::kFloat), before = previous.detach().to(at::kFloat);
    at::Tensor from = grey(now), to = grey(before);
    at::Tensor flow = at::empty({current.size(0), height, width, 2}, at::kFloat);
    for (int64_t b = 0; b < flow.size(0); ++b) {
      const auto rows = static_cast<int>(height), columns = static_cast<int>(width);
      cv::Mat result;  // empty: DIS takes what is in it for a first guess
      method(cv::Mat(rows, columns, CV_8UC1, from[b].data_ptr()), cv::Mat(rows, columns, CV_8UC1, to[b].data_ptr()),
             result);
      result.copyTo(cv::Mat(rows, columns, CV_32FC2, flow[b].data_ptr()));
    }
    flow = flow.permute({0, 3, 1, 2}).contiguous().to(now.device());
    return {flow, ((now - resample(before, flow)).square().sum(1, true) < threshold).to(at::kFloat)};
  }
};

/// Dense inverse search.
///
/// Source: Kroeger et al. 2016, "Fast Optical Flow using Dense Inverse Search".
struct Dis {
  static constexpr auto about =
      "Optical flow without weights, by dense inverse search (DIS, Kroeger et al. 2016, OpenCV's): the flow from the "
      "current frame back to the previous one, and its confidence; the ports are those of flow.flownet2";
  static constexpr bool on_host = true;
  static constexpr bool stops_gradients = true;

  Classic classic;

  enum class Preset { UltraFast, Fast, Medium };
  Preset speed = Preset::Medium;

  void params(Params& p) {
    p("preset", speed, "OpenCV's settings: ultrafast and fast search at a quarter of the size, medium at half",
      {{"ultrafast", Preset::UltraFast}, {"fast", Preset::Fast}, {"medium", Preset::Medium}});
    classic.declare(p);
  }

  std::tuple<Out<"flow", "flow[B,2,H,W]">, Out<"confidence", "mask[B,1,H,W]">> run(
      In<"current", "image[B,3,H,W]"> current, In<"previous", "image[B,3,H,W]"> previous, Context& context) {
    const auto [flow, confidence] =
        classic.run(*current, *previous, context, [&](const cv::Mat& from, const cv::Mat& to, cv::Mat& result) {
          cv::DISOpticalFlow::create(opencv_preset())->calc(from, to, result);
        });
    return {flow, confidence};
  }

 private:
  int opencv_preset() const {
    switch (speed) {
      case Preset::UltraFast:
        return cv::DISOpticalFlow::PRESET_ULTRAFAST;
      case Preset::Fast:
        return cv::DISOpticalFlow::PRESET_FAST;
      case Preset::Medium:
        return cv::DISOpticalFlow::PRESET_MEDIUM;
    }
    return cv::DISOpticalFlow::PRESET_MEDIUM;
  }
};

/// Polynomial expansion.
///
/// Source: Farneback 2003, "Two-Frame Motion Estimation Based on Polynomial Expansion".
struct Farneback {
  static constexpr auto about =
      "Optical flow without weights, by polynomial expansion (Farneback 2003, OpenCV's): the flow from the current "
      "frame "
      "back to the previous one, and its confidence; the ports are those of flow.flownet2";
  static constexpr bool on_host = true;
  static constexpr bool stops_gradients = true;

  int64_t levels = 5;
  double scale = 0.5;
  int64_t window = 13;
  int64_t iterations = 10;
  int64_t neighbourhood = 5;
  double sigma = 1.1;
  Classic classic;

  void params(Params& p) {
    p("levels", levels, "sizes of the frame at which flow is estimated").min(1).max(12);
    p("scale", scale, "each size over the one before").min(0.1).below(1);
    p("window", window, "pixels over which displacements are averaged").min(1).max(101);
    p("iterations", iterations, "steps at each size").min(1).max(100);
    p("neighbourhood", neighbourhood, "pixels along the side of the neighbourhood of a polynomial").min(3).max(15);
    p("sigma", sigma, "deviation of the weights in it, in pixels").above(0).max(10);
    classic.declare(p);
  }

  std::tuple<Out<"flow", "flow[B,2,H,W]">, Out<"confidence", "mask[B,1,H,W]">> run(
      In<"current", "image[B,3,H,W]"> current, In<"previous", "image[B,3,H,W]"> previous, Context& context) {
    const auto [flow, confidence] =
        classic.run(*current, *previous, context, [&](const cv::Mat& from, const cv::Mat& to, cv::Mat& result) {
          cv::calcOpticalFlowFarneback(from, to, result, scale, static_cast<int>(levels), static_cast<int>(window),
                                       static_cast<int>(iterations), static_cast<int>(neighbourhood), sigma, 0);
        });
    return {flow, confidence};
  }
};

}  // namespace

void add_classic(Registry& registry) {
  registry.add<Dis>("flow.dis");
  registry.add<Farneback>("flow.farneback");
}

}  // namespace weft::flow
