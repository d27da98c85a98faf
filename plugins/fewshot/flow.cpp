#include "plugins/fewshot/flow_network.h"

#include <ATen/ops/cat.h>

namespace weft::fewshot {
namespace {

/// Where pixels of the new frame are in the example, or in the last frame.
///
/// Keys flow_network_ref.*, or flow_network_temp.*; in the program both are one network unless it is told otherwise: then
/// the second node says share = "…". Source: Wang et al. 2019, "Few-shot Video-to-Video Synthesis", equation 1.
struct Flow : nn::Module {
  static constexpr auto about =
      "Flow network (few-shot vid2vid): predicts backward flow from the current frame to the example or to the last "
      "frame, "
      "and the mask, 1 where the frame must be newly generated";

  enum class To { Example, Previous };
  To to = To::Example;
  FlowOptions options;

  void params(Params& p) {
    p("to", to, "the frame that the flow leads to, which says the keys: flow_network_ref or flow_network_temp",
      {{"example", To::Example}, {"previous", To::Previous}});
    options.pyramid.declare(p);
    options.norms.declare(p);
    p("blocks", options.blocks, "residual blocks").min(0).max(1000);
    p("range", options.range, "pixels of flow for a value of 1 in the last layer").above(0);
  }

  void shape(Shapes& shapes) const {
    const size_t labels = shapes.input("labels").size(), images = shapes.input("images").size();
    if (labels != images) {
      throw Error(Exit::Graph,
                  text("fewshot.flow reads as many `labels` as `images`, but there are ", labels, " and ", images));
    }
    for (const char letter : {'H', 'W'}) {
      const Dim side = shapes.symbols ? shapes.symbols->resolve(shapes[letter]) : shapes[letter];
      if (!side.is_known() || side.value() % options.pyramid.factor() == 0) continue;
      throw Error(Exit::Graph, text("fewshot.flow halves its maps ", options.pyramid.down, " times, but the ",
                                    letter == 'H' ? "height" : "width", " is ", side.value()))
          .hint(text("choose a multiple of ", options.pyramid.factor(), ", or a smaller `down`"));
    }
  }

  void build(const Shapes& shapes) {
    frames_ = shapes.input("images").size();
    options.in = shapes.known("L") * static_cast<int64_t>(frames_ + 1) + 3 * static_cast<int64_t>(frames_);
    network_.emplace(*this, to == To::Example ? "flow_network_ref" : "flow_network_temp", options);
  }

  std::tuple<Out<"flow", "flow[B,2,H,W]">, Out<"mask", "mask[B,1,H,W]">> run(
      In<"label", "conditions[B,L,H,W]"> label, Many<"labels", "conditions[B,L,H,W]"> labels,
      Many<"images", "image[B,3,H,W]"> images, Context& context) {
    if (labels.size() != frames_ || images.size() != frames_) {
      throw Error(Exit::Graph,
                  text("fewshot.flow reads ", frames_, " frames, but only ", images.size(), " are present"))
          .hint("name a frame for those before the first, as in images = [\"x[t-2] else x[t-1]\", \"x[t-1]\"]");
    }
    std::vector<at::Tensor> parts = {*label};
    for (size_t i = 0; i < labels.size(); ++i) parts.push_back(labels[i]);
    for (size_t i = 0; i < images.size(); ++i) parts.push_back(images[i]);
    for (at::Tensor& part : parts) part = nn::enter(part, context.precision());
    const FlowNetwork::Result result = (*network_)(at::cat(parts, 1));
    return {result.flow, result.mask};
  }

 private:
  size_t frames_ = 0;
  std::optional<FlowNetwork> network_;
};

}  // namespace

void add_flow(Registry& registry) {
  registry.add<Flow>("fewshot.flow");
}

}  // namespace weft::fewshot
