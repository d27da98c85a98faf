#include "plugins/fewshot/layers.h"

#include <ATen/ops/bmm.h>
#include <ATen/ops/softmax.h>

#include <memory>
#include <vector>

namespace weft::fewshot {
namespace {

/// The layers that look at a label map to find where examples show the like: first, then halvings.
struct Tower {
  Pyramid pyramid{.features = 32, .down = 2};
  Norms norms;

  void declare(Params& p) {
    p("features", pyramid.features, "channels at full resolution; each halving doubles them, up to 1024")
        .min(1)
        .max(Pyramid::kMostChannels);
    p("attention_down", pyramid.down, "halvings of the label maps, as of the features of the examples").min(0).max(10);
    norms.declare(p);
  }

  void shape(Shapes& shapes) const {
    shapes.set('C', pyramid.channels(pyramid.down));
    shapes.set('P', shapes['H'] / pyramid.factor());
    shapes.set('Q', shapes['W'] / pyramid.factor());
  }

  /// @param which  "key" or "query"
  void build(nn::Module& owner, const std::string& which, int64_t labels) {
    layers_.push_back(
        std::make_unique<EncoderLayer>(owner, text("atn_", which, "_first"), labels, pyramid.channels(0), 1, norms));
    for (int64_t level = 0; level < pyramid.down; ++level) {
      layers_.push_back(std::make_unique<EncoderLayer>(owner, text("atn_", which, '_', level), pyramid.channels(level),
                                                       pyramid.channels(level + 1), 2, norms));
    }
  }

  at::Tensor operator()(at::Tensor x) const {
    for (const auto& layer : layers_) x = (*layer)(x);
    return x;
  }

 private:
  std::vector<std::unique_ptr<EncoderLayer>> layers_;
};

/// Keys of the attention. Keys atn_key_first.*, atn_key_{i}.*.
struct AttentionKeys : nn::Module {
  static constexpr auto about =
      "Keys of the attention over examples (few-shot vid2vid), from the label maps of the examples: what "
      "fewshot.attention "
      "compares the current label map with; static examples have static keys";

  Tower tower;

  void params(Params& p) { tower.declare(p); }
  void shape(Shapes& shapes) const { tower.shape(shapes); }
  void build(const Shapes& shapes) { tower.build(*this, "key", shapes.known("L")); }

  Out<"keys", "feature[B,K,C,P,Q]"> run(In<"label", "conditions[B,K,L,H,W]"> label, Context& context) {
    const int64_t batch = label->size(0);
    return tower(nn::enter(label->flatten(0, 1), context.precision())).unflatten(0, {batch, -1});
  }
};

/// Attention over all pixels of all examples:
///
///   a(k, p; q) = softmax over k, p of key(k, p) · query(q);  feature(q) = sum of a(k, p; q) feature(k, p)
///
/// Keys atn_query_first.*, atn_query_{i}.*. Source: Wang et al. 2019, "Few-shot Video-to-Video Synthesis", section 3.1, E_A,
/// which draws one network for keys and queries; the program has two.
struct Attention : nn::Module {
  static constexpr auto about =
      "Attention over several examples (few-shot vid2vid): at each pixel, the features of the pixels of all examples "
      "whose "
      "labels are alike. `attention` shows how much each pixel takes from each example, `which` is the example that is "
      "looked at most";

  Tower tower;

  void params(Params& p) { tower.declare(p); }
  void shape(Shapes& shapes) const { tower.shape(shapes); }
  void build(const Shapes& shapes) { tower.build(*this, "query", shapes.known("L")); }

  std::tuple<Out<"feature", "feature[B,F,P,Q]">, Out<"attention", "feature[B,K,P,Q]">, Out<"which", "any[B]">> run(
      In<"label", "conditions[B,L,H,W]"> label, In<"keys", "feature[B,K,C,P,Q]"> keys,
      In<"feature", "feature[B,K,F,P,Q]"> feature, Context& context) {
    const at::Tensor query = tower(nn::enter(*label, context.precision()));  // [B, C, P, Q]
    const int64_t height = query.size(2), width = query.size(3), count = keys->size(1);
    const at::Tensor of_keys = keys->transpose(1, 2).flatten(2).transpose(1, 2);  // [B, K*P*Q, C]
    const at::Tensor energy = nn::widened(at::bmm(of_keys, query.flatten(2)));    // [B, K*P*Q, P*Q]
    const at::Tensor weights = at::softmax(energy, 1);
    const at::Tensor values = feature->transpose(1, 2).flatten(2);  // [B, F, K*P*Q]
    const at::Tensor seen = at::bmm(values, weights.to(values.scalar_type()));
    const at::Tensor of_example = weights.unflatten(1, {count, -1}).sum(2);  // [B, K, P*Q]
    return {seen.unflatten(2, {height, width}), of_example.unflatten(2, {height, width}), of_example.sum(2).argmax(1)};
  }
};

}  // namespace

void add_attention(Registry& registry) {
  registry.add<AttentionKeys>("fewshot.attention_keys");
  registry.add<Attention>("fewshot.attention");
}

}  // namespace weft::fewshot
