#include "framework/weights/shape_text.h"
#include "plugins/loss/masked.h"
#include <weft/node.h>

namespace weft::loss {
namespace {

/// How far an encoder's Gaussian is from the standard one.
///
///   -1/2 sum (1 + log_variance - mean^2 - exp(log_variance))
///
/// Source: Kingma and Welling 2014, "Auto-Encoding Variational Bayes", appendix B.
struct Kl {
  static constexpr auto about =
      "Kullback-Leibler (KL) divergence: between a diagonal Gaussian and the standard one, as in variational "
      "autoencoders";

  enum class Over { Sum, Mean };
  Over batch = Over::Sum;

  void params(Params& p) {
    p("batch", batch, "reduction over the batch: SPADE takes the sum, as over the components",
      {{"sum", Over::Sum}, {"mean", Over::Mean}});
  }

  Out<"value", "scalar"> run(In<"mean", "feature[...]"> mean, In<"log_variance", "feature[...]"> log_variance) {
    if (mean->sizes() != log_variance->sizes()) {
      throw Error(Exit::Graph, text("loss.kl needs mean and log variance of one shape, but they are ",
                                    weights::shape_text(*mean), " and ", weights::shape_text(*log_variance)));
    }
    const at::Tensor mu = precise(*mean), log_of = precise(*log_variance);
    const at::Tensor sum = -0.5 * (1 + log_of - mu.square() - log_of.exp()).sum();
    return batch == Over::Sum ? sum : sum / static_cast<double>(mean->size(0));
  }
};

}  // namespace

void add_kl(Registry& registry) {
  registry.add<Kl>("loss.kl");
}

}  // namespace weft::loss
