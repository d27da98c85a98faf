// What a frame of a procedural person costs: image, keypoints, parts or labels, mask, flow and occlusion, on one core.
#include "framework/base/log.h"
#include "framework/base/text.h"
#include "framework/plugin/plugins.h"
#include "framework/run/session.h"

#include <benchmark/benchmark.h>

#include <filesystem>
#include <fstream>

namespace weft::bench {
namespace {

std::string write_graph(const std::string& node, int64_t size) {
  const std::string file = (std::filesystem::temp_directory_path() / "weft_bench_film.toml").string();
  std::ofstream(file) << text("format = 1\n[node.film]\nuse = \"", node, "\"\nframes = 0\nsize = [", size, ", ", size,
                              "]\n");
  return file;
}

/// At 256x256 pixels, the goal is 60 frames a second.
void Film(benchmark::State& state, const std::string& node) {
  graph::CheckOptions check;
  check.wanted = {"film.image", "film.keypoints", "film.flow"};
  const plugin::Plugins plugins(plugin::default_folders());
  Log log(Log::Level::Quiet);
  run::Session session(write_graph(node, state.range(0)), check, plugins, {}, log);
  session.begin();
  for (auto _ : state) {
    if (!session.step()) state.SkipWithError("the film ended");
  }
  state.SetItemsProcessed(state.iterations());
}
BENCHMARK_CAPTURE(Film, dancer, "world.dancer")->Arg(128)->Arg(256)->UseRealTime()->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(Film, face, "world.face")->Arg(128)->Arg(256)->UseRealTime()->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace weft::bench
