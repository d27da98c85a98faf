#include "framework/base/text.h"
#include "plugins/metric/features.h"
#include "plugins/metric/frechet.h"
#include "plugins/metric/reservoir.h"
#include "plugins/metric/results.h"

#include <algorithm>
#include <cmath>
#include <optional>

namespace weft::metric {
namespace {

/// Fréchet distance of two sets of features.
struct FrechetSet {
  static constexpr bool on_host = true;
  static constexpr bool whole_batch = true;
  static constexpr auto about =
      "Fréchet distance of two sets of features over all sequences: FID with metric.inception_features, video FID and "
      "FVD "
      "with metric.i3d_features or metric.resnext3d_features, or features of any other node. Reported at the end of "
      "the "
      "run with its standard deviation (bootstrap), the numbers of vectors n and their length D; with n below D the "
      "value is exact but strongly biased upwards. Memory: D x D numbers for each set, and `reservoir` vectors for the "
      "bootstrap; a set larger than the reservoir is drawn from a uniform sample, and the deviation is scaled";

  Reporting reporting;
  Pooling pooling = Pooling::Mean;
  Divisor divisor = Divisor::Unbiased;
  int64_t repetitions = 20;
  int64_t size = 512;

  void params(Params& p) {
    reporting.declare(p, "name of the number in the report, such as \"FID\"");
    declare(p, pooling);
    p("covariance", divisor, "divisor of the covariance: n - 1 as in pytorch-fid, or n as in StyleGAN-V's FVD",
      {{"unbiased", Divisor::Unbiased}, {"biased", Divisor::Count}});
    p("bootstrap", repetitions, "repetitions of the bootstrap; 0: no deviation").min(0).max(10000);
    p("reservoir", size, "vectors of each set that the bootstrap draws from").min(2).max(100000);
  }

  void run(In<"real", "feature[B,C,H,W]"> real, In<"fake", "feature[N,C,M,K]"> fake, Context& context) {
    add(real_, *real, "real", context);
    add(fake_, *fake, "fake", context);
  }

  void complete(Context& context) {
    if (context.is_broken_off() && std::min(real_.moments.count(), fake_.moments.count()) < 2) return;
    const Frechet found = frechet(real_.moments, fake_.moments, divisor);
    Number number{reporting.name, found.distance};
    if (repetitions > 1) number.deviation = deviation(context);
    Findings findings{.metric = reporting.name,
                      .method = reporting.method,
                      .settings = settings(context),
                      .samples = text("n = ", real_.moments.count(), " and ", fake_.moments.count(),
                                      ", D = ", real_.moments.dimensions()),
                      .numbers = {number}};
    findings.is_broken_off = context.is_broken_off();
    reporting.publish(findings, context);
  }

 private:
  struct Set {
    Moments moments;
    std::optional<Reservoir> sample;
  };

  void add(Set& set, const at::Tensor& features, const char* port, const Context& context) {
    check_finite(features, port, context);
    const at::Tensor vectors = vectors_of(features, pooling);
    set.moments.add(vectors);
    if (repetitions < 2) return;
    if (!set.sample) set.sample.emplace(size, 1);
    set.sample->add(vectors);
  }

  double deviation(const Context& context) const {
    const at::Tensor real = real_.sample->vectors(), fake = fake_.sample->vectors();
    const Spread spread = bootstrap(real, fake, divisor, repetitions, context.generator(at::kCPU));
    // The deviation of a mean falls with the root of the count.
    const auto drawn = static_cast<double>(std::min(real.size(0), fake.size(0)));
    const auto all = static_cast<double>(std::min(real_.moments.count(), fake_.moments.count()));
    return spread.deviation * std::sqrt(drawn / all);
  }

  std::string settings(const Context& context) const {
    const std::string real = context.origin("real"), fake = context.origin("fake");
    const std::string features = real == fake ? real : text(real, " against ", fake);
    return text(features.empty() ? "" : features + "; ", pooling == Pooling::Mean ? "mean" : "positions",
                " pooling, covariance by n", divisor == Divisor::Unbiased ? " - 1" : "");
  }

  Set real_, fake_;
};

}  // namespace

void add_frechet(Registry& registry) {
  registry.add<FrechetSet>("metric.frechet");
}

}  // namespace weft::metric
