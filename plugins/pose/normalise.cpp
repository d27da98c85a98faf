#include "plugins/pose/fitted_pose.h"
#include <weft/node.h>

#include <ATen/ops/cat.h>
#include <ATen/ops/zeros.h>

namespace weft::pose {
namespace {

/// The pose of one person with the proportions of another (retargeting).
///
/// Source: Chan et al. 2019, "Everybody Dance Now", section 3, and the lengths of bones.
struct Normalise {
  static constexpr auto about =
      "Gives the poses of one person the proportions of another, so that a network which was trained on one person can "
      "follow another: each bone keeps its direction and gets the other's length, the feet stand where the other's "
      "would, and jumps are kept. `proportions` are those of the person who moves, `reference` those of the person who "
      "is "
      "to be generated, both by pose.proportions; the result is in pixels of the latter's video. Of several people in "
      "a "
      "frame, the tallest is taken; where nobody is, all points are 0";
  static constexpr bool on_host = true;

  Out<"keypoints", "keypoints[B,137,3]"> run(In<"keypoints", "keypoints[B,K,3]"> keypoints,
                                             In<"proportions", "keypoints[B,28,3]"> proportions,
                                             In<"reference", "keypoints[B,28,3]"> reference) {
    std::vector<at::Tensor> poses;
    for (int64_t b = 0; b < keypoints->size(0); ++b) {
      const Proportions of = proportions_from(proportions->select(0, b));
      const Proportions wanted = proportions_from(reference->select(0, b));
      check_alike(of, wanted);
      const std::vector<Person> people = people_of(keypoints->select(0, b));
      const Person* person = tallest_of(people);
      poses.push_back(person ? pose::keypoints_of({with_proportions(*person, of, wanted)})
                             : at::zeros({1, kPointsOfPerson, 3}, at::kDouble));
    }
    return at::cat(poses);
  }

 private:
  static void check_alike(const Proportions& of, const Proportions& wanted) {
    if (!of.is_known || !wanted.is_known) {
      throw Error(Exit::Data, text(of.is_known ? "`reference`" : "`proportions`", " are of nobody"))
          .hint("pose.proportions measures them");
    }
    if (of.has_feet == wanted.has_feet) return;
    throw Error(Exit::Data, text("the ", of.has_feet ? "reference" : "moving person",
                                 " is seen to the hips only, and the other one to the feet"))
        .hint("take videos that show both people down to their feet, or neither");
  }
};

}  // namespace

void add_normalise(Registry& registry) {
  registry.add<Normalise>("pose.normalise");
}

}  // namespace weft::pose
