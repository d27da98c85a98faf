#include "plugins/fewshot/generated.h"
#include "plugins/fewshot/label_embedder.h"

#include <ATen/ops/cat.h>
#include <ATen/ops/leaky_relu.h>
#include <ATen/ops/tanh.h>

#include <array>
#include <memory>
#include <utility>

namespace weft::fewshot {
namespace {

using Maps = std::vector<at::Tensor>;

/// The generator of few-shot vid2vid: SPADE blocks whose norms see the label map by generated kernels, and the warped
/// pictures by learnt ones.
///
/// Keys label_embedding.*, img_ref_embedding.*, img_prev_embedding.*, up_{down … 0}.*, conv_img.*. The embedding of a warped
/// picture exists where one is wired. Source: Wang et al. 2019, "Few-shot Video-to-Video Synthesis", section 3.
struct Generator : nn::Module {
  static constexpr auto about =
      "Generator of few-shot vid2vid: generates a frame from the features of an example and the label map, with "
      "kernels of "
      "fewshot.weights. With `combine`, its norms also see the warped example and the warped last frame "
      "(SPADE-combine); "
      "otherwise these are blended with the frame by nodes behind it. A `style` vector, that of fewshot.style, acts by "
      "AdaIN after each norm: a baseline";

  GeneratedOptions generated;
  Norms norms;
  EmbedderOptions::Form embedder = EmbedderOptions::Form::EncoderDecoder;
  EmbedderOptions::Form combine_embedder = EmbedderOptions::Form::Unet;
  int64_t combine = 0, kernel = 3;
  double gain = kGain;
  bool shares_embedding = false, makes_raw = false;
  GeneratedBiases biases = GeneratedBiases::Ignored;

  void params(Params& p);
  void shape(Shapes& shapes) const;
  void build(const Shapes& shapes);

  std::tuple<Out<"image", "image[B,3,H,W]">, Out<"raw", "image[B,3,H,W]">> run(
      In<"start", "feature[B,C,M,N]"> start, In<"label", "conditions[B,L,H,W]"> label,
      Opt<"weights", "feature[B,G]"> weights, Opt<"warped_example", "image[B,3,H,W]"> warped_example,
      Opt<"example_mask", "mask[B,1,H,W]"> example_mask, Opt<"warped_previous", "image[B,3,H,W]"> warped_previous,
      Opt<"previous_mask", "mask[B,1,H,W]"> previous_mask, Opt<"style", "feature[B,S]"> style, Context& context) {
    const auto entered = [&](const auto& value) { return nn::enter(*value, context.precision()); };
    const auto seen = [&](const std::optional<LabelEmbedder>& embed, const auto& image, const auto& mask) {
      if (!image || !mask) return Maps();
      return (embed ? *embed : *example_embedding_)(at::cat({entered(image), entered(mask)}, 1));
    };
    if (has_generated() && !weights) {
      throw Error(Exit::Graph, "fewshot.generator needs `weights` for the layers that `spade` and `conv` name")
          .hint("wire fewshot.weights to it, or set `spade = false` and `conv = false`");
    }
    const at::Tensor all = weights ? *weights : at::Tensor();
    const std::vector<SampleKernels> kernels = all.defined() ? layout_->embedder(all) : std::vector<SampleKernels>();
    const std::array<Maps, 3> maps = {(*embedding_)(entered(label), kernels),
                                      seen(example_embedding_, warped_example, example_mask),
                                      seen(previous_embedding_, warped_previous, previous_mask)};
    auto [image, raw] = draw(entered(start), maps, {all, style ? entered(style) : at::Tensor()});
    return {image, raw};
  }

 private:
  bool has_generated() const { return generated.in_blocks() > 0; }
  BlockOptions block_options(int64_t level, int64_t style) const;
  /// What an example says by numbers instead of maps; undefined where it says nothing.
  struct Said {
    at::Tensor kernels, style;
  };
  at::Tensor through(int64_t level, const at::Tensor& x, std::span<const at::Tensor> maps, const Said& said) const;
  at::Tensor picture(const at::Tensor& x) const {
    return nn::widened(at::tanh((*to_image_)(at::leaky_relu(x, kSlope))));
  }
  std::pair<at::Tensor, at::Tensor> draw(at::Tensor x, const std::array<Maps, 3>& maps, const Said& said) const;

  std::optional<GeneratedLayout> layout_;
  std::optional<LabelEmbedder> embedding_, example_embedding_, previous_embedding_;
  std::vector<std::unique_ptr<ResidualBlock>> up_;  ///< by level
  std::optional<nn::Conv2d> to_image_;
};

void Generator::params(Params& p) {
  using Form = EmbedderOptions::Form;
  generated.pyramid.declare(p);
  norms.declare(p);
  generated.declare(p);
  const std::initializer_list<std::pair<const char*, Form>> forms = {
      {"encoder", Form::Encoder}, {"encoderdecoder", Form::EncoderDecoder}, {"unet", Form::Unet}};
  p("embedder", embedder, "form of the label embedder; generated layers need \"encoderdecoder\"", forms);
  p("combine", combine, "number of finest blocks whose norms see the warped pictures too; 0: none (SPADE-combine)")
      .min(0)
      .max(10);
  p("combine_embedder", combine_embedder, "form of the embedders of the warped pictures", forms);
  p("share_embedding", shares_embedding, "embeds the warped last frame as the warped example, by one network");
  p("raw", makes_raw,
    "makes `raw` by the label map alone, as a second pass of the blocks that see the warped pictures; otherwise it is "
    "the "
    "image");
  p("kernel", kernel, "side of the kernels of the blocks, odd").min(1).max(31);
  p("gain", gain,
    "gain of the Xavier initialisation of the label embedder and of the learnt kernels on its maps, which no spectral "
    "norm "
    "scales: the program's 0.02 lets labels act after long training only, 1 from the beginning")
      .above(0)
      .max(100);
  p("generated_biases", biases,
    "whether the generated biases of the norms act: the program ignores them, which is a slip of an index",
    {{"ignored", GeneratedBiases::Ignored}, {"used", GeneratedBiases::Used}});
}

void Generator::shape(Shapes& shapes) const {
  generated.check("fewshot.generator");
  if (kernel % 2 == 0) throw Error(Exit::Graph, text("fewshot.generator: `kernel` must be odd, but is ", kernel));
  if (generated.in_embedder() > 0 && embedder != EmbedderOptions::Form::EncoderDecoder) {
    throw Error(Exit::Graph, "fewshot.generator: only the embedder \"encoderdecoder\" can have generated layers")
        .hint("set `embedding = false`, in fewshot.weights too");
  }
  if (combine == 0 && (!shapes.input("warped_example").empty() || !shapes.input("warped_previous").empty())) {
    throw Error(Exit::Graph, "fewshot.generator: warped pictures are wired, but no block sees them")
        .hint("set `combine = 2`, or blend them by image.blend");
  }
  for (const auto& [image, mask] :
       {std::pair{"warped_example", "example_mask"}, std::pair{"warped_previous", "previous_mask"}}) {
    if (shapes.input(image).empty() != shapes.input(mask).empty())
      throw Error(Exit::Graph, text("fewshot.generator needs both `", image, "` and `", mask, "`, or neither"));
  }
  if (shares_embedding && shapes.input("warped_example").empty() && !shapes.input("warped_previous").empty()) {
    throw Error(Exit::Graph,
                "fewshot.generator: `share_embedding` shares that of `warped_example`, which is not wired");
  }
  if (has_generated()) {
    shapes.set('G', GeneratedLayout(generated).numbers());
  } else if (!shapes.input("weights").empty()) {
    throw Error(Exit::Graph, "fewshot.generator: `weights` is wired, but no layer has generated kernels");
  }
  shapes.set('C', generated.pyramid.channels(generated.pyramid.down));
  shapes.set('M', shapes['H'] / generated.pyramid.factor());
  shapes.set('N', shapes['W'] / generated.pyramid.factor());
}

BlockOptions Generator::block_options(int64_t level, int64_t style) const {
  const size_t maps = level < combine ? 3 : 1;
  const bool is_fine = level < generated.finest();
  return {.norms = norms,
          .hidden = std::vector<int64_t>(maps, generated.pyramid.channels(level)),
          .is_generated = generated.spade && is_fine,
          .has_own_kernels = !(generated.conv && is_fine),
          .kernel = kernel,
          .map_kernel = generated.map_kernel,
          .biases = biases,
          .gain = gain,
          .style = style};
}

void Generator::build(const Shapes& shapes) {
  const Pyramid& pyramid = generated.pyramid;
  layout_.emplace(generated);
  embedding_.emplace(*this, "label_embedding",
                     EmbedderOptions{.in = shapes.known("L"),
                                     .pyramid = pyramid,
                                     .form = embedder,
                                     .generated = generated.in_embedder(),
                                     .gain = gain});
  const EmbedderOptions of_warped{.in = 4, .pyramid = pyramid, .form = combine_embedder, .gain = gain};
  if (!shapes.input("warped_example").empty()) example_embedding_.emplace(*this, "img_ref_embedding", of_warped);
  if (!shapes.input("warped_previous").empty() && !shares_embedding)
    previous_embedding_.emplace(*this, "img_prev_embedding", of_warped);
  const int64_t style = shapes.input("style").empty() ? 0 : shapes.known("S");
  for (int64_t level = 0; level <= pyramid.down; ++level) {
    up_.push_back(std::make_unique<ResidualBlock>(*this, text("up_", level), pyramid.channels(level + 1),
                                                  pyramid.channels(level), 1, block_options(level, style)));
  }
  to_image_.emplace(*this, "conv_img", conv_options(pyramid.channels(0), 3, 3, false));
}

at::Tensor Generator::through(int64_t level, const at::Tensor& x, std::span<const at::Tensor> maps,
                              const Said& said) const {
  const BlockKernels kernels = level < generated.in_blocks() ? layout_->block(said.kernels, level) : BlockKernels();
  const at::Tensor y = (*up_[static_cast<size_t>(level)])(x, maps, &kernels, said.style);
  return level == 0 ? y : twice(y);
}

/// The frame, and the raw one, which no warped picture has gone into.
std::pair<at::Tensor, at::Tensor> Generator::draw(at::Tensor x, const std::array<Maps, 3>& maps,
                                                  const Said& said) const {
  at::Tensor raw;
  for (int64_t level = generated.pyramid.down; level >= 0; --level) {
    const auto at_level = [&](const Maps& of) { return of.empty() ? at::Tensor() : of[static_cast<size_t>(level)]; };
    const std::array<at::Tensor, 3> seen = {at_level(maps[0]), at_level(maps[1]), at_level(maps[2])};
    const std::span<const at::Tensor> labels_alone(seen.data(), 1);
    const bool sees_warped = level < combine;
    if (sees_warped && makes_raw) raw = through(level, raw.defined() ? raw : x, labels_alone, said);
    x = through(level, x, sees_warped ? std::span<const at::Tensor>(seen) : labels_alone, said);
  }
  const at::Tensor image = picture(x);  // [B, 3, H, W]
  return {image, raw.defined() ? picture(raw) : image};
}

}  // namespace

void add_generator(Registry& registry) {
  registry.add<Generator>("fewshot.generator");
}

}  // namespace weft::fewshot
