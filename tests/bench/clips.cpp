// How fast a data set is read for training: frames of the procedural street as PNG, image, labels and instances each.
#include "framework/base/log.h"
#include "framework/base/text.h"
#include "framework/plugin/plugins.h"

#include <ATen/core/Tensor.h>
#include <benchmark/benchmark.h>

#include <array>
#include <filesystem>

namespace weft::bench {
namespace {

constexpr int64_t kFrames = 48;

/// A data set of one sequence, 512x256. @returns its folder
std::string make_data(const plugin::Plugins& plugins, Log& log) {
  const std::string folder = std::filesystem::temp_directory_path() / "weft_bench_clips";
  if (std::filesystem::exists(folder + "/train/instances")) return folder;
  Context context("street", 1, at::kCPU, at::kFloat, log);
  const auto street = plugins.make("world.street");
  street->configure({{"size", std::vector<int64_t>{256, 512}}, {"frames", kFrames}});
  street->as_source()->next_sequence(context);
  const NodeSpec& spec = *plugins.find("world.street");
  struct Writer {
    std::unique_ptr<Node> node;
    size_t output;
  };
  std::vector<Writer> writers;
  const std::array<std::array<const char*, 3>, 3> kinds = {{{"media.write_images", "image", "images"},
                                                            {"media.write_labels", "labels", "labels"},
                                                            {"media.write_labels", "instances", "instances"}}};
  for (const auto& [type, output, name] : kinds) {
    Writer& writer = writers.emplace_back(Writer{plugins.make(type), 0});
    writer.node->configure({{"path", folder + "/train/" + name}});
    while (spec.outputs[writer.output].name != output) ++writer.output;
  }
  std::vector<Value> outputs(spec.outputs.size());
  for (int64_t t = 0; t < kFrames; ++t) {
    context.set_frame(t);
    street->run({}, outputs, context);
    for (Writer& writer : writers) {
      const Value* value = &outputs[writer.output];
      const PortInput input{&value, 1, nullptr, 1};
      writer.node->run({&input, 1}, {}, context);
    }
  }
  for (Writer& writer : writers) writer.node->as_sink()->finish(context);
  return folder;
}

/// Items are frames: of image, labels and instances each.
void ClipReading(benchmark::State& state) {
  const plugin::Plugins plugins(plugin::default_folders());
  Log log(Log::Level::Quiet);
  const std::string folder = make_data(plugins, log);
  Context context("clips", 1, at::kCPU, at::kFloat, log);
  context.set_training(true);
  std::vector<Value> outputs(plugins.find("media.clips")->outputs.size());
  for (auto _ : state) {
    const auto clips = plugins.make("media.clips");
    clips->configure({{"root", folder}, {"workers", state.range(0)}});
    clips->as_source()->next_sequence(context);
    int64_t frames = 0;
    while (clips->run({}, outputs, context)) ++frames;
    if (frames != kFrames) state.SkipWithError("frames are missing");
  }
  state.SetItemsProcessed(state.iterations() * kFrames);
}
BENCHMARK(ClipReading)->Arg(1)->Arg(2)->UseRealTime()->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace weft::bench
