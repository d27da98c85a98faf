#include "plugins/posewarp/geometry.h"
#include <weft/node.h>

#include <ATen/ops/argmax.h>
#include <ATen/ops/gather.h>
#include <ATen/ops/tensor.h>
#include <ATen/ops/zeros.h>

#include <array>

namespace weft::posewarp {
namespace {

/// Rows of a person in the keypoints of pose.openpose_folder; the body's come first.
constexpr int64_t kRowsOfPerson = 137, kBodyRows = 25;

/// The joints of PoseWarp among those of BODY_25, whose row 8 is the middle of the hips. BODY_25 has no top of the head.
constexpr std::array<int64_t, kJoints> kRows = {0, 1, 2, 3, 4, 5, 6, 7, 9, 10, 11, 12, 13, 14};

struct Joints {
  static constexpr auto about =
      "Joints of a person for PoseWarp, 14 of the 25 of OpenPose (BODY_25); the nose stands for the head. Of several "
      "persons it takes the one whose joints are most certain; without a person no joint is found";

  Out<"joints", "keypoints[B,14,3]"> run(In<"people", "keypoints[B,K,3]"> people) {
    const int64_t batch = people->size(0), rows = people->size(1);
    if (rows % kRowsOfPerson != 0) {
      throw Error(Exit::Graph, text("posewarp.joints wants the keypoints of whole persons, ", kRowsOfPerson,
                                    " rows each, but there are ", rows))
          .hint("wire pose.openpose_folder to it");
    }
    if (rows == 0) return at::zeros({batch, kJoints, 3}, people->options().dtype(at::kFloat));
    const at::Tensor chosen = at::tensor(at::ArrayRef<int64_t>(kRows)).to(people->device());
    const at::Tensor all = people->view({batch, -1, kRowsOfPerson, 3}).narrow(2, 0, kBodyRows).index_select(2, chosen);
    const at::Tensor best = all.select(3, 2).sum(2).argmax(1);  // [B], of the persons
    return all.gather(1, best.view({batch, 1, 1, 1}).expand({batch, 1, kJoints, 3})).squeeze(1).to(at::kFloat);
  }
};

}  // namespace

void add_joints(Registry& registry) {
  registry.add<Joints>("posewarp.joints");
}

}  // namespace weft::posewarp
