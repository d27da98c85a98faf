#include "framework/base/error.h"
#include "framework/base/text.h"
#include "plugins/metric/keypoint_errors.h"
#include <weft/node.h>

#include <ATen/TensorOperators.h>
#include <ATen/ops/scalar_tensor.h>

namespace weft::metric {
namespace {

at::Tensor scalar(double number) {
  return at::scalar_tensor(number, at::kDouble);
}

/// Errors of a pose.
struct PoseError {
  static constexpr bool on_host = true;
  static constexpr auto about =
      "Pose error: key points that were detected in generated frames against those that the frames were made from. "
      "`error`: "
      "mean distance in pixels over joints that both have; `relative`: in units of the longer side of the target's "
      "box; "
      "`pck`: share of the target's joints found within `alpha` of that side; `oks`: object key-point similarity; "
      "`recall`: share of the target's joints found. `joints` is the number of visible joints: give it to "
      "metric.report "
      "as `weight`. Row b of both inputs is one person";

  double least = 0.01;
  double alpha = 0.1;
  std::vector<double> sigmas;

  void params(Params& p) {
    p("least_confidence", least, "a joint with a confidence above this is present").min(0).max(1);
    p("alpha", alpha, "distance for `pck`, as a share of the longer side of the box").above(0);
    p("sigmas", sigmas, "spread of each joint for `oks`; default: COCO's for 17, 18 and 25 joints");
  }

  std::tuple<Out<"error", "scalar">, Out<"relative", "scalar">, Out<"pck", "scalar">, Out<"oks", "scalar">,
             Out<"recall", "scalar">, Out<"joints", "scalar">>
  run(In<"keypoints", "keypoints[B,K,3]"> keypoints, In<"target", "keypoints[B,K,3]"> target) {
    const KeypointErrors errors = compare_keypoints(*keypoints, *target, least);
    const at::Tensor has_person = errors.visible.any(1);
    const double people = has_person.sum().item<double>();
    const at::Tensor oks = errors.similarity(sigmas_of(target->size(1))).sum() / std::max(people, 1.0);
    return {scalar(errors.mean()),        scalar(errors.relative_mean()),
            scalar(errors.within(alpha)), oks,
            scalar(errors.recall()),      scalar(static_cast<double>(errors.visible_count()))};
  }

 private:
  std::vector<double> sigmas_of(int64_t joints) const {
    const std::vector<double> chosen = sigmas.empty() ? joint_sigmas(joints) : sigmas;
    if (static_cast<int64_t>(chosen.size()) == joints) return chosen;
    throw Error(Exit::Graph, text("metric.pose_error has ", chosen.size(), " sigmas for ", joints, " joints"))
        .hint("give one for each joint in `sigmas`, or use metric.keypoint_error");
  }
};

/// Mean error of landmarks.
struct KeypointError {
  enum class Unit { Pixels, Box, Pair };

  static constexpr bool on_host = true;
  static constexpr auto about =
      "Keypoint error: mean distance of landmarks to those of the target, over landmarks that both have; in pixels, in "
      "units "
      "of the longer side of the target's box, or of the distance of two landmarks, such as the outer corners of the "
      "eyes "
      "(normalised mean error, NME). `points` is their number: give it to metric.report as `weight`";

  double least = 0.01;
  Unit unit = Unit::Pixels;
  std::vector<int64_t> pair = {36, 45};

  void params(Params& p) {
    p("least_confidence", least, "a landmark with a confidence above this is present").min(0).max(1);
    p("unit", unit, "what distances are measured in",
      {{"pixels", Unit::Pixels}, {"box", Unit::Box}, {"pair", Unit::Pair}});
    p("pair", pair, "the two landmarks of the unit \"pair\"; 36 and 45: outer corners of the eyes of 68 landmarks")
        .count({2})
        .min(0);
  }

  std::tuple<Out<"value", "scalar">, Out<"points", "scalar">> run(In<"keypoints", "keypoints[B,K,3]"> keypoints,
                                                                  In<"target", "keypoints[B,K,3]"> target) {
    KeypointErrors errors = compare_keypoints(*keypoints, *target, least);
    if (unit == Unit::Pair) errors.extent = length_of_pair(*target);
    if (unit != Unit::Pixels) errors.found = errors.found.logical_and((errors.extent > 0).unsqueeze(1));
    const double value = unit == Unit::Pixels ? errors.mean() : errors.relative_mean();
    return {scalar(value), scalar(errors.found.sum().item<double>())};
  }

 private:
  /// 0 where one of both is missing: such rows are left out.
  at::Tensor length_of_pair(const at::Tensor& target) const {
    if (std::max(pair[0], pair[1]) >= target.size(1)) {
      throw Error(Exit::Graph, text("`pair` names landmark ", std::max(pair[0], pair[1]), ", but there are ",
                                    target.size(1), ", counted from 0"));
    }
    const at::Tensor first = target.select(1, pair[0]).to(at::kDouble),
                     second = target.select(1, pair[1]).to(at::kDouble);
    const at::Tensor both = (first.select(1, 2) > least).logical_and(second.select(1, 2) > least);
    return (first - second).narrow(1, 0, 2).square().sum(1).sqrt() * both.to(at::kDouble);
  }
};

}  // namespace

void add_pose_error(Registry& registry) {
  registry.add<PoseError>("metric.pose_error");
  registry.add<KeypointError>("metric.keypoint_error");
}

}  // namespace weft::metric
