#include "tests/bench/partner.h"

#include "tests/bench/generator.h"
#include "tests/bench/pairs.h"
#include "tests/bench/training_graph.h"

#include <ATen/TensorOperators.h>
#include <ATen/ops/randn_like.h>
#include <c10/core/InferenceMode.h>
#include <sys/wait.h>
#include <unistd.h>

#include <iostream>
#include <numeric>
#include <stdexcept>
#include <string_view>

namespace weft::bench {

namespace {

constexpr const char* kTraining = "training";
constexpr const char* kShakenTraining = "shaken training";

int serve_frames() {
  const c10::InferenceMode inference;
  BareRollout original({original_parameters(), BareGenerator::Style::AsOriginal, {}});
  for (std::string line; std::getline(std::cin, line);) {
    std::cout << seconds_of([&] { original.next(); }) << " 0" << std::endl;
  }
  return 0;
}

/// @param shake  by how much of themselves the first weights are moved
int serve_training(double shake) {
  const TrainingClip clip = street_clip();
  std::map<std::string, BareTraining::Parameters> networks = GraphTraining("f32").networks();
  for (auto& [name, parameters] : networks) {
    for (auto& [key, tensor] : parameters) {
      if (shake > 0 && tensor.is_floating_point()) tensor.mul_(at::randn_like(tensor).mul_(shake).add_(1));
    }
  }
  BareTraining original(std::move(networks), {GraphTraining::kDown, GraphTraining::kBlocks});
  for (std::string line; std::getline(std::cin, line);) {
    std::vector<double> losses;
    const double seconds = seconds_of([&] { losses = original.train(clip); });
    const double sum = std::accumulate(losses.begin(), losses.end(), 0.0);
    std::cout << seconds << ' ' << sum / static_cast<double>(losses.size()) << std::endl;
  }
  return 0;
}

}  // namespace

Partner::Partner(Work work) {
  int down[2], up[2];
  if (pipe(down) != 0 || pipe(up) != 0 || (process_ = fork()) < 0) throw std::runtime_error("no second process");
  if (process_ == 0) {
    dup2(down[0], STDIN_FILENO);
    dup2(up[1], STDOUT_FILENO);
    for (const int end : {down[0], down[1], up[0], up[1]}) close(end);
    const char* name = work == Work::Training ? kTraining : work == Work::ShakenTraining ? kShakenTraining : "frame";
    execl("/proc/self/exe", "bench", kFlag, name, nullptr);
    _exit(127);
  }
  close(down[0]);
  close(up[1]);
  to_ = fdopen(down[1], "w");
  from_ = fdopen(up[0], "r");
}

Partner::~Partner() {
  fclose(to_);  // the partner ends where its input does
  fclose(from_);
  waitpid(process_, nullptr, 0);
}

Partner::Result Partner::next() {
  Result result;
  if (fputs("next\n", to_) < 0 || fflush(to_) != 0 || fscanf(from_, "%lf %lf", &result.seconds, &result.loss) != 2) {
    throw std::runtime_error("the second process has ended");
  }
  return result;
}

int Partner::serve(const char* work) {
  if (std::string_view(work) == kShakenTraining) return serve_training(1e-7);
  return std::string_view(work) == kTraining ? serve_training(0) : serve_frames();
}

}  // namespace weft::bench
