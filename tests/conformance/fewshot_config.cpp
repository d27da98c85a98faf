#include "tests/conformance/fewshot_config.h"

#include "framework/base/text.h"

#include <ATen/TensorOperators.h>
#include <ATen/ops/mv.h>
#include <ATen/ops/zeros_like.h>

namespace weft::conformance {
namespace {

using nlohmann::json;

constexpr double kSmallest = 1e-12;

at::Tensor normalised(const at::Tensor& vector) {
  return vector / vector.norm().clamp_min(kSmallest);
}

void follow(Tensors& params, const std::string& owner, int64_t steps) {
  const at::Tensor matrix = params.at(owner + "weight_orig").flatten(1);
  at::Tensor& u = params.at(owner + "weight_u");
  at::Tensor& v = params.at(owner + "weight_v");
  for (int64_t step = 0; step < steps; ++step) {
    v = normalised(at::mv(matrix.t(), u));
    u = normalised(at::mv(matrix, v));
  }
}

}  // namespace

FewShotNorm::FewShotNorm(const std::string& name)
    : is_spectral(name.find("spectral") != std::string::npos),
      is_spade(name.find("spade") != std::string::npos),
      is_instance(name.find("instance") != std::string::npos) {}

Tensors fewshot_params(const Fixture& fixture, const std::string& net) {
  Tensors params = fixture.params_below(net, Fixture::FillNames::Rest);
  const json shared = fixture.config().value("shared_modules_filled_by_last_name", json::object());
  for (const auto& [one, last] : shared.items()) {
    for (auto& [key, tensor] : params) {
      if (!key.starts_with(one + '.')) continue;
      const auto same = params.find(last.get<std::string>() + key.substr(one.size()));
      if (same != params.end()) tensor = same->second;
    }
  }
  const std::string matrix = "weight_orig";
  for (const auto& [key, tensor] : Tensors(params)) {
    if (key.ends_with(matrix))
      follow(params, key.substr(0, key.size() - matrix.size()), fixture.config().value("sn_refine", 0));
  }
  return params;
}

at::Tensor fewshot_labels(const Fixture& fixture, const std::string& name) {
  const at::Tensor raw = fixture.input(name);
  if (fixture.config().value("label_nc", 0) == 0) return raw;
  const int64_t channels = raw.dim() - 3;
  const at::Tensor largest = raw.argmax(channels, /*keepdim=*/true);
  return at::zeros_like(raw).scatter_(channels, largest, 1);
}

std::string with_one_stream_table(const std::string& toml) {
  std::string streams = "[stream]\n", rest;
  bool is_stream = false;
  for (const std::string& line : split(toml, '\n')) {
    if (line.starts_with('[')) is_stream = line == "[stream]";
    if (line != "[stream]") (is_stream ? streams : rest) += line + '\n';
  }
  return rest + streams;
}

}  // namespace weft::conformance
