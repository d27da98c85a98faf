// SSIM of two frames of 512x256 on one core, against its formula as a composition of LibTorch's operators. scikit-image takes
// 36 to 62 ms of processor time for the same (docs/metrics.md).
#include "framework/vision/ssim.h"
#include "tests/bench/pairs.h"

#include <ATen/Parallel.h>
#include <ATen/TensorOperators.h>
#include <ATen/ops/rand.h>
#include <benchmark/benchmark.h>
#include <c10/core/InferenceMode.h>

namespace weft::bench {
namespace {

constexpr int kPairs = 20;

/// speed_ratio: how many times as fast as the composition of convolutions in double.
void SsimOfAFrame(benchmark::State& state, at::ScalarType type) {
  const c10::InferenceMode inference;
  const int threads = at::get_num_threads();
  at::set_num_threads(1);
  const at::Tensor a = at::rand({1, 3, 256, 512}, type), b = (a + 0.1 * at::rand({1, 3, 256, 512}, type)).clamp(0, 1);
  Pairs pairs;
  for (auto _ : state) {
    pairs.time(
        [&] {
          return seconds_of([&] {
            benchmark::DoNotOptimize(
                vision::ssim(a.to(at::kDouble), b.to(at::kDouble), vision::SsimWindow::Gaussian, 1));
          });
        },
        [&] {
          return seconds_of(
              [&] { benchmark::DoNotOptimize(vision::ssim_means(a, b, vision::SsimWindow::Gaussian, 1)); });
        });
    state.SetIterationTime(pairs.second.back());
  }
  state.counters["weft_ms"] = 1000 * median(pairs.second);
  state.counters["other_ms"] = 1000 * median(pairs.first);
  state.counters["speed_ratio"] = median(pairs.ratios);
  at::set_num_threads(threads);
}
BENCHMARK_CAPTURE(SsimOfAFrame, f32, at::kFloat)->Iterations(kPairs)->UseManualTime()->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(SsimOfAFrame, f64, at::kDouble)->Iterations(kPairs)->UseManualTime()->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace weft::bench
