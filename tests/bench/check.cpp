// What checking costs: the largest graph that ships, in this process and as a command.
#include "framework/graph/check.h"

#include "framework/graph/diagnostics.h"
#include "framework/plugin/plugins.h"
#include "tests/bench/pairs.h"

#include <benchmark/benchmark.h>

#include <cstdlib>

namespace weft::bench {
namespace {

const std::string kLargest = WEFT_SOURCE_DIR "/graphs/vid2vid/street-2048-drawn.toml";

/// Reading, checking and planning, with the plugins loaded. The goal is under 50 ms.
void Check(benchmark::State& state) {
  plugin::Plugins plugins(plugin::default_folders());
  for (auto _ : state) {
    graph::Diagnostics diagnostics;
    benchmark::DoNotOptimize(graph::check(kLargest, {}, plugins, diagnostics));
    if (diagnostics.has_errors()) state.SkipWithError("the graph is wrong");
  }
}
BENCHMARK(Check)->Unit(benchmark::kMillisecond);

/// `weft check`, from start to end of the process. The goal is under 600 ms.
void CheckCommand(benchmark::State& state) {
  const std::string command = WEFT_PROGRAM " --quiet check " + kLargest + " >/dev/null";
  for (auto _ : state) {
    state.SetIterationTime(seconds_of([&] {
      if (std::system(command.c_str()) != 0) state.SkipWithError("weft check failed");
    }));
  }
}
BENCHMARK(CheckCommand)->UseManualTime()->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace weft::bench
