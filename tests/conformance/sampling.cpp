// Which frames the discriminators of clips see: windows of a graph, by their numbers.
#include "framework/base/text.h"
#include "framework/testing/node_runner.h"
#include "tests/conformance/cases.h"
#include "tests/conformance/graph_run.h"

#include <ATen/TensorOperators.h>
#include <ATen/ops/full.h>
#include <ATen/ops/tensor.h>

#include <algorithm>

namespace weft::conformance {
namespace {

/// The sampling of one configuration: `length` frames that lie length^scale apart.
struct Sampling {
  explicit Sampling(const nlohmann::json& config)
      : length(config.at("n_frames_D")),
        scales(config.at("n_scales_temporal")),
        chunk(config.at("n_frames_load")),
        chunks(config.at("chunks")) {}

  int64_t step(int64_t scale) const {
    int64_t step = 1;
    for (int64_t i = 0; i < scale; ++i) step *= length;
    return step;
  }
  std::string graph(bool is_sparse) const;

  int64_t length, scales, chunk, chunks;
};

/// The dense mode takes windows from the chunk's end on, each `length` frames before the next one. The sparse one thins
/// frames first, so that a window ends where a frame of its scale stands.
std::string Sampling::graph(bool is_sparse) const {
  std::string nodes, names;
  for (int64_t scale = 0; scale < scales; ++scale) {
    names += text(scale > 0 ? ", " : "", "\"clip", scale, '"');
    nodes += text("[node.clip", scale, "]\nuse = \"tensor.detach\"\nin = \"x[t-", step(scale) * (length - 1),
                  "..t:", step(scale), "]\"\nevery = ", length, '\n');
    if (is_sparse) nodes += text("multiple = ", step(scale), '\n');
  }
  return text("[run]\nchunk = ", chunk, "\nshow = [", names,
              "]\n[inputs]\nx = \"image[B,3,H,W]\"\n[node.D]\nuse = \"gan.patch_discriminator\"\nin.real = \"x\"\n"
              "in.fake = [\"x\"]\nlayers = 1\nfeatures = 4\nscales = 1\n[node.gan]\nuse = \"loss.gan\"\nin = \"D\"\n",
              nodes,
              "[weights]\nD = \"random\"\n[update.D]\nof = [\"D\"]\n[update.D.loss]\n\"gan.discriminator\" = 1.0\n");
}

/// Chunk, scale and numbers of frames, with -1 behind the last.
struct Rows {
  explicit Rows(size_t width) : width(width) {}

  void add(int64_t chunk, int64_t scale, const std::vector<float>& frames) {
    std::vector<float> row = {static_cast<float>(chunk), static_cast<float>(scale)};
    row.insert(row.end(), frames.begin(), frames.end());
    row.resize(width, -1);
    values.insert(values.end(), row.begin(), row.end());
  }
  at::Tensor tensor() const { return at::tensor(values).view({-1, static_cast<int64_t>(width)}); }

  size_t width;
  std::vector<float> values;
};

/// The windows of a scale in the chunk that was trained on, as the original has them: the latest first, in the sparse mode the
/// earliest.
std::vector<std::vector<float>> windows(const train::Trainer& trainer, int64_t scale, bool is_sparse) {
  std::vector<std::vector<float>> windows;
  const auto watched = trainer.watched().find(text("clip", scale));
  if (watched == trainer.watched().end()) return windows;
  for (const Value& value : watched->second.values) {
    const at::Tensor numbers = value.tensor().select(0, 0).select(1, 0).select(1, 0).select(1, 0).contiguous();  // [T]
    const float* of = numbers.const_data_ptr<float>();
    windows.emplace_back(of, of + numbers.numel());
  }
  if (!is_sparse) std::reverse(windows.begin(), windows.end());
  return windows;
}

Tensors compute_sampling(const Fixture& fixture, bool is_sparse) {
  const Sampling sampling(fixture.config());
  GraphRun run;
  run.text(sampling.graph(is_sparse));
  std::vector<Value> frames;
  for (int64_t i = 0; i < sampling.chunk * sampling.chunks; ++i)
    frames.emplace_back(at::full({1, 3, 8, 8}, static_cast<double>(i), at::kFloat));
  Rows rows(static_cast<size_t>(sampling.length) + 2);
  int64_t chunk = 0;
  // What is watched stays until it is there anew; windows move on, so an equal one is that of an earlier chunk.
  std::vector<std::vector<std::vector<float>>> earlier(static_cast<size_t>(sampling.scales));
  train::Trainer& trainer = run.begin_training();
  trainer.train_clip({{"x", frames}}, {}, [&](const train::ChunkResult&) {
    // The flows that go with a clip are those of all its frames but the first; the original has rows of them in the
    // sparse mode.
    std::vector<std::vector<std::vector<float>>> now;
    for (int64_t scale = 0; scale < sampling.scales; ++scale) {
      now.push_back(windows(trainer, scale, is_sparse));
      auto& before = earlier[static_cast<size_t>(scale)];
      if (now.back() == before)
        now.back().clear();
      else
        before = now.back();
    }
    for (int64_t kind = 0; kind < (is_sparse ? 2 : 1); ++kind) {
      for (int64_t scale = 0; scale < sampling.scales; ++scale) {
        for (const std::vector<float>& window : now[static_cast<size_t>(scale)])
          rows.add(chunk, kind * sampling.scales + scale, {window.begin() + kind, window.end()});
      }
    }
    ++chunk;
  });
  return {{"rows", rows.tensor()}};
}

}  // namespace

void add_sampling_cases(Cases& cases) {
  if (!testing::NodeRunner::built_plugins().find("loss.gan")) return;
  const Tolerances exact = [](const Fixture&, const std::string&) { return Tolerance{}; };
  cases["get_skipped_frames"] = {[](const Fixture& fixture) { return compute_sampling(fixture, false); }, exact};
  cases["get_skipped_frames_sparse"] = {[](const Fixture& fixture) { return compute_sampling(fixture, true); }, exact};
}

}  // namespace weft::conformance
