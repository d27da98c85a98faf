// What other metrics add to an evaluation with FID over Inception's features, in frames of 512x256.
#include "framework/base/text.h"
#include "framework/plugin/plugins.h"
#include "framework/run/session.h"
#include "tests/bench/pairs.h"

#include <ATen/Parallel.h>
#include <benchmark/benchmark.h>

#include <filesystem>
#include <fstream>
#include <memory>

namespace weft::bench {
namespace {

constexpr int kPairs = 12;

/// Each frame of a street beside the frame before it, warped; the features are those of both.
constexpr const char* kFid = R"(format = 1
[node.street]
use = "world.street"
size = [256, 512]
[node.warp]
use = "flow.warp"
in.image = "street.image[t-1]"
in.flow = "street.flow"
[node.real_features]
use = "metric.inception_features"
in = "street.image"
[node.fake_features]
in = "warp"
share = "real_features"
[node.fid]
use = "metric.frechet"
name = "FID"
in.real = "real_features"
in.fake = "fake_features"
bootstrap = 0
[weights]
real_features = "fill"
)";

/// A metric of each frame, and the node that averages it.
std::string reported(const std::string& name, const std::string& node) {
  return text("[node.", name, "]\nuse = \"metric.", name, "\"\n", node, "[node.say_", name,
              "]\nuse = \"metric.report\"\nin = \"", name, ".value\"\nname = \"", name, "\"\n");
}

std::string others() {
  const std::string both = "in.a = \"warp\"\nin.b = \"street.image\"\n";
  std::string graph;
  for (const char* distance : {"psnr", "ssim", "ms_ssim", "mse", "l1"}) graph += reported(distance, both);
  graph += reported("warp_error", "in.image = \"warp\"\nin.previous = \"warp[t-1]\"\nin.flow = \"street.flow\"\n");
  graph += reported("flicker", "in.image = \"warp\"\nin.previous = \"warp[t-1]\"\n");
  graph += reported("sharpness", "in.image = \"warp\"\nin.reference = \"street.image\"\n");
  graph += reported("checkerboard", "in.image = \"warp\"\n");
  graph += reported("colour_constancy", "in.image = \"warp\"\nin.instances = \"street.instances\"\n");
  return graph +
         "[node.labels]\nuse = \"metric.segmentation\"\nname = \"labels\"\nclasses = 35\n"
         "in.labels = \"street.labels[t-1]\"\nin.target = \"street.labels\"\n";
}

class Evaluation {
 public:
  Evaluation(const std::string& name, const std::string& graph, const plugin::Plugins& plugins) {
    const std::string file = (std::filesystem::temp_directory_path() / name).string();
    std::ofstream(file) << graph;
    session_ = std::make_unique<run::Session>(file, graph::CheckOptions(), plugins, run::SessionOptions(), log_);
    session_->begin();
    for (int i = 0; i < 3; ++i) session_->step();
  }

  double seconds_of_a_frame() {
    return seconds_of([&] { session_->step(); });
  }

 private:
  Log log_{Log::Level::Quiet};
  std::unique_ptr<run::Session> session_;
};

/// more_percent: how much longer a frame takes with eleven other metrics than with FID alone.
void MetricsBesideFid(benchmark::State& state) {
  const int threads = at::get_num_threads();
  at::set_num_threads(1);
  const plugin::Plugins plugins(plugin::default_folders());
  Evaluation alone("weft_bench_fid.toml", kFid, plugins), all("weft_bench_metrics.toml", kFid + others(), plugins);
  Pairs pairs;
  for (auto _ : state) {
    pairs.time([&] { return all.seconds_of_a_frame(); }, [&] { return alone.seconds_of_a_frame(); });
    state.SetIterationTime(pairs.first.back());
  }
  state.counters["fid_alone_ms"] = 1000 * median(pairs.second);
  state.counters["all_ms"] = 1000 * median(pairs.first);
  state.counters["more_percent"] = 100 * (median(pairs.ratios) - 1);
  at::set_num_threads(threads);
}
BENCHMARK(MetricsBesideFid)->Iterations(kPairs)->UseManualTime()->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace weft::bench
