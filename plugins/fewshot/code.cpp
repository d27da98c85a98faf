#include "plugins/fewshot/layers.h"

#include <ATen/TensorOperators.h>
#include <ATen/ops/randn.h>

namespace weft::fewshot {
namespace {

constexpr int64_t kCode = 256;

/// A variational code in place of the example's features. Keys fc_mu_ref.*, fc_var_ref.*, fc.*.
struct Code : nn::Module {
  static constexpr auto about =
      "Variational code of the example (few-shot vid2vid with lambda_kld): the generator begins with features of a "
      "code; "
      "drawn in training, the mean of the distribution otherwise";
  static constexpr bool random = true;

  std::vector<int64_t> size = {8, 16};

  void params(Params& p) {
    p("size", size, "height and width of the example's features: those of the frames, halved as often as `down` says")
        .count({2})
        .min(1)
        .max(1024)
        .required();
  }

  void shape(Shapes& shapes) const {
    shapes.set('M', size[0]);
    shapes.set('N', size[1]);
  }

  void build(const Shapes& shapes) {
    const int64_t numbers = shapes.known("C") * shapes.known("M") * shapes.known("N");
    const auto linear = [&](std::optional<nn::Linear>& layer, const char* name, int64_t in, int64_t out) {
      layer.emplace(*this, name, linear_options(in, out));
    };
    linear(mean_, "fc_mu_ref", numbers, kCode);
    linear(log_variance_, "fc_var_ref", numbers, kCode);
    linear(features_, "fc", kCode, numbers);
  }

  std::tuple<Out<"start", "feature[B,C,M,N]">, Out<"mean", "feature[B,256]">, Out<"log_variance", "feature[B,256]">>
  run(In<"feature", "feature[B,C,M,N]"> feature, Context& context) {
    const at::Tensor flat = feature->contiguous().flatten(1);  // [B, C*M*N]
    const at::Tensor mean = nn::widened((*mean_)(flat)), log_variance = nn::widened((*log_variance_)(flat));
    at::Tensor code = mean;
    if (context.is_training()) {
      const at::Tensor noise = at::randn(mean.sizes(), context.generator(at::kCPU)).to(mean.options());
      code = mean + noise * (0.5 * log_variance).exp();
    }
    return {(*features_)(code.to(feature->scalar_type())).view(feature->sizes()), mean, log_variance};
  }

 private:
  std::optional<nn::Linear> mean_, log_variance_, features_;
};

}  // namespace

void add_code(Registry& registry) {
  registry.add<Code>("fewshot.code");
}

}  // namespace weft::fewshot
