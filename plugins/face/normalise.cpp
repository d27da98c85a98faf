#include "plugins/face/landmarks.h"
#include "plugins/face/proportions.h"
#include <weft/node.h>

#include <ATen/ops/cat.h>
#include <ATen/ops/constant_pad_nd.h>

namespace weft::face {
namespace {

/// The landmarks of one person with the proportions of another.
///
/// Source: Wang et al. 2019, "Few-shot Video-to-Video Synthesis", program.
struct Normalise {
  static constexpr auto about =
      "Gives facial landmarks the proportions of a reference face, so that a network which was shown one person can "
      "follow another: each pair of landmarks is scaled about its middle and moved along its line from the chin";
  static constexpr bool on_host = true;

  bool forehead = true;

  void params(Params& p) {
    p("forehead", forehead, "adds 15 points of a forehead: 83 landmarks instead of 68; face.draw takes both");
  }

  void shape(Shapes& shapes) const {
    shapes.set('M', Dim(static_cast<int64_t>(forehead ? kWithForehead : kLandmarks)));
  }

  Out<"keypoints", "keypoints[B,M,3]"> run(In<"keypoints", "keypoints[B,68,3]"> keypoints,
                                           In<"proportions", "keypoints[B,P,3]"> proportions,
                                           In<"reference", "keypoints[B,P,3]"> reference, Context& context) {
    std::vector<at::Tensor> faces;
    for (int64_t b = 0; b < keypoints->size(0); ++b) {
      const Proportions of = proportions_from(proportions->select(0, b));
      const Proportions wanted = proportions_from(reference->select(0, b));
      const double size = context.is_training() || of.width == 0 || wanted.width == 0 ? 1 : wanted.width / of.width;
      Landmarks face = with_proportions(with_forehead(landmarks_of(keypoints->select(0, b))), of, wanted, size);
      if (!forehead && !face.empty()) face.resize(kLandmarks);
      const at::Tensor moved = face::keypoints_of(face);  // of nobody [1, 68, 3], else [1, M, 3]
      faces.push_back(face.empty() ? at::constant_pad_nd(moved, {0, 0, 0, missing_rows()}) : moved);
    }
    return at::cat(faces);
  }

 private:
  int64_t missing_rows() const { return forehead ? static_cast<int64_t>(kWithForehead - kLandmarks) : 0; }
};

}  // namespace

void add_normalise(Registry& registry) {
  registry.add<Normalise>("face.normalise");
}

}  // namespace weft::face
