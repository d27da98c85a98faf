#include "framework/base/error.h"
#include "framework/base/text.h"
#include "plugins/metric/features.h"
#include "plugins/metric/kernel_distance.h"
#include "plugins/metric/reservoir.h"
#include "plugins/metric/results.h"

#include <memory>

namespace weft::metric {
namespace {

/// Kernel distance of two sets of features: KID and KVD.
struct KernelSet {
  static constexpr bool on_host = true;
  static constexpr bool whole_batch = true;
  static constexpr auto about =
      "Kernel distance (squared MMD, unbiased) of two sets of features over all sequences: KID with "
      "metric.inception_features, KVD with metric.i3d_features and gamma = 1. Reported at the end of the run: of all "
      "vectors, and mean and standard deviation over random subsets as KID is published. Memory: a uniform sample of "
      "`reservoir` vectors of each set; with more vectors than that the value is of the sample";

  Reporting reporting;
  Pooling pooling = Pooling::Mean;
  PolynomialKernel kernel;
  int64_t subsets = 100;
  int64_t subset_size = 1000;
  int64_t size = 2000;

  void params(Params& p) {
    reporting.declare(p, "name of the number in the report, such as \"KID\"");
    declare(p, pooling);
    p("gamma", kernel.gamma,
      "factor of the product in the kernel (gamma a.b + coefficient)^degree; default: 1 / D, as KID")
        .above(0);
    p("coefficient", kernel.coefficient, "summand of the kernel").min(0);
    p("degree", kernel.degree, "exponent of the kernel").min(1).max(10);
    p("subsets", subsets, "random subsets for mean and deviation; 0: none").min(0).max(10000);
    p("subset_size", subset_size, "vectors of each set in a subset; smaller sets are taken whole").min(2);
    p("reservoir", size, "vectors of each set that are kept").min(2).max(100000);
  }

  void run(In<"real", "feature[B,C,H,W]"> real, In<"fake", "feature[N,C,M,K]"> fake, Context& context) {
    add(real_, *real, "real", context);
    add(fake_, *fake, "fake", context);
  }

  void complete(Context& context) {
    if (context.is_broken_off() && (!real_ || real_->count() < 2 || fake_->count() < 2)) return;
    check("real", real_);
    check("fake", fake_);
    const at::Tensor real = real_->vectors().to(at::kDouble), fake = fake_->vectors().to(at::kDouble);
    Findings findings{.metric = reporting.name,
                      .method = reporting.method,
                      .settings = settings(context),
                      .samples = samples(real, fake),
                      .numbers = {{reporting.name, kernel_distance(real, fake, kernel, Estimator::Unbiased)}}};
    if (subsets > 0) {
      const SubsetDistance of_subsets =
          kernel_distance_of_subsets(real, fake, kernel, subsets, subset_size, context.generator(at::kCPU));
      findings.numbers.push_back({text(reporting.name, " of ", of_subsets.subsets, " subsets of ", of_subsets.size),
                                  of_subsets.mean, of_subsets.deviation});
    }
    findings.is_broken_off = context.is_broken_off();
    reporting.publish(findings, context);
  }

 private:
  void add(std::unique_ptr<Reservoir>& set, const at::Tensor& features, const char* port, const Context& context) {
    check_finite(features, port, context);
    if (!set) set = std::make_unique<Reservoir>(size, 1);
    set->add(vectors_of(features, pooling));
  }

  static void check(const char* port, const std::unique_ptr<Reservoir>& set) {
    const int64_t count = set ? set->count() : 0;
    if (count >= 2) return;
    throw Error(Exit::Data,
                text("a kernel distance needs at least two feature vectors of each set, but `", port, "` has ", count))
        .hint("run over more frames or sequences");
  }

  std::string samples(const at::Tensor& real, const at::Tensor& fake) const {
    std::string counts = text("n = ", real_->count(), " and ", fake_->count(), ", D = ", real.size(1));
    if (!real_->has_all() || !fake_->has_all()) counts += text(", sampled ", real.size(0), " and ", fake.size(0));
    return counts;
  }

  std::string settings(const Context& context) const {
    const std::string real = context.origin("real"), fake = context.origin("fake");
    const std::string features = real == fake ? real : text(real, " against ", fake);
    return text(features.empty() ? "" : features + "; ", pooling == Pooling::Mean ? "mean" : "positions",
                " pooling, kernel (", kernel.gamma ? number_text(*kernel.gamma) : "1/D", " a.b + ",
                number_text(kernel.coefficient), ")^", kernel.degree);
  }

  std::unique_ptr<Reservoir> real_, fake_;
};

}  // namespace

void add_kernel_distance(Registry& registry) {
  registry.add<KernelSet>("metric.kernel_distance");
}

}  // namespace weft::metric
