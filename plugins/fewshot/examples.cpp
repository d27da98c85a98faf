#include "plugins/fewshot/reference_params.h"

namespace weft::fewshot {
namespace {

/// Features of all examples, before the attention chooses between them.
///
/// Keys ref_{img,label}_first.*, ref_{img,label}_down_{i}.* of the first halvings. Source: Wang et al. 2019, section 3.1.
struct Examples : nn::Module {
  static constexpr auto about =
      "Features of example images and their label maps (few-shot vid2vid): the first layers of the encoder, for each "
      "example by itself; static examples are encoded once";

  ReferenceParams reference;

  void params(Params& p) { reference.declare(p); }

  void shape(Shapes& shapes) const {
    const int64_t factor = int64_t{1} << reference.split();
    shapes.set('F', reference.channels(reference.split()));
    shapes.set('P', shapes['H'] / factor);
    shapes.set('Q', shapes['W'] / factor);
  }

  void build(const Shapes& shapes) {
    ReferenceTowers::Options options = reference.towers;
    options.end = reference.split();
    options.label_channels = shapes.known("L");
    towers_.emplace(*this, options);
  }

  Out<"feature", "feature[B,K,F,P,Q]"> run(In<"image", "image[B,K,3,H,W]"> image,
                                           In<"label", "conditions[B,K,L,H,W]"> label, Context& context) {
    const int64_t batch = image->size(0);
    const auto each = [&](const at::Tensor& all) { return nn::enter(all.flatten(0, 1), context.precision()); };
    const at::Tensor maps = (*towers_)(towers_->first(each(*image), each(*label)));  // [B*K, F, P, Q]
    return maps.unflatten(0, {batch, -1});
  }

 private:
  std::optional<ReferenceTowers> towers_;
};

}  // namespace

void add_examples(Registry& registry) {
  registry.add<Examples>("fewshot.examples");
}

}  // namespace weft::fewshot
