// That a run of any length takes constant memory: the peaks of two runs of different lengths.
#include <benchmark/benchmark.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <stdexcept>
#include <string>
#include <vector>

namespace weft::bench {
namespace {

namespace fs = std::filesystem;

/// A folder of `frames` label maps: those of graphs/tiny, again and again.
fs::path make_labels(int frames) {
  std::vector<fs::path> maps;
  for (const auto& entry : fs::directory_iterator(WEFT_SOURCE_DIR "/graphs/tiny/labels")) maps.push_back(entry.path());
  std::sort(maps.begin(), maps.end());
  const fs::path folder = fs::temp_directory_path() / "weft_bench_labels";
  fs::remove_all(folder);
  fs::create_directories(folder);
  for (int i = 0; i < frames; ++i) {
    fs::create_symlink(maps[static_cast<size_t>(i) % maps.size()], folder / (std::to_string(i) + ".png"));
  }
  return folder;
}

/// Runs `weft` to its end. @returns the peak of its memory in MB
double peak_of(const std::vector<std::string>& arguments) {
  std::vector<char*> words;
  for (const std::string& argument : arguments) words.push_back(const_cast<char*>(argument.c_str()));
  words.push_back(nullptr);
  const pid_t process = fork();
  if (process == 0) {
    execv(WEFT_PROGRAM, words.data());
    _exit(127);
  }
  int status = 0;
  rusage usage{};
  if (process < 0 || wait4(process, &status, 0, &usage) != process || status != 0) {
    throw std::runtime_error("weft run failed");
  }
  return static_cast<double>(usage.ru_maxrss) / 1024;
}

double peak_of_frames(int frames) {
  const std::string out = (fs::temp_directory_path() / "weft_bench.mp4").string();
  return peak_of({"weft", "--quiet", "run", WEFT_SOURCE_DIR "/graphs/tiny/street.toml", "--run-folder", "none",
                  "--force", "--threads", "1", "--set", "labels=" + make_labels(frames).string(), "--set",
                  "out=" + out});
}

/// graphs/tiny/street.toml, from label maps to MP4; growth_mb is the goal's figure (under 16).
void PeakMemory(benchmark::State& state) {
  double early = 0, late = 0;
  for (auto _ : state) {
    early = peak_of_frames(100);
    late = peak_of_frames(2000);
  }
  state.counters["mb_at_100"] = early;
  state.counters["mb_at_2000"] = late;
  state.counters["growth_mb"] = late - early;
}
BENCHMARK(PeakMemory)->Iterations(1)->Unit(benchmark::kSecond);

}  // namespace
}  // namespace weft::bench
