#include "plugins/fewshot/reference.h"

namespace weft::fewshot {
namespace {

/// Kernels from an encoded example. Keys ref_{img,label}_up_{i}.*, fc_*_{i}.*.
///
/// Source: Wang et al. 2019, "Few-shot Video-to-Video Synthesis", section 3.1, E_P.
struct Weights : nn::Module {
  static constexpr auto about =
      "Weight generator (few-shot vid2vid): kernels of the norms and of the label embedder of fewshot.generator, from "
      "the "
      "encoded example; of static examples they are generated once for a sequence. Both nodes take the same parameters";

  GeneratedOptions generated;
  Norms norms;
  bool residual = false;
  int64_t hidden_layers = 2;

  void params(Params& p) {
    generated.pyramid.declare(p);
    norms.declare(p);
    generated.declare(p);
    p("residual", residual, "residual blocks instead of convolutions");
    p("hidden_layers", hidden_layers, "linear layers before the last one of each generator").min(0).max(16);
  }

  void shape(Shapes& shapes) const {
    generated.check("fewshot.weights");
    const GeneratedLayout layout(generated);
    if (layout.numbers() == 0) {
      throw Error(Exit::Graph, "fewshot.weights generates nothing: `spade` and `conv` are false, or `layers` is 0")
          .hint("remove the node, and the generator's input `weights`");
    }
    shapes.set('G', layout.numbers());
    const int64_t towers = ReferenceTowers::towers(generated.labels);
    shapes.set('E', towers * generated.pyramid.channels(generated.pyramid.down));
  }

  void build(const Shapes&) {
    decoder_.emplace(
        *this, ReferenceTowers::Options{
                   .pyramid = generated.pyramid, .norms = norms, .labels = generated.labels, .residual = residual});
    generator_.emplace(*this, generated, norms, hidden_layers);
  }

  Out<"weights", "feature[B,G]"> run(In<"encoded", "feature[B,E,M,N]"> encoded) {
    return (*generator_)((*decoder_)(*encoded));
  }

 private:
  std::optional<ReferenceDecoder> decoder_;
  std::optional<WeightGenerator> generator_;
};

}  // namespace

void add_weights(Registry& registry) {
  registry.add<Weights>("fewshot.weights");
}

}  // namespace weft::fewshot
