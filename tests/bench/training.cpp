// A step of training against the same networks trained in the original's way.
#include "framework/base/text.h"
#include "tests/bench/pairs.h"
#include "tests/bench/partner.h"
#include "tests/bench/training_graph.h"

#include <benchmark/benchmark.h>

namespace weft::bench {
namespace {

constexpr int kPairs = 9;
constexpr int kSteps = 6;  // of a clip

/// The original in a process of its own. speed_ratio is the goal's figure: at least 1.2 in f32, 1.8 in bf16.
void TrainingStep(benchmark::State& state, const char* precision) {
  const TrainingClip clip = street_clip();
  GraphTraining graph(precision);
  Partner original(Partner::Work::Training);
  const auto train = [&] { return seconds_of([&] { graph.train(clip); }); };
  train();
  original.next();
  Pairs pairs;
  for (auto _ : state) {
    pairs.time([&] { return original.next().seconds; }, train);
    state.SetIterationTime(pairs.second.back());
  }
  state.counters["weft_ms_a_step"] = 1000.0 / kSteps * median(pairs.second);
  state.counters["original_ms_a_step"] = 1000.0 / kSteps * median(pairs.first);
  state.counters["frames_per_s"] = kSteps * BareTraining::kChunk / median(pairs.second);
  state.counters["speed_ratio"] = median(pairs.ratios);
}
BENCHMARK_CAPTURE(TrainingStep, f32, "f32")->Iterations(kPairs)->UseManualTime()->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(TrainingStep, bf16, "bf16")->Iterations(kPairs)->UseManualTime()->Unit(benchmark::kMillisecond);

/// The generator's loss over 200 steps from the same first weights on the same clip: means of the clips that end with
/// the step. How far curves part by themselves is shown by the original from weights that differ in the last digit.
void TrainingCurve(benchmark::State& state) {
  const TrainingClip clip = street_clip();
  GraphTraining full("f32"), half("bf16");
  Partner original(Partner::Work::Training), shaken(Partner::Work::ShakenTraining);
  const auto mean = [](const std::vector<double>& losses) {
    double sum = 0;
    for (const double loss : losses) sum += loss;
    return sum / static_cast<double>(losses.size());
  };
  for (auto _ : state) {
    for (int step = kSteps; step <= 204; step += kSteps) {
      const double f32 = mean(full.train(clip)), bf16 = mean(half.train(clip)), of_original = original.next().loss,
                   of_shaken = shaken.next().loss;
      if (step != 6 && step != 54 && step != 102 && step != 150 && step != 204) continue;
      const std::string at = text("_", step);
      state.counters["f32" + at] = f32;
      state.counters["bf16" + at] = bf16;
      state.counters["original" + at] = of_original;
      state.counters["shaken" + at] = of_shaken;
    }
  }
}
BENCHMARK(TrainingCurve)->Iterations(1)->Unit(benchmark::kSecond);

}  // namespace
}  // namespace weft::bench
