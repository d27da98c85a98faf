// Operators of perception beside plain compositions of LibTorch's operators, on the CPU at the sizes of real frames.
#include "plugins/flow/raft.h"
#include "plugins/segmentation/operators.h"

#include <ATen/TensorOperators.h>
#include <ATen/ops/arange.h>
#include <ATen/ops/cat.h>
#include <ATen/ops/rand.h>
#include <ATen/ops/zeros.h>
#include <benchmark/benchmark.h>
#include <c10/core/GradMode.h>

namespace weft::bench {
namespace {

/// Boxes [count, 4] in an image of 1333x800 pixels, from 16 to 316 pixels long.
at::Tensor random_boxes(int64_t count) {
  const at::Tensor corner = at::rand({count, 2}) * 500;
  return at::cat({corner, corner + 16 + at::rand({count, 2}) * 300}, 1);
}

enum class Form { Kernel, Composed };

/// The proposals of an image, in its finest map.
template <Form form>
void roi_align(benchmark::State& state) {
  const c10::NoGradGuard no_gradients;
  const at::Tensor map = at::rand({1, 256, 200, 336});
  const at::Tensor rois = at::cat({at::zeros({state.range(0), 1}), random_boxes(state.range(0))}, 1);
  const segmentation::RoiAlignOptions options = {.scale = 0.25};
  for (auto _ : state) {
    benchmark::DoNotOptimize(form == Form::Kernel ? segmentation::roi_align(map, rois, options)
                                                  : segmentation::roi_align_composed(map, rois, options));
  }
}
BENCHMARK(roi_align<Form::Kernel>)->Name("roi_align/kernel")->Arg(100)->Arg(1000)->Unit(benchmark::kMillisecond);
BENCHMARK(roi_align<Form::Composed>)->Name("roi_align/composed")->Arg(100)->Arg(1000)->Unit(benchmark::kMillisecond);

/// The boxes of all levels.
template <Form form>
void nms(benchmark::State& state) {
  const at::Tensor boxes = random_boxes(state.range(0)), scores = at::rand({state.range(0)});
  const at::Tensor levels = at::arange(state.range(0), at::kLong) % 5;
  for (auto _ : state) {
    benchmark::DoNotOptimize(form == Form::Kernel ? segmentation::nms(boxes, scores, 0.7, levels)
                                                  : segmentation::nms_composed(boxes, scores, 0.7, levels));
  }
}
BENCHMARK(nms<Form::Kernel>)->Name("nms/kernel")->Arg(1000)->Arg(4000)->Unit(benchmark::kMillisecond);
BENCHMARK(nms<Form::Composed>)->Name("nms/composed")->Arg(1000)->Arg(4000)->Unit(benchmark::kMillisecond);

/// One look-up of RAFT for frames of 512x256 pixels.
template <Form form>
void look_up(benchmark::State& state) {
  const c10::NoGradGuard no_gradients;
  const flow::CorrelationPyramid pyramid(at::rand({1, 256, 32, 64}), at::rand({1, 256, 32, 64}));
  const at::Tensor positions = flow::pixel_positions(at::zeros({1, 2, 32, 64})) + at::rand({1, 2, 32, 64}) * 4;
  for (auto _ : state) {
    benchmark::DoNotOptimize(form == Form::Kernel ? pyramid.look_up(positions, 4)
                                                  : pyramid.look_up_composed(positions, 4));
  }
}
BENCHMARK(look_up<Form::Kernel>)->Name("raft_look_up/kernel")->Unit(benchmark::kMillisecond);
BENCHMARK(look_up<Form::Composed>)->Name("raft_look_up/composed")->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace weft::bench
