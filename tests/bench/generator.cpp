#include "tests/bench/generator.h"

#include "framework/base/text.h"
#include "framework/nn/layers.h"
#include "framework/run/precision.h"

#include <ATen/ops/full.h>
#include <ATen/ops/zeros.h>

#include <filesystem>
#include <fstream>

namespace weft::bench {
namespace {

constexpr const char* kGraph = R"(format = 1
[inputs]
s     = "conditions[B,36,H,W]"
first = "image[B,3,H,W]?"
cars  = "foreground_mask[B,1,H,W]"
[run]
precision = "PRECISION"
[weights]
F = "fill"
[node.F]
use                 = "SOURCE/graphs/parts/scale.toml"
in.s                = "s"
in.given            = "first before 2"
in.foreground       = "cars"
features            = FEATURES
foreground_features = HALF
[outputs]
frames = "F.frames"
)";

std::string write_graph(at::ScalarType precision, int64_t features) {
  std::string graph = kGraph;
  const auto put = [&](const std::string& word, const std::string& value) {
    graph.replace(graph.find(word), word.size(), value);
  };
  put("PRECISION", precision == at::kFloat ? "f32" : "bf16");
  put("SOURCE", WEFT_SOURCE_DIR);
  put("FEATURES", text(features));
  put("HALF", text(features / 2));
  const std::string file = (std::filesystem::temp_directory_path() / "weft_bench_generator.toml").string();
  std::ofstream(file) << graph;
  return file;
}

at::Tensor first_frame(int64_t t) {
  return at::full({1, 3, kHeight, kWidth}, 0.1 * static_cast<double>(t));
}

}  // namespace

Conditions conditions_at(int64_t t, at::ScalarType precision) {
  // Sky, buildings, road, and a car of 96x48 pixels that drives to the right, a pixel a frame; edges around it.
  const at::Tensor s = at::zeros({1, kClasses, kHeight, kWidth}), foreground = at::zeros({1, 1, kHeight, kWidth});
  const auto draw = [&](int64_t channel, int64_t top, int64_t bottom, int64_t left, int64_t right) {
    const auto area = s[0].slice(1, top, bottom).slice(2, left, right);
    area.fill_(0);
    area.select(0, channel).fill_(1);
  };
  draw(23, 0, 90, 0, kWidth);
  draw(11, 90, 140, 0, kWidth);
  draw(7, 140, kHeight, 0, kWidth);
  const int64_t left = 100 + t % 300;
  draw(26, 130, 178, left, left + 96);
  s[0][35].slice(0, 130, 178).select(1, left).fill_(1);
  foreground[0][0].slice(0, 130, 178).slice(1, left, left + 96).fill_(1);
  return {nn::enter(s, precision), foreground};
}

GraphGenerator::GraphGenerator(at::ScalarType precision, int64_t features) : plugins_(plugin::default_folders()) {
  graph::CheckOptions check;
  check.pushed = {"first"};
  session_ =
      std::make_unique<run::Session>(write_graph(precision, features), check, plugins_, run::SessionOptions(), log_);
  session_->begin();
}

at::Tensor GraphGenerator::next() {
  const Conditions now = conditions_at(t_, run::precision_of(session_->plan().graph, at::kCPU));
  return next(now.s, now.foreground);
}

at::Tensor GraphGenerator::next(const Value& s, const at::Tensor& foreground) {
  session_->push("s", s);
  session_->push("cars", foreground);
  if (t_ < kPast) session_->push("first", first_frame(t_));
  ++t_;
  session_->step();
  return session_->pull("frames").tensor();
}

BareGenerator::Parameters GraphGenerator::parameters() const {
  BareGenerator::Parameters parameters;
  for (const run::WeightGroup& group : session_->weights()) {
    for (const run::WantedTensor& wanted : group.tensors) parameters.emplace(wanted.key, **wanted.parameter);
  }
  return parameters;
}

BareRollout::BareRollout(BareGenerator generator) : generator_(std::move(generator)) {}

at::Tensor BareRollout::next() {
  const Conditions now = conditions_at(t_, generator_.precision());
  s_.push_back(now.s);
  past_.push_back(t_ < kPast ? first_frame(t_)
                             : generator_.draw(s_, {past_.begin(), past_.end()}, now.foreground).image);
  ++t_;
  if (s_.size() > kPast) s_.erase(s_.begin());
  if (past_.size() > kPast) past_.erase(past_.begin());
  return past_.back();
}

BareGenerator::Parameters original_parameters() {
  auto parameters = GraphGenerator(at::kFloat).parameters();
  for (auto& [key, tensor] : parameters) tensor = tensor.clone(at::MemoryFormat::Contiguous);
  return parameters;
}

}  // namespace weft::bench
