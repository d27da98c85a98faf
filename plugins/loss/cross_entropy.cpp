#include "plugins/loss/masked.h"
#include <weft/node.h>

#include <ATen/ops/nll_loss2d.h>
#include <ATen/ops/tensor.h>

namespace weft::loss {
namespace {

constexpr int64_t kIgnored = -100;  // as nll_loss2d counts it

/// The smallest probability whose logarithm is taken.
constexpr double kLeastProbability = 1e-6;

/// The mean over pixels of -log softmax(logits)[label], or of -log p[label] where probabilities are given.
struct CrossEntropy {
  static constexpr auto about =
      "Cross entropy of class logits (or probabilities) and a label map, the loss of semantic segmentation: the mean "
      "over pixels of -log softmax(logits)[label]; 0 where no pixel counts";

  std::vector<int64_t> ignore = {255};
  std::vector<double> weights;
  enum class Form { Logits, Probabilities };
  Form form = Form::Logits;

  void params(Params& p) {
    p("form", form,
      "what `logits` has: scores before the softmax, or probabilities, of which those below 1e-6 count as 1e-6",
      {{"logits", Form::Logits}, {"probabilities", Form::Probabilities}});
    p("ignore", ignore, "label ids whose pixels do not count");
    p("weights", weights,
      "one weight for each class, such as larger ones for rare classes; the mean is divided by the sum of the weights "
      "of "
      "all pixels; default: 1 for each")
        .min(0);
  }

  void shape(Shapes& shapes) const {
    const Dim channels = shapes['C'];
    if (channels.is_known()) check_weights(channels.value());
  }

  Out<"value", "scalar"> run(In<"logits", "feature[B,C,H,W]"> logits, In<"labels", "labels[B,1,H,W]"> labels) {
    const int64_t classes = logits->size(1);
    check_weights(classes);
    at::Tensor target = labels->squeeze(1);
    for (const int64_t id : ignore) target = target.masked_fill(target == id, kIgnored);
    const at::Tensor counts = target != kIgnored;
    check_ids(target, counts, classes);
    if (!counts.any().item<bool>()) return precise(*logits).sum() * 0;
    std::optional<at::Tensor> by_class;
    if (!weights.empty()) by_class = at::tensor(weights, at::kDouble).to(precise(*logits).options());
    return at::nll_loss2d(log_probabilities(precise(*logits)), target, by_class, /*reduction: mean*/ 1, kIgnored);
  }

 private:
  at::Tensor log_probabilities(const at::Tensor& scores) const {
    return form == Form::Logits ? scores.log_softmax(1) : scores.clamp_min(kLeastProbability).log();
  }

  void check_weights(int64_t classes) const {
    if (weights.empty() || static_cast<int64_t>(weights.size()) == classes) return;
    throw Error(Exit::Graph, text("`weights` has ", count_text(static_cast<int64_t>(weights.size()), "number"),
                                  ", but the logits have ", count_text(classes, "channel")));
  }

  static void check_ids(const at::Tensor& target, const at::Tensor& counts, int64_t classes) {
    const at::Tensor wrong = target.masked_select(counts.logical_and((target < 0).logical_or(target >= classes)));
    if (wrong.numel() == 0) return;
    throw Error(Exit::Data, text("the label id ", wrong[0].item<int64_t>(), " is none of the ", classes,
                                 " classes (0 to ", classes - 1, ")"))
        .hint("semantics.remap in front of it converts ids; `ignore` leaves ids out");
  }
};

}  // namespace

void add_cross_entropy(Registry& registry) {
  registry.add<CrossEntropy>("loss.cross_entropy");
}

}  // namespace weft::loss
