// The generator in a graph against the same LibTorch calls without weft, and against the original's way of running it.
#include "tests/bench/generator.h"
#include "tests/bench/pairs.h"
#include "tests/bench/partner.h"

#include <benchmark/benchmark.h>
#include <c10/core/InferenceMode.h>

namespace weft::bench {
namespace {

constexpr int kPairs = 30, kWarmUp = 3;

/// Times 30 pairs; counters: median milliseconds of each, and the median of `ratio`, one figure a pair.
void compare(benchmark::State& state, const std::function<double()>& weft, const std::function<double()>& other) {
  for (int i = 0; i < kPast + kWarmUp; ++i) {
    weft();
    other();
  }
  Pairs pairs;
  for (auto _ : state) {
    pairs.time(other, weft);
    state.SetIterationTime(pairs.second.back());
  }
  state.counters["weft_ms"] = 1000 * median(pairs.second);
  state.counters["other_ms"] = 1000 * median(pairs.first);
  state.counters["speed_ratio"] = median(pairs.ratios);  // above 1: weft is faster
}

/// speed_ratio is the goal's figure: at least 0.97.
void GraphAgainstBareCalls(benchmark::State& state, at::ScalarType precision) {
  const c10::InferenceMode inference;
  GraphGenerator graph(precision);
  BareRollout bare({graph.parameters(), BareGenerator::Style::AsWeft, {}});
  compare(
      state, [&] { return seconds_of([&] { graph.next(); }); }, [&] { return seconds_of([&] { bare.next(); }); });
}
BENCHMARK_CAPTURE(GraphAgainstBareCalls, f32, at::kFloat)
    ->Iterations(kPairs)
    ->UseManualTime()
    ->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(GraphAgainstBareCalls, bf16, at::kBFloat16)
    ->Iterations(kPairs)
    ->UseManualTime()
    ->Unit(benchmark::kMillisecond);

/// The original in a process of its own, as a user would run it. With bf16, speed_ratio is the goal's figure: at least 2.2.
void GraphAgainstOriginal(benchmark::State& state, at::ScalarType precision) {
  const c10::InferenceMode inference;
  GraphGenerator graph(precision);
  Partner original(Partner::Work::Frame);
  compare(
      state, [&] { return seconds_of([&] { graph.next(); }); }, [&] { return original.next().seconds; });
}
BENCHMARK_CAPTURE(GraphAgainstOriginal, bf16, at::kBFloat16)
    ->Iterations(kPairs)
    ->UseManualTime()
    ->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(GraphAgainstOriginal, f32, at::kFloat)
    ->Iterations(kPairs)
    ->UseManualTime()
    ->Unit(benchmark::kMillisecond);

/// The original with weft's allocator settings, in this process: what networks and layout alone bring.
void GraphAgainstOriginalHere(benchmark::State& state, at::ScalarType precision) {
  const c10::InferenceMode inference;
  GraphGenerator graph(precision);
  BareRollout original({original_parameters(), BareGenerator::Style::AsOriginal, {}});
  compare(
      state, [&] { return seconds_of([&] { graph.next(); }); }, [&] { return seconds_of([&] { original.next(); }); });
}
BENCHMARK_CAPTURE(GraphAgainstOriginalHere, bf16, at::kBFloat16)
    ->Iterations(kPairs)
    ->UseManualTime()
    ->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace weft::bench
