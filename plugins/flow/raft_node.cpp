#include "framework/weights/shape_text.h"
#include "plugins/flow/operators.h"
#include "plugins/flow/raft.h"
#include <weft/node.h>

#include <ATen/TensorOperators.h>
#include <ATen/ops/replication_pad2d.h>
#include <c10/core/GradMode.h>

#include <algorithm>
#include <optional>

namespace weft::flow {
namespace {

/// RAFT in the place of FlowNet2: the same ports.
template <RaftKind Kind>
struct RaftNode : nn::Module {
  static constexpr bool stops_gradients = true;

  int64_t updates = 12;
  double threshold = 0.02;

  void params(Params& p) {
    p("updates", updates, "steps of the recurrence; more are slower and better").min(1).max(100);
    p("threshold", threshold,
      "confidence is 1 where the squared difference between the current frame and the warped previous one, summed over "
      "the channels, is below this; images are in [-1, 1]")
        .above(0);
  }

  void build(const Shapes&) { network_.emplace(*this, "", Kind); }

  std::tuple<Out<"flow", "flow[B,2,H,W]">, Out<"confidence", "mask[B,1,H,W]">> run(
      In<"current", "image[B,3,H,W]"> current, In<"previous", "image[B,3,H,W]"> previous, Context& context) {
    const c10::NoGradGuard no_gradients;
    const int64_t height = current->size(2), width = current->size(3);
    if (height < kLeastRaftSide || width < kLeastRaftSide) {
      throw Error(Exit::Graph, text(context.node(), ": RAFT wants frames of at least ", kLeastRaftSide, 'x',
                                    kLeastRaftSide, " pixels, but got ", weights::shape_text(*current)))
          .hint("enlarge the frames with image.resize first, and the flow afterwards");
    }
    const Border border(height, width);
    const at::Tensor now = current->to(at::kFloat), before = previous->to(at::kFloat);
    const at::Tensor flow =
        border.cut((*network_)(border.added(now), border.added(before), updates, context.precision()).back());
    return {flow, ((now - resample(before, flow)).square().sum(1, true) < threshold).to(at::kFloat)};
  }

 private:
  /// Repeated pixels around a frame, up to a multiple of 8; evenly on both sides.
  struct Border {
    Border(int64_t frame_height, int64_t frame_width) : height(frame_height), width(frame_width) {}

    static int64_t missing(int64_t side) { return (kRaftMultiple - side % kRaftMultiple) % kRaftMultiple; }
    at::Tensor added(const at::Tensor& image) const {
      const int64_t x = missing(width), y = missing(height);
      if (x == 0 && y == 0) return image;
      return at::replication_pad2d(image, {x / 2, x - x / 2, y / 2, y - y / 2});
    }
    at::Tensor cut(const at::Tensor& flow) const {
      return flow.narrow(2, missing(height) / 2, height).narrow(3, missing(width) / 2, width).contiguous();
    }

    int64_t height, width;
  };

  std::optional<Raft> network_;
};

struct RaftLarge : RaftNode<RaftKind::Large> {
  static constexpr auto about =
      "RAFT, optical flow estimation (Teed and Deng 2020), large: the flow from the current frame back to the previous "
      "one, and its confidence; the ports are those of flow.flownet2. Gradients stop here. Reads the weights of "
      "torchvision's raft_large";
};

struct RaftSmall : RaftNode<RaftKind::Small> {
  static constexpr auto about =
      "RAFT, optical flow estimation (Teed and Deng 2020), small: a fifth of the parameters of flow.raft_large; the "
      "flow "
      "from the current frame back to the previous one, and its confidence. Gradients stop here. Reads the weights of "
      "torchvision's raft_small";
};

}  // namespace

void add_raft(Registry& registry) {
  registry.add<RaftLarge>("flow.raft_large");
  registry.add<RaftSmall>("flow.raft_small");
}

}  // namespace weft::flow
