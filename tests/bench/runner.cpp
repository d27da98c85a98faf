// What the runner itself costs: a chain of 200 nodes that do nothing.
#include "framework/base/text.h"
#include "framework/plugin/plugins.h"
#include "framework/run/session.h"
#include <weft/node.h>

#include <ATen/ops/zeros.h>
#include <benchmark/benchmark.h>

#include <filesystem>
#include <fstream>

namespace weft::bench {
namespace {

constexpr int kNodes = 200;

struct Nothing {
  static constexpr auto about = "Passes its input on";
  Out<"out", "like in[B,C,H,W]"> run(In<"in", "any[B,C,H,W]"> in) { return *in; }
};

/// A graph whose nodes stand one behind the other, each reading `window` of the one before.
std::string write_chain(const std::string& name, const std::string& window) {
  std::string graph = "format = 1\n[inputs]\ns = \"feature[B,C,H,W]\"\n";
  for (int i = 0; i < kNodes; ++i) {
    graph += text("[node.n", i, "]\nuse = \"bench.nothing\"\nin = \"", i == 0 ? "s" : text('n', i - 1, window), "\"\n");
  }
  graph += text("[outputs]\nout = \"n", kNodes - 1, "\"\n");
  const std::string file = (std::filesystem::temp_directory_path() / name).string();
  std::ofstream(file) << graph;
  return file;
}

void run_chain(benchmark::State& state, const std::string& window) {
  plugin::Plugins plugins({});
  plugins.registry().add<Nothing>("bench.nothing");
  Log log(Log::Level::Quiet);
  run::Session session(write_chain("weft_bench_chain.toml", window), {}, plugins, {}, log);
  session.begin();
  const at::Tensor frame = at::zeros({1, 1, 1, 1});
  for (int i = 0; i < kNodes + 8; ++i) {  // until the first frame has come through
    session.push("s", frame);
    session.step();
  }
  for (auto _ : state) {
    session.push("s", frame);
    session.step();
  }
  state.counters["ns_per_node"] =
      benchmark::Counter(kNodes, benchmark::Counter::kIsIterationInvariantRate | benchmark::Counter::kInvert);
}

/// Time for a frame through 200 nodes; ns_per_node is the goal's figure (under 1 us).
void RunnerChain(benchmark::State& state) {
  run_chain(state, "");
}
BENCHMARK(RunnerChain)->Unit(benchmark::kMicrosecond);

/// The same with a delayed edge between each two nodes, so that every value waits in a ring for a frame.
void RunnerDelayedChain(benchmark::State& state) {
  run_chain(state, "[t-1]");
}
BENCHMARK(RunnerDelayedChain)->Unit(benchmark::kMicrosecond);

}  // namespace
}  // namespace weft::bench
