// First layers that compute with the ids of one-hot conditions, against the same layers on their maps, on one core.
#include "framework/nn/conv.h"
#include "framework/nn/layers.h"
#include "tests/bench/generator.h"
#include "tests/bench/pairs.h"

#include <ATen/CPUGeneratorImpl.h>
#include <ATen/Parallel.h>
#include <ATen/TensorOperators.h>
#include <ATen/ops/cat.h>
#include <ATen/ops/zeros.h>
#include <ATen/ops/zeros_like.h>
#include <benchmark/benchmark.h>
#include <c10/core/InferenceMode.h>

#include <algorithm>
#include <random>

namespace weft::bench {
namespace {

constexpr int kPairs = 10;
constexpr int64_t kLabels = kClasses - 1;

/// One thread until the end of the block.
class OneThread {
 public:
  OneThread() : threads_(at::get_num_threads()) { at::set_num_threads(1); }
  ~OneThread() { at::set_num_threads(threads_); }
  OneThread(const OneThread&) = delete;
  OneThread& operator=(const OneThread&) = delete;

 private:
  int threads_;
};

void report(benchmark::State& state, const Pairs& pairs, double difference) {
  state.counters["ids_ms"] = 1000 * median(pairs.second);
  state.counters["map_ms"] = 1000 * median(pairs.first);
  state.counters["least_ids_ms"] = 1000 * *std::min_element(pairs.second.begin(), pairs.second.end());
  state.counters["least_map_ms"] = 1000 * *std::min_element(pairs.first.begin(), pairs.first.end());
  state.counters["speed_ratio"] = median(pairs.ratios);
  state.counters["difference"] = difference;
}

/// Labels in rectangles, large and small, as a street has areas and things.
at::Tensor painted_labels(std::mt19937& random) {
  const auto between = [&](int64_t least, int64_t most) {
    return std::uniform_int_distribution<int64_t>(least, most)(random);
  };
  const at::Tensor labels = at::zeros({1, 1, kHeight, kWidth}, at::kShort);
  for (int i = 0; i < 80; ++i) {
    const int64_t height = between(4, 96), width = between(4, 192);
    labels.narrow(2, between(0, kHeight - height), height)
        .narrow(3, between(0, kWidth - width), width)
        .fill_(between(0, kLabels - 1));
  }
  return labels;
}

/// The ids of the edges between labels: 0 on both sides of a border, 1 elsewhere.
at::Tensor edges_of(const at::Tensor& labels) {
  const at::Tensor is_edge = at::zeros_like(labels, at::kBool);
  for (const int64_t axis : {2, 3}) {
    const int64_t pairs = labels.size(axis) - 1;
    const at::Tensor differs = labels.narrow(axis, 0, pairs) != labels.narrow(axis, 1, pairs);
    is_edge.narrow(axis, 0, pairs).logical_or_(differs);
    is_edge.narrow(axis, 1, pairs).logical_or_(differs);
  }
  return is_edge.logical_not().to(at::kShort);
}

/// Three frames of 512x256, of 35 classes and edges.
nn::MapOrIds window(at::ScalarType type) {
  std::mt19937 random(1);
  std::vector<at::Tensor> ids;
  std::vector<int64_t> channels;
  for (int frame = 0; frame < 3; ++frame) {
    ids.push_back(painted_labels(random));
    ids.push_back(edges_of(ids.back()));
    channels.insert(channels.end(), {kLabels, 1});
  }
  return std::make_shared<const nn::OneHot>(at::cat(ids, 1), channels, type);
}

/// conv 7x7 with reflected borders, 108 channels to `state.range(0)`.
struct FirstLayer {
  FirstLayer(at::ScalarType type, int64_t features)
      : conv(root, "", {.in = 3 * kClasses, .out = features, .kernel = 7}), ids(window(type)) {
    root.initialise(at::make_generator<at::CPUGeneratorImpl>(1));
    root.to(at::kCPU, type);
    map = nn::enter(ids.map(), type);
  }

  at::Tensor run(const nn::MapOrIds& x) const { return conv.reflected(x, 3); }

  nn::Module root;
  nn::Conv2d conv;
  nn::MapOrIds ids;
  at::Tensor map;
};

void FirstConvolution(benchmark::State& state, at::ScalarType type) {
  const OneThread one_thread;
  const c10::InferenceMode inference;
  const FirstLayer layer(type, state.range(0));
  const double difference = (layer.run(layer.ids) - layer.run(layer.map)).abs().max().item<double>();
  Pairs pairs;
  for (auto _ : state) {
    pairs.time([&] { return seconds_of([&] { benchmark::DoNotOptimize(layer.run(layer.map)); }); },
               [&] { return seconds_of([&] { benchmark::DoNotOptimize(layer.run(layer.ids)); }); });
    state.SetIterationTime(pairs.second.back());
  }
  report(state, pairs, difference);
}
BENCHMARK_CAPTURE(FirstConvolution, f32, at::kFloat)
    ->Arg(32)
    ->Arg(128)
    ->Iterations(kPairs)
    ->UseManualTime()
    ->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(FirstConvolution, bf16, at::kBFloat16)
    ->Arg(32)
    ->Arg(128)
    ->Iterations(kPairs)
    ->UseManualTime()
    ->Unit(benchmark::kMillisecond);

/// With the gradient of the weight, in float; kernels lie as they do in training.
void FirstConvolutionTrained(benchmark::State& state) {
  const OneThread one_thread;
  FirstLayer layer(at::kFloat, state.range(0));
  at::Tensor weight = (**layer.root.tensors()[0].parameter).contiguous(at::MemoryFormat::ChannelsLast);
  layer.root.tensors()[0].parameter->set(weight.requires_grad_());
  const at::Tensor map = layer.map.contiguous(at::MemoryFormat::ChannelsLast);
  const auto step = [&](const nn::MapOrIds& x) {
    weight.mutable_grad().reset();
    layer.run(x).sum().backward();
    return weight.grad();
  };
  const at::Tensor of_map = step(map);
  const double difference = ((step(layer.ids) - of_map).abs().max() / of_map.abs().max()).item<double>();
  Pairs pairs;
  for (auto _ : state) {
    pairs.time([&] { return seconds_of([&] { step(map); }); }, [&] { return seconds_of([&] { step(layer.ids); }); });
    state.SetIterationTime(pairs.second.back());
  }
  report(state, pairs, difference);
}
BENCHMARK(FirstConvolutionTrained)->Arg(32)->Iterations(kPairs)->UseManualTime()->Unit(benchmark::kMillisecond);

/// The same conditions by ids, as semantics.one_hot, semantics.edges and image.concat give them.
Value by_ids(const Conditions& conditions) {
  const at::Tensor labels = conditions.s.narrow(1, 0, kLabels).argmax(1, /*keepdim=*/true);
  const at::Tensor edges = 1 - conditions.s.narrow(1, kLabels, 1);
  return nn::MapOrIds(std::make_shared<const nn::OneHot>(at::cat({labels, edges}, 1).to(at::kShort),
                                                         std::vector<int64_t>{kLabels, 1}, conditions.s.scalar_type()));
}

/// Whole frames of graphs/parts/scale.toml; `state.range(0)` features, 128 in the published weights.
void FrameByIds(benchmark::State& state, at::ScalarType type) {
  const OneThread one_thread;
  const c10::InferenceMode inference;
  GraphGenerator of_maps(type, state.range(0)), of_ids(type, state.range(0));
  at::Tensor map_frame, ids_frame;
  int64_t t = 0;
  Pairs pairs;
  const auto pair = [&] {
    const Conditions now = conditions_at(t++, type);
    const Value ids = by_ids(now);
    pairs.time([&] { return seconds_of([&] { map_frame = of_maps.next(now.s, now.foreground); }); },
               [&] { return seconds_of([&] { ids_frame = of_ids.next(ids, now.foreground); }); });
  };
  double difference = 0;
  while (t <= kPast) pair();  // the first frames are given; the first generated one has no history to amplify
  difference = (map_frame - ids_frame).abs().max().item<double>();
  pairs = Pairs();
  for (auto _ : state) {
    pair();
    state.SetIterationTime(pairs.second.back());
  }
  report(state, pairs, difference);
}
BENCHMARK_CAPTURE(FrameByIds, f32, at::kFloat)
    ->Arg(32)
    ->Arg(128)
    ->Iterations(kPairs)
    ->UseManualTime()
    ->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(FrameByIds, bf16, at::kBFloat16)
    ->Arg(32)
    ->Arg(128)
    ->Iterations(kPairs)
    ->UseManualTime()
    ->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace weft::bench
