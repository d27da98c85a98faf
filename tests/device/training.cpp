// Training on the simulated device: the numbers of the CPU, from the first step to the last, and after an interruption.
#include "tests/device/fixture.h"
#include "tests/train/checkpoints_fixture.h"

namespace weft::train {
namespace {

class TrainingOnSimulatedDevice : public Checkpoints {
 protected:
  static void SetUpTestSuite() { simulated::install(); }
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
    device_ = simulated::device();
    const std::string folder = train(content, settings, resume);
    device_ = at::kCPU;
    return folder;
  }
};

TEST_F(TrainingOnSimulatedDevice, ComesToTheNumbersOfTheCpu) {
  const std::string here = train(kAll), there = train_there(kAll);
  for (const int64_t step : {1, 2, 9, 16}) expect_equal(checkpoint(here, step), checkpoint(there, step));
}

TEST_F(TrainingOnSimulatedDevice, ResumesToTheSameBytes) {
  const std::string whole = train_there(kAll);
  for (const int64_t stop : {1, 2, 3, 7}) {
    const std::string part = train_there(kAll, {text("run.steps=", stop)});
    expect_equal(checkpoint(part, stop), checkpoint(whole, stop));
    train_there(kAll, {}, checkpoint(part, stop));
    expect_equal(checkpoint(part, 16), checkpoint(whole, 16));
  }
}

TEST_F(TrainingOnSimulatedDevice, GoesOnFromACheckpointOfTheCpu) {
  const std::string whole = train(kAll), part = train(kAll, {"run.steps=3"});
  train_there(kAll, {}, checkpoint(part, 3));
  expect_equal(checkpoint(part, 16), checkpoint(whole, 16));
}

/// The same with a node that remembers on the CPU, and one that folds there what another folds on the device.
std::string with_nodes_on_the_host() {
  std::string content = kAll;
  const auto change = [&](const std::string& from, const std::string& to) {
    content.replace(content.find(from), from.size(), to);
  };
  change("\"toy.remembering\"", "\"toy.remembering_on_host\"");
  change("\"gan.generator\" = 1.0\n", "\"gan.generator\" = 1.0\nfolded = 0.1\n");
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

TEST_F(TrainingOnSimulatedDevice, LeavesTheStateOfNodesThatWorkOnTheCpuThere) {
  const std::string content = with_nodes_on_the_host();
  const std::string whole = train(content);
  const std::string part = train_there(content, {"run.steps=3"});
  train_there(content, {}, checkpoint(part, 3));
  expect_equal(checkpoint(part, 16), checkpoint(whole, 16));
}

}  // namespace
}  // namespace weft::train
