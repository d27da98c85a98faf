// What a frame of the procedural street costs: image, labels, instances, flow, occlusion and depth, on one core.
#include "framework/base/log.h"
#include "framework/base/text.h"
#include "framework/plugin/plugins.h"
#include "framework/run/session.h"

#include <benchmark/benchmark.h>

#include <filesystem>
#include <fstream>

namespace weft::bench {
namespace {

std::string write_graph(int64_t height, const std::string& look) {
  const std::string file = (std::filesystem::temp_directory_path() / "weft_bench_street.toml").string();
  std::ofstream(file) << text("format = 1\n[node.street]\nuse = \"world.street\"\nframes = 0\nlook = \"", look,
                              "\"\nsize = [", height, ", ", 2 * height, "]\n");
  return file;
}

/// At 256, 512x256 pixels, the goal is 30 frames a second.
void Street(benchmark::State& state, const std::string& look) {
  graph::CheckOptions check;
  check.wanted = {"street.image", "street.flow", "street.depth"};
  const plugin::Plugins plugins(plugin::default_folders());
  Log log(Log::Level::Quiet);
  run::Session session(write_graph(state.range(0), look), check, plugins, {}, log);
  session.begin();
  for (auto _ : state) {
    if (!session.step()) state.SkipWithError("the street ended");
  }
  state.SetItemsProcessed(state.iterations());
}
BENCHMARK_CAPTURE(Street, noon, "noon")->Arg(128)->Arg(256)->Arg(512)->UseRealTime()->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(Street, night, "night")->Arg(256)->UseRealTime()->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(Street, snow, "snow")->Arg(256)->UseRealTime()->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace weft::bench
