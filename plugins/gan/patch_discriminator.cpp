#include "plugins/gan/patch_network.h"

#include <ATen/TensorOperators.h>
#include <ATen/ops/avg_pool2d.h>
#include <ATen/ops/cat.h>

#include <algorithm>

namespace weft::gan {
namespace {

/// Tells real maps from made ones, patch by patch, at several resolutions.
///
/// Real and fake values are judged in separate calls, never as one batch: with the statistics of the batch they would
/// see each other. SPADE's and few-shot vid2vid's are one batch, with the fake values first, so that spectral norms take one step for all. Between
/// scales maps are halved as the generators' pyramids are.
///
/// Sources: Wang et al. 2018, "High-Resolution Image Synthesis and Semantic Manipulation with Conditional GANs", section
/// 3.2; for clips Wang et al. 2018, "Video-to-Video Synthesis", section 3.1; Park et al. 2019, "Semantic Image Synthesis
/// with Spatially-Adaptive Normalization" (SPADE). Keys as PatchNetwork's.
struct PatchDiscriminator : nn::Module {
  static constexpr auto about =
      "PatchGAN discriminator at several scales (pix2pixHD, vid2vid and SPADE): scores patches of real and generated "
      "frames or clips";

  static constexpr double kFlowDivisor = 20;

  using Norm = nn::NormOptions;
  PatchOptions options;
  std::optional<bool> conditions_first;
  std::optional<double> conditions_divisor;

  void params(Params& p) {
    p("scales", options.scales, "number of networks; each works at half the resolution of the previous one")
        .min(1)
        .max(16);
    p("layers", options.layers, "layers that halve the map; two more layers follow").min(1).max(16);
    using Variant = PatchOptions::Variant;
    p("variant", options.variant,
      "the program whose discriminator it is. pix2pixHD: as many channels at each scale, and instance norms without "
      "running statistics. SPADE: the same, keys discriminator_0.model0.0.weight …, real and fake values as one batch. "
      "fewshot: "
      "SPADE's, whose instance norms have a weight and a bias, and epsilon 0.1",
      {{"vid2vid", Variant::Vid2vid},
       {"pix2pixHD", Variant::Pix2pixHD},
       {"spade", Variant::Spade},
       {"fewshot", Variant::FewShot}});
    p("features", options.features,
      "channels after the first layer at full resolution; in vid2vid each coarser scale has twice as many, at most 64")
        .min(1)
        .max(65536);
    p("feature_matching", options.feature_matching,
      "keeps the features of the layers for loss.feature_matching; the weights' keys are then scale0_layer0.0.weight "
      "…, otherwise layer0.0.weight …, as in the original with no_ganFeat");
    p("conditions_first", conditions_first,
      "concatenates the conditions before the frames (true) or after them (false); default: before a single frame and "
      "after the frames of a clip, as in the original");
    p("conditions_divisor", conditions_divisor,
      "the conditions are divided by this; default: 1 for a single frame and 20 for a clip, whose conditions are flow "
      "in pixels, as in the original")
        .above(0);
    p("spectral_norm", options.spectral_norm,
      "divides every kernel by its largest singular value, in SPADE's all but the first and the last; the weights' "
      "keys are then …weight_orig, …weight_u and …weight_v");
    p("norm", options.norm.kind, "normalisation of the layers",
      {{"batch", Norm::Kind::Batch}, {"instance", Norm::Kind::Instance}});
    p("statistics", options.norm.statistics,
      "normalises with the statistics of the current values, as in training, or with the running statistics of the "
      "weights",
      {{"batch", Norm::Statistics::Batch}, {"running", Norm::Statistics::Running}});
    p("update_statistics", options.norm.update,
      "updates the running statistics outside of training too; in training they are updated once for each value that "
      "is judged (\"batch\" does not use them)");
  }

  void shape(Shapes& shapes) const {
    check_sizes(shapes);
    const auto real = channels_at(shapes, "real"), given = channels_at(shapes, "conditions");
    if (real && given) shapes.set('C', *real + *given);
  }

  void build(const Shapes& shapes) {
    const int64_t in = shapes.known("C");
    is_clip_ = shapes.input("real").front().size() == 5;
    for (int64_t index = 0; index < options.scales; ++index)
      networks_.push_back(std::make_unique<PatchNetwork>(*this, index, in, options));
    for (const auto& network : networks_) finest_first_.push_back(network.get());
    if (!options.is_finest_first()) std::reverse(finest_first_.begin(), finest_first_.end());
  }

  Out<"judgement", record<Judgement>> run(In<"real", "feature[...]"> real, Many<"fake", "feature[...]"> fake,
                                          Opt<"conditions", "feature[...]"> conditions, Context& context) {
    at::Tensor given = conditions ? frames_joined(*conditions) : at::Tensor();
    const double divisor = conditions_divisor.value_or(is_clip_ ? kFlowDivisor : 1);
    if (conditions && divisor != 1) given = given / divisor;
    if (options.is_of_spade()) return judge_as_one_batch(fake.all(), *real, given, context);
    Judgement judgement;
    judgement.real = judge(*real, given, context);
    for (const at::Tensor& one : fake.all()) judgement.fakes.push_back(judge(one, given, context));
    return judgement;
  }

 private:
  /// A clip's frames concatenated along the channel dimension, [B, T, C, H, W] -> [B, T*C, H, W]; a single frame as it is.
  static at::Tensor frames_joined(const at::Tensor& maps) { return maps.dim() == 5 ? maps.flatten(1, 2) : maps; }

  /// @param conditions  undefined where there are none
  std::vector<Verdict> judge(const at::Tensor& maps, const at::Tensor& conditions, const Context& context) const {
    std::vector<at::Tensor> parts = {frames_joined(maps)};
    if (conditions.defined()) {
      parts.insert(conditions_first.value_or(!is_clip_) ? parts.begin() : parts.end(),
                   conditions.to(parts.front().scalar_type()));
    }
    at::Tensor x =
        nn::enter(parts.size() == 1 ? parts.front() : at::cat(parts, 1), context.precision());  // [B, C, H, W]
    std::vector<Verdict> verdicts;
    for (const PatchNetwork* network : finest_first_) {
      if (!verdicts.empty())
        x = at::avg_pool2d(x, 3, 2, 1, /*ceil_mode=*/false, /*count_include_pad=*/false);  // [B, C, H/2, W/2]
      verdicts.push_back((*network)(x));
    }
    return verdicts;
  }

  Judgement judge_as_one_batch(std::vector<at::Tensor> fakes, const at::Tensor& real, const at::Tensor& conditions,
                               const Context& context) const {
    const int64_t batch = real.size(0);
    std::vector<at::Tensor> all = std::move(fakes);
    for (at::Tensor& fake : all) fake = fake.to(real.scalar_type());
    all.push_back(real);
    const auto count = static_cast<int64_t>(all.size());
    std::vector<int64_t> repeats(conditions.defined() ? static_cast<size_t>(conditions.dim()) : 0, 1);
    if (conditions.defined()) repeats.front() = count;
    const at::Tensor given = conditions.defined() ? conditions.repeat(repeats) : conditions;
    const std::vector<Verdict> verdicts = judge(at::cat(all), given, context);
    const auto of_value = [&](int64_t index) {
      std::vector<Verdict> own(verdicts.size());
      for (size_t scale = 0; scale < verdicts.size(); ++scale) {
        for (const at::Tensor& feature : verdicts[scale].features)
          own[scale].features.push_back(feature.narrow(0, index * batch, batch));
        own[scale].score = verdicts[scale].score.narrow(0, index * batch, batch);
      }
      return own;
    };
    Judgement judgement;
    for (int64_t index = 0; index + 1 < count; ++index) judgement.fakes.push_back(of_value(index));
    judgement.real = of_value(count - 1);
    return judgement;
  }

  static int64_t frames_of(const Dims& dims) { return dims.size() == 5 && dims[1].is_known() ? dims[1].value() : 1; }

  /// The channels of all frames at a port; 0 where nothing is wired, nothing where they are not known.
  static std::optional<int64_t> channels_at(const Shapes& shapes, const std::string& port) {
    if (shapes.input(port).empty()) return 0;
    const Dims& dims = shapes.input(port).front();
    if (dims.size() < 4) return {};
    const Dim channels = dims[dims.size() - 3] * frames_of(dims);
    const Dim known = shapes.symbols ? shapes.symbols->resolve(channels) : channels;
    return known.is_known() ? std::optional<int64_t>(known.value()) : std::nullopt;
  }

  static void check_sizes(const Shapes& shapes) {
    Symbols none;
    Symbols& symbols = shapes.symbols ? *shapes.symbols : none;
    if (shapes.input("real").empty()) return;
    const Dims& real = shapes.input("real").front();
    const auto agree = [&](const Dim& a, const Dim& b) { return symbols.unify(a, b) != Symbols::Verdict::Different; };
    const auto refuse = [&](const std::string& port, const Dims& dims) {
      return Error(Exit::Graph, text("the inputs of gan.patch_discriminator must have one size, but `real` is ",
                                     symbols.describe(real), " and `", port, "` is ", symbols.describe(dims)));
    };
    if (real.size() != 4 && real.size() != 5) {
      throw Error(Exit::Graph,
                  text("gan.patch_discriminator takes frames [B, C, H, W] or clips [B, T, C, H, W], but `real` is ",
                       symbols.describe(real)));
    }
    for (const Dims& fake : shapes.input("fake")) {
      if (!std::equal(real.begin(), real.end(), fake.begin(), fake.end(), agree)) throw refuse("fake", fake);
    }
    for (const Dims& given : shapes.input("conditions")) {
      const bool is_map = given.size() == 4 || given.size() == 5;
      if (!is_map || !agree(real.front(), given.front()) ||
          !std::equal(real.end() - 2, real.end(), given.end() - 2, agree)) {
        throw refuse("conditions", given);
      }
    }
  }

  std::vector<std::unique_ptr<PatchNetwork>> networks_;  ///< in the order of their keys
  std::vector<const PatchNetwork*> finest_first_;
  bool is_clip_ = false;
};

}  // namespace

void add_patch_discriminator(Registry& registry) {
  registry.add<PatchDiscriminator>("gan.patch_discriminator");
}

}  // namespace weft::gan
