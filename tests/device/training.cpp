// Training on the device: the numbers of the CPU, from the first step to the last, and after an interruption.
#include "tests/device/fixture.h"
#include "tests/device/simulated/device.h"
#include "tests/train/checkpoints_fixture.h"

#include <algorithm>

namespace weft::train {
namespace {

/// The training of the fixture, with random numbers that are the same everywhere: a GPU draws others than the CPU.
std::string with_noise_of_the_cpu() {
  std::string content = kAll;
  const std::string drawn_there = "\"toy.remembering\"";
  content.replace(content.find(drawn_there), drawn_there.size(), "\"toy.remembering_on_host\"");
  return content;
}

class TrainingOnDevice : public Checkpoints {
 protected:
  void SetUp() override {
    Checkpoints::SetUp();
    simulated::take_faults();
  }
  void TearDown() override {
    Checkpoints::TearDown();
    EXPECT_EQ(join(simulated::take_faults(), "\n"), "");
  }

  std::string train_there(const std::string& content, const std::vector<std::string>& settings = {},
                          const std::string& resume = "") {
    device_ = testing::device();
    const std::string folder = train(content, settings, resume);
    device_ = at::kCPU;
    return folder;
  }

  /// Of checkpoints of the same step: the same bytes on the simulated device. On a GPU the sums of a step have another order,
  /// which moves its results by some 1e-7 of themselves, and there are 16 steps.
  static void expect_agreement(const std::string& a, const std::string& b) {
    if (testing::is_simulated()) return expect_equal(a, b);
    constexpr double kBound = 1e-4;  // of the largest number of a tensor, where that is above 1
    const Checkpoint one = read_checkpoint(a), other = read_checkpoint(b);
    EXPECT_EQ(one.position, other.position);
    ASSERT_EQ(one.tensors.size(), other.tensors.size());
    for (const auto& [name, tensor] : one.tensors) {
      ASSERT_TRUE(other.tensors.contains(name)) << name;
      const at::Tensor left = tensor.to(at::kDouble), right = other.tensors.at(name).to(at::kDouble);
      ASSERT_EQ(left.sizes(), right.sizes()) << name;
      if (left.numel() == 0) continue;
      const double largest = std::max(1.0, left.abs().max().item<double>());
      EXPECT_LE((left - right).abs().max().item<double>(), kBound * largest) << name;
    }
  }

  const std::string content_ = testing::is_simulated() ? kAll : with_noise_of_the_cpu();
};

TEST_F(TrainingOnDevice, ComesToTheNumbersOfTheCpu) {
  const std::string here = train(content_), there = train_there(content_);
  for (const int64_t step : {1, 2, 9, 16}) expect_agreement(checkpoint(here, step), checkpoint(there, step));
}

TEST_F(TrainingOnDevice, ResumesToTheSameNumbers) {
  const std::string whole = train_there(kAll);
  for (const int64_t stop : {1, 2, 3, 7}) {
    const std::string part = train_there(kAll, {text("run.steps=", stop)});
    expect_agreement(checkpoint(part, stop), checkpoint(whole, stop));
    train_there(kAll, {}, checkpoint(part, stop));
    expect_agreement(checkpoint(part, 16), checkpoint(whole, 16));
  }
}

TEST_F(TrainingOnDevice, GoesOnFromACheckpointOfTheCpu) {
  const std::string whole = train(content_), part = train(content_, {"run.steps=3"});
  train_there(content_, {}, checkpoint(part, 3));
  expect_agreement(checkpoint(part, 16), checkpoint(whole, 16));
}

/// The same with a node that remembers on the CPU, and one that folds there what another folds on the device.
std::string with_nodes_on_the_host() {
  std::string content = with_noise_of_the_cpu();
  const std::string loss = "\"gan.generator\" = 1.0\n";
  content.insert(content.find(loss) + loss.size(), "folded = 0.1\n");
  return content + R"(
[node.twice]
use = "toy.plus_on_host"
in.a = "x"
in.b = "x"
fold = "chunk"
[node.folded]
use = "toy.squares"
in.a = "y"
in.b = "twice"
fold = "chunk"
)";
}

TEST_F(TrainingOnDevice, LeavesTheStateOfNodesThatWorkOnTheCpuThere) {
  const std::string content = with_nodes_on_the_host();
  const std::string whole = train(content);
  const std::string part = train_there(content, {"run.steps=3"});
  train_there(content, {}, checkpoint(part, 3));
  expect_agreement(checkpoint(part, 16), checkpoint(whole, 16));
}

}  // namespace
}  // namespace weft::train
