#include "cli/cli.h"
#include "framework/base/text.h"
#include "framework/run/device.h"

#include <ATen/Parallel.h>
#include <ATen/TensorOperators.h>
#include <ATen/core/Tensor.h>
#include <ATen/ops/conv2d.h>
#include <ATen/ops/ones.h>
#include <c10/core/InferenceMode.h>
#include <dlfcn.h>
#include <torch/headeronly/version.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <optional>

namespace weft::cli {
namespace {

namespace fs = std::filesystem;

/// The rest of the first line of a file that begins with `key`; empty without one.
std::string value_in(const std::string& file, const std::string& key) {
  std::ifstream in(file);
  for (std::string line; std::getline(in, line);) {
    if (!line.starts_with(key)) continue;
    const size_t from = line.find_first_not_of(": \t", key.size());
    return from == std::string::npos ? "" : line.substr(from);
  }
  return {};
}

/// What was looked at, a line each, and whether something is wrong.
class Report {
 public:
  void good(const std::string& line) { add("ok   ", line); }
  void note(const std::string& line) { add("note ", line); }
  void fault(const std::string& line, Exit exit) {
    add("FAULT", line);
    exit_ = exit;
  }
  Exit exit() const { return exit_; }

 private:
  static void add(const char* kind, const std::string& line) { std::cout << kind << "  " << line << std::endl; }

  Exit exit_ = Exit::Done;
};

void look_at_programs(Report& report) {
  report.good(text("weft " WEFT_VERSION ": ", fs::canonical("/proc/self/exe").string()));
  Dl_info info{};
  const auto& known = c10::demangle;  // a symbol that lies in LibTorch's folder
  const bool is_found = dladdr(reinterpret_cast<const void*>(&known), &info) != 0;
  report.good(text("LibTorch " TORCH_VERSION ": ", is_found ? fs::path(info.dli_fname).parent_path().string() : "?"));
}

/// The time of a 3x3 convolution from 64 to 64 channels at 128x128 (1.2 billion multiplications), the fastest of some;
/// ones give 9 x 64 within the border.
/// @returns milliseconds, or nothing when the numbers are wrong
std::optional<double> time_convolution(at::ScalarType type) {
  const c10::InferenceMode inference;
  const at::Tensor image = at::ones({1, 64, 128, 128}, type).contiguous(at::MemoryFormat::ChannelsLast);
  const at::Tensor weight = at::ones({64, 64, 3, 3}, type).contiguous(at::MemoryFormat::ChannelsLast);
  double best = 1e9;
  for (int i = 0; i < 8; ++i) {
    const auto begun = std::chrono::steady_clock::now();
    const at::Tensor out = at::conv2d(image, weight);  // [1, 64, 126, 126]
    best = std::min(best, std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - begun).count());
    if (!(out == 576).all().item<bool>()) return {};
  }
  return best;
}

void look_at_processor(Report& report) {
  const std::string model = value_in("/proc/cpuinfo", "model name");
  report.good(text("processor: ", model.empty() ? "of unknown name" : model, "; weft computes with ",
                   count_text(at::get_num_threads(), "thread")));
  const auto f32 = time_convolution(at::kFloat), bf16 = time_convolution(at::kBFloat16);
  if (!f32 || !bf16) {
    report.fault("a convolution of ones gives wrong numbers; LibTorch and this processor do not fit", Exit::Failed);
    return;
  }
  const std::string times = text("a convolution: ", number_text(std::round(*f32 * 100) / 100), " ms in f32, ",
                                 number_text(std::round(*bf16 * 100) / 100), " ms in bf16: ");
  *bf16 < 0.8 * *f32 ? report.good(times + "--precision bf16 pays")
                     : report.note(times + "--precision bf16 does not pay on this processor");
}

void look_at_memory(Report& report) {
  const int64_t total = 1024 * std::atoll(value_in("/proc/meminfo", "MemTotal").c_str());
  const int64_t free = 1024 * std::atoll(value_in("/proc/meminfo", "MemAvailable").c_str());
  const std::string line = text("memory: ", bytes_text(free), " of ", bytes_text(total), " are free");
  constexpr int64_t kWanted = 3'000'000'000;  // what graphs/vid2vid/street.toml takes
  free >= kWanted ? report.good(line) : report.note(line + "; the street at 512x256 takes 2.5 GB");
}

void look_at_gpu(Report& report) {
  const int count = run::count_gpus();
  if (count == 0) {
    report.note("GPU: none that CUDA can use; networks compute on the CPU");
    return;
  }
  try {
    run::open_device("cuda");
    report.good(text("GPU: ", count, ", --device cuda"));
  } catch (const Error& error) {
    report.fault(text("GPU: ", count, ", but ", error.what()), Exit::Failed);
  }
}

void look_at_plugins(Report& report, const plugin::Plugins& plugins) {
  const size_t types = plugins.types().size();  // opens them all
  std::vector<std::string> names;
  for (const plugin::Found& found : plugins.found()) {
    if (found.is_loaded) names.push_back(text(found.stamp.plugin, ' ', found.stamp.version));
  }
  std::sort(names.begin(), names.end());
  const char* path = std::getenv("WEFT_PLUGIN_PATH");
  const std::string searched = text("searched: ", join(plugin::default_folders()),
                                    path ? "" : "; WEFT_PLUGIN_PATH, which adds folders, is not set");
  names.empty()
      ? report.fault("plugins: none was found; " + searched, Exit::Plugin)
      : report.good(text("plugins: ", join(names), "; ", count_text(static_cast<int64_t>(types), "node type")));
  if (!names.empty()) report.good(searched);
  for (const plugin::Refused& refused : plugins.refused())
    report.fault(text("plugin ", refused.file, ": ", refused.reason), Exit::Plugin);
}

void look_at_disk(Report& report) {
  std::error_code error;
  const fs::space_info space = fs::space(".", error);
  const std::string here = fs::current_path(error).string();
  if (access(".", W_OK) != 0) {
    report.note(text("disk: ", here, " cannot be written; --set out=…, --run-folder DIR put things elsewhere"));
  } else {
    report.good(text("disk: ", bytes_text(static_cast<int64_t>(space.available)), " free in ", here));
  }
}

}  // namespace

void add_doctor_verb(CLI::App& app, Program& program) {
  CLI::App* verb = app.add_subcommand("doctor", "Checks this machine and this installation: what works, and how fast");
  verb->callback([&program] {
    program.action = [&program] {
      Report report;
      look_at_programs(report);
      look_at_processor(report);
      look_at_memory(report);
      look_at_gpu(report);
      look_at_plugins(report, program.plugins());
      look_at_disk(report);
      return report.exit();
    };
  });
}

}  // namespace weft::cli
