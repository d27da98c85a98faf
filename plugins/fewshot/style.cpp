#include "plugins/fewshot/layers.h"

#include <ATen/ops/cat.h>
#include <ATen/ops/ones.h>

#include <memory>
#include <utility>
#include <vector>

namespace weft::fewshot {
namespace {

/// The style vector of the baselines. Keys ref_img_first.*, ref_img_down_{i}.*, fc_style.*.
///
/// Source: Wang et al. 2019, "Few-shot Video-to-Video Synthesis", section 4, which describes the baselines in words; the
/// layers are those of its encoder of examples.
struct Style : nn::Module {
  static constexpr auto about =
      "Style vector of examples, for the baselines of few-shot vid2vid (Encoder, ConcatStyle, AdaIN): features of the "
      "images, and of their label maps where these are wired, averaged over all pixels; of several examples the mean";

  Pyramid pyramid;
  Norms norms;
  int64_t width = 256;

  void params(Params& p) {
    pyramid.declare(p);
    norms.declare(p);
    p("width", width, "numbers of the vector").min(1).max(4096);
  }

  void shape(Shapes& shapes) const { shapes.set('S', width); }

  void build(const Shapes& shapes) {
    const int64_t labels = shapes.input("label").empty() ? 0 : shapes.known("L");
    const auto add = [&](const std::string& name, int64_t in, int64_t out, int64_t stride) {
      layers_.push_back(std::make_unique<EncoderLayer>(*this, name, in, out, stride, norms));
    };
    add("ref_img_first", 3 + labels, pyramid.channels(0), 1);
    for (int64_t level = 0; level < pyramid.down; ++level)
      add(text("ref_img_down_", level), pyramid.channels(level), pyramid.channels(level + 1), 2);
    to_style_.emplace(*this, "fc_style", linear_options(pyramid.channels(pyramid.down), width));
  }

  Out<"style", "feature[B,S]"> run(In<"image", "image[B,K,3,H,W]"> image, Opt<"label", "conditions[B,K,L,H,W]"> label,
                                   Context& context) {
    const auto each = [&](const at::Tensor& all) { return nn::enter(all.flatten(0, 1), context.precision()); };
    at::Tensor x = label ? at::cat({each(*image), each(*label)}, 1) : each(*image);  // [B*K, 3 + L, H, W]
    for (const auto& layer : layers_) x = (*layer)(x);
    const at::Tensor styles = (*to_style_)(x.mean(at::IntArrayRef({2, 3})));  // [B*K, S]
    return nn::widened(styles).unflatten(0, {image->size(0), -1}).mean(1);    // [B, S]
  }

 private:
  std::vector<std::unique_ptr<EncoderLayer>> layers_;
  std::optional<nn::Linear> to_style_;
};

/// What the generator begins with in the baselines. Keys fc_start.*.
struct StyleStart : nn::Module {
  static constexpr auto about =
      "Features with which fewshot.generator begins in the baselines of few-shot vid2vid: made from a style vector "
      "(Encoder), or, without one, learnt and the same for all examples (ConcatStyle, AdaIN)";

  Pyramid pyramid;

  void params(Params& p) { pyramid.declare(p); }

  void shape(Shapes& shapes) const {
    shapes.set('C', pyramid.channels(pyramid.down));
    shapes.set('M', shapes['H'] / pyramid.factor());
    shapes.set('N', shapes['W'] / pyramid.factor());
  }

  void build(const Shapes& shapes) {
    const int64_t numbers = shapes.known("C") * shapes.known("M") * shapes.known("N");
    const int64_t in = shapes.input("style").empty() ? 1 : shapes.known("S");
    to_start_.emplace(*this, "fc_start", linear_options(in, numbers));
  }

  Out<"start", "feature[B,C,M,N]"> run(In<"label", "conditions[B,L,H,W]"> label, Opt<"style", "feature[B,S]"> style,
                                       Context& context) {
    const int64_t batch = label->size(0), factor = pyramid.factor();
    const at::Tensor from = style ? *style : at::ones({batch, 1}, label->options().dtype(at::kFloat));
    return (*to_start_)(from.to(context.precision()))
        .view({batch, -1, label->size(2) / factor, label->size(3) / factor});
  }

 private:
  std::optional<nn::Linear> to_start_;
};

/// The style vector at every pixel.
struct StyleMap {
  static constexpr auto about =
      "Label map with a style vector at every pixel as more channels, for the baseline ConcatStyle of few-shot vid2vid";

  void shape(Shapes& shapes) const {
    const Dim labels = shapes['L'], style = shapes['S'];
    if (labels.is_known() && style.is_known()) shapes.set('C', Dim(labels.value() + style.value()));
  }

  Out<"conditions", "conditions[B,C,H,W]"> run(In<"label", "conditions[B,L,H,W]"> label,
                                               In<"style", "feature[B,S]"> style) {
    const at::Tensor map = style->unsqueeze(2).unsqueeze(3).expand({-1, -1, label->size(2), label->size(3)});
    return at::cat({*label, map.to(label->scalar_type())}, 1);  // [B, L + S, H, W]
  }
};

}  // namespace

void add_style(Registry& registry) {
  registry.add<Style>("fewshot.style");
  registry.add<StyleStart>("fewshot.style_start");
  registry.add<StyleMap>("fewshot.style_map");
}

}  // namespace weft::fewshot
