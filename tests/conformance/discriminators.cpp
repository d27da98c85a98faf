#include "framework/base/text.h"
#include "framework/gan/judgement.h"
#include "framework/testing/node_runner.h"
#include "tests/conformance/cases.h"
#include "tests/conformance/fewshot_config.h"
#include "tests/conformance/fill.h"
#include "tests/conformance/graph_run.h"
#include "tests/conformance/strides.h"

namespace weft::conformance {
namespace {

using nlohmann::json;
using testing::NodeRunner;

/// The original's answer is a list of scales, each a list of layers of which the last is the score; without features
/// the score is alone. Real and fake are given the same map, so both must be what the original says.
Tensors compute_patch_discriminator(const Fixture& fixture) {
  const json& config = fixture.config();
  NodeRunner node("gan.patch_discriminator");
  node.set("scales", config.at("num_D").get<int64_t>()).set("layers", config.at("n_layers").get<int64_t>());
  node.set("features", config.at("ndf").get<int64_t>()).set("feature_matching", config.value("getIntermFeat", true));
  node.set("norm", config.value("norm", std::string("batch"))).set("statistics", statistics_of(config));
  const at::Tensor map = fixture.input("input");
  node.input("real", map).input("fake", map);
  fill(node.module(), fixture.params());
  const auto judgement = node.run().value("judgement").as<gan::Judgement>();
  Tensors outputs;
  for (size_t scale = 0; scale < judgement.real.size(); ++scale) {
    const gan::Verdict& verdict = judgement.fakes.front()[scale];
    std::vector<at::Tensor> layers = verdict.features;
    layers.push_back(verdict.score);
    for (size_t layer = 0; layer < layers.size(); ++layer) outputs[text(scale, '.', layer)] = layers[layer];
  }
  return outputs;
}

/// Rounding of float sums; normalising by the statistics of a single map makes it larger.
Tolerance tolerance_of_discriminator(const Fixture& fixture, const std::string&) {
  return {Tolerance::Measure::Largest, fixture.config().value("mode", "eval") == "eval" ? 1e-4 : 5e-4};
}

/// Few-shot vid2vid has a network of this name too, with other keys.
bool is_of_fewshot(const Fixture& fixture) {
  return fixture.description().value("params", json::object()).contains("discriminator_0.model0.0.weight");
}

/// Its outputs are D{scale}.f{layer}.
Tensors compute_fewshot(const Fixture& fixture) {
  const json& config = fixture.config();
  const FewShotNorm norm(config.at("norm"));
  NodeRunner node("gan.patch_discriminator");
  node.set("variant", "fewshot").set("scales", config.at("num_D").get<int64_t>());
  node.set("layers", config.at("n_layers").get<int64_t>()).set("features", config.at("ndf").get<int64_t>());
  node.set("feature_matching", config.value("getIntermFeat", true)).set("norm", norm.kind());
  node.set("spectral_norm", norm.is_spectral).set("statistics", statistics_of(config));
  const at::Tensor map = fixture.input("input");
  node.input("real", map).input("fake", map);
  fill(node.module(), fewshot_params(fixture));
  const auto judgement = node.run().value("judgement").as<gan::Judgement>();
  Tensors outputs;
  for (size_t scale = 0; scale < judgement.real.size(); ++scale) {
    const gan::Verdict& verdict = judgement.fakes.front()[scale];
    std::vector<at::Tensor> layers = verdict.features;
    layers.push_back(verdict.score);
    for (size_t layer = 0; layer < layers.size(); ++layer) outputs[text('D', scale, ".f", layer)] = layers[layer];
  }
  return strided(fixture, std::move(outputs));
}

Tensors compute_discriminator(const Fixture& fixture) {
  return is_of_fewshot(fixture) ? compute_fewshot(fixture) : compute_patch_discriminator(fixture);
}

}  // namespace

void add_discriminator_cases(Cases& cases) {
  cases["MultiscaleDiscriminator"] = {compute_discriminator, tolerance_of_discriminator};
}

}  // namespace weft::conformance
