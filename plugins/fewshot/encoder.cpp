#include "plugins/fewshot/reference_params.h"

namespace weft::fewshot {
namespace {

/// The rest of the encoder of examples. Keys ref_{img,label}_down_{i}.* after the first halvings.
struct Encoder : nn::Module {
  static constexpr auto about =
      "Encoder of the example (few-shot vid2vid), after the attention: `encoded` is what fewshot.weights generates "
      "kernels "
      "from, `start` are the features of the image alone, with which the generator begins";

  ReferenceParams reference;

  void params(Params& p) { reference.declare(p); }

  void shape(Shapes& shapes) const {
    const int64_t down = reference.towers.pyramid.down, factor = int64_t{1} << (down - reference.split());
    shapes.set('F', reference.channels(reference.split()));
    shapes.set('E', reference.channels(down));
    shapes.set('C', reference.towers.pyramid.channels(down));
    shapes.set('M', shapes['P'] / factor);
    shapes.set('N', shapes['Q'] / factor);
  }

  void build(const Shapes&) {
    ReferenceTowers::Options options = reference.towers;
    options.begin = reference.split();
    options.end = options.pyramid.down;
    if (options.begin < options.end) towers_.emplace(*this, options);
  }

  std::tuple<Out<"start", "feature[B,C,M,N]">, Out<"encoded", "feature[B,E,M,N]">> run(
      In<"feature", "feature[B,F,P,Q]"> feature) {
    const at::Tensor encoded = towers_ ? (*towers_)(*feature) : *feature;
    return {encoded.narrow(1, 0, reference.towers.pyramid.channels(reference.towers.pyramid.down)), encoded};
  }

 private:
  std::optional<ReferenceTowers> towers_;
};

}  // namespace

void add_encoder(Registry& registry) {
  registry.add<Encoder>("fewshot.encoder");
}

}  // namespace weft::fewshot
