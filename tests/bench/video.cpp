// Reading 1080p H.264 into float tensors, against the program ffmpeg, which decodes the same file to 8-bit RGB.
#include "framework/base/log.h"
#include "framework/base/text.h"
#include "framework/plugin/plugins.h"
#include "tests/bench/pairs.h"

#include <benchmark/benchmark.h>
#include <c10/core/InferenceMode.h>

#include <cstdlib>
#include <filesystem>

namespace weft::bench {
namespace {

constexpr int kFrames = 200, kPairs = 15;

/// A film with fine detail that moves. @returns its path; empty when there is no ffmpeg
std::string make_film() {
  const std::string file = (std::filesystem::temp_directory_path() / "weft_bench_1080p.mp4").string();
  const std::string command =
      text("ffmpeg -nostdin -v error -y -f lavfi -i testsrc2=s=1920x1080:r=25 -vf noise=alls=6:allf=t -frames:v ",
           kFrames, " -c:v libx264 -preset veryfast -crf 23 -pix_fmt yuv420p ", file);
  return std::filesystem::exists(file) || std::system(command.c_str()) == 0 ? file : "";
}

/// Reads all frames. @returns how many there were
int64_t read_all(const plugin::Plugins& plugins, const std::string& file, Log& log) {
  const c10::InferenceMode inference;
  Context context("video", 1, at::kCPU, at::kFloat, log);
  const auto node = plugins.make("media.video");
  node->configure({{"path", file}});
  node->as_source()->next_sequence(context);
  std::vector<Value> outputs(1);
  int64_t frames = 0;
  while (node->run({}, outputs, context)) ++frames;
  return frames;
}

/// speed_ratio is the goal's figure: at least 1. Both decode with a thread for each core.
void VideoReading(benchmark::State& state) {
  const std::string file = make_film();
  if (file.empty()) return state.SkipWithError("there is no ffmpeg");
  const plugin::Plugins plugins(plugin::default_folders());
  Log log(Log::Level::Quiet);
  const std::string command = "ffmpeg -nostdin -v error -i " + file + " -pix_fmt gbrp -f rawvideo -y /dev/null";
  const auto ours = [&] {
    return seconds_of([&] {
      if (read_all(plugins, file, log) != kFrames) state.SkipWithError("frames are missing");
    });
  };
  const auto theirs = [&] {
    return seconds_of([&] {
      if (std::system(command.c_str()) != 0) state.SkipWithError("ffmpeg failed");
    });
  };
  ours();
  theirs();
  Pairs pairs;
  for (auto _ : state) {
    pairs.time(theirs, ours);
    state.SetIterationTime(pairs.second.back());
  }
  state.counters["weft_fps"] = kFrames / median(pairs.second);
  state.counters["ffmpeg_fps"] = kFrames / median(pairs.first);
  state.counters["speed_ratio"] = median(pairs.ratios);
}
BENCHMARK(VideoReading)->Iterations(kPairs)->UseManualTime()->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace weft::bench
