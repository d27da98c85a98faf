#include "plugins/pix2pixhd/global.h"

namespace weft::pix2pixhd {
namespace {

/// pix2pixHD's global generator: one image from one map of conditions.
///
/// Keys model.*. Height and width are multiples of 2^down.
/// Source: Wang et al. 2018, "High-Resolution Image Synthesis and Semantic Manipulation with Conditional GANs", section 3.1.
struct GlobalGenerator : nn::Module {
  static constexpr auto kName = "pix2pixhd.global_generator";
  static constexpr auto about =
      "Global generator of pix2pixHD: generates one image from the conditions of one frame. Its features after layer "
      "`split` are an output; where `composite` is wired, the layers up to there do not run, and the image is decoded "
      "from these features instead (COVST)";

  GlobalOptions options;
  std::optional<int64_t> split;

  void params(Params& p) {
    options.declare(p);
    p("split", split,
      "number of the layer in the published keys, model.SPLIT, whose result is the output `feature`; the end of a "
      "convolution, its norm and ReLU, or of a residual block; default: after the last residual block")
        .min(3);
  }

  void shape(Shapes& shapes) const {
    check_halvings(kName, shapes, options.down);
    const int64_t halvings = halvings_at_split();
    shapes.set('F', options.features << halvings);
    shapes.set('M', shapes['H'] / (int64_t{1} << halvings));
    shapes.set('N', shapes['W'] / (int64_t{1} << halvings));
  }

  void build(const Shapes& shapes) {
    model_.emplace(*this, "model");
    options.add_body(*model_, shapes.known("C"));
    model_->head(options.features, 3, nn::ResnetStack::Activation::Tanh);
  }

  std::tuple<Out<"image", "image[B,3,H,W]">, Out<"feature", "feature[B,F,M,N]">> run(
      In<"s", "conditions[B,C,H,W]"> s, Opt<"composite", "feature[B,F,M,N]"> composite, Context& context) {
    const nn::MapOrIds conditions = s.map_or_ids();
    nn::check_halvings(kName, conditions.size(2), conditions.size(3), options.down);
    const auto type = context.precision();
    const auto after = static_cast<size_t>(last_layer()) + 1;
    const at::Tensor feature =
        composite ? nn::enter(*composite, type) : model_->part(nn::enter(conditions, type), 0, after);  // [B, F, M, N]
    return {nn::widened(model_->part(feature, after, model_->size())), feature};
  }

 private:
  int64_t last_layer() const { return split.value_or(3 + 3 * options.down + options.blocks); }

  /// How often the maps after layer `split` are halved.
  /// @throws Error  where no step of the network ends there
  int64_t halvings_at_split() const {
    const int64_t layer = last_layer(), last_half = 3 + 3 * options.down, last_block = last_half + options.blocks;
    if (layer <= last_half && layer % 3 == 0) return layer / 3 - 1;
    if (layer > last_half && layer <= last_block) return options.down;
    const int64_t doublings = (layer - last_block) / 3;
    if ((layer - last_block) % 3 == 0 && doublings <= options.down && layer > last_block)
      return options.down - doublings;
    throw Error(Exit::Graph, text(kName, ": no step of the network ends with layer ", layer))
        .hint(text("`split` may be 3, 6, … ", last_half, " (halvings), ", last_half + 1, " … ", last_block,
                   " (residual blocks), ", last_block + 3, ", … ", last_block + 3 * options.down, " (doublings)"));
  }

  std::optional<nn::ResnetStack> model_;
};

/// The global generator without its last three layers, below local enhancers.
///
/// Keys model.*, of the same numbers. Source: as GlobalGenerator.
struct GlobalFeatures : nn::Module {
  static constexpr auto kName = "pix2pixhd.global_features";
  static constexpr auto about =
      "Global generator of pix2pixHD without its last layers: the features that a local enhancer adds to its own, from "
      "the conditions at half its size";

  GlobalOptions options;
  void params(Params& p) { options.declare(p); }

  void shape(Shapes& shapes) const {
    check_halvings(kName, shapes, options.down);
    shapes.set('F', options.features);
  }

  void build(const Shapes& shapes) {
    model_.emplace(*this, "model");
    options.add_body(*model_, shapes.known("C"));
  }

  Out<"feature", "feature[B,F,H,W]"> run(In<"s", "conditions[B,C,H,W]"> s, Context& context) {
    const nn::MapOrIds conditions = s.map_or_ids();
    nn::check_halvings(kName, conditions.size(2), conditions.size(3), options.down);
    return (*model_)(nn::enter(conditions, context.precision()));
  }

 private:
  std::optional<nn::ResnetStack> model_;
};

}  // namespace

void add_global_generator(Registry& registry) {
  registry.add<GlobalGenerator>(GlobalGenerator::kName);
  registry.add<GlobalFeatures>(GlobalFeatures::kName);
}

}  // namespace weft::pix2pixhd
