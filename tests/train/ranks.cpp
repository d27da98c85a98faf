// Two processes that train together, here as two threads: each has its own clips, and both have the mean of the gradients.
#include "framework/testing/node_runner.h"
#include "tests/train/trained.h"

#include <gmock/gmock.h>

#include <barrier>
#include <future>

namespace weft::train {
namespace {

using ::testing::ElementsAre;

/// y = w x with a loss; each sequence has another x.
const std::string kGraph = R"(
[run]
chunk = 2
[node.x]
use = "toy.ramp"
frames = 4
sequences = 4
[node.G]
use = "toy.scale"
in = "x"
weight = 0.5
[node.loss]
use = "toy.distance"
in.a = "G"
in.b = "x"
[weights]
"*" = "random"
[update.G]
of = ["G"]
use = "sgd"
lr = 0.001
[update.G.loss]
loss = 1.0
)";

constexpr int64_t kCount = 2;

/// What threads that train together share.
struct Meeting {
  std::barrier<> barrier{kCount};
  std::vector<std::vector<at::Tensor>> gradients{kCount};
  std::vector<char> flags = std::vector<char>(kCount, 0);
};

class ThreadRanks final : public Ranks {
 public:
  ThreadRanks(Meeting& meeting, int64_t rank) : meeting_(meeting), rank_(rank) {}
  int64_t rank() const override { return rank_; }
  int64_t count() const override { return kCount; }
  void average(std::vector<at::Tensor>& gradients) override {
    meeting_.gradients[static_cast<size_t>(rank_)] = gradients;
    meeting_.barrier.arrive_and_wait();
    for (size_t i = 0; i < gradients.size(); ++i) {
      at::Tensor sum;
      for (const auto& of_rank : meeting_.gradients) {
        if (of_rank[i].defined()) sum = sum.defined() ? sum + of_rank[i] : of_rank[i].clone();
      }
      if (sum.defined()) gradients[i] = sum / kCount;
    }
    meeting_.barrier.arrive_and_wait();
  }
  bool any(bool here) override {
    meeting_.flags[static_cast<size_t>(rank_)] = here ? 1 : 0;
    meeting_.barrier.arrive_and_wait();
    const bool is_any = std::find(meeting_.flags.begin(), meeting_.flags.end(), 1) != meeting_.flags.end();
    meeting_.barrier.arrive_and_wait();
    return is_any;
  }

 private:
  Meeting& meeting_;
  int64_t rank_;
};

struct Trainings {
  std::vector<std::vector<ChunkResult>> chunks{kCount};  ///< by rank
  std::vector<double> weights = std::vector<double>(kCount);
};

Trainings train_together(const std::string& graph) {
  Meeting meeting;
  Trainings trainings;
  std::vector<std::future<void>> threads;
  for (int64_t rank = 0; rank < kCount; ++rank) {
    threads.push_back(std::async(std::launch::async, [&, rank] {
      Log log(Log::Level::Quiet);
      TrainerOptions options;
      options.ranks = std::make_shared<ThreadRanks>(meeting, rank);
      Trainer trainer(plan_of(graph), testing::NodeRunner::built_plugins(), options, log);
      trainer.begin_epoch({});
      auto& chunks = trainings.chunks[static_cast<size_t>(rank)];
      while (auto chunk = trainer.next({0, 1, trainer.position().step, 0})) chunks.push_back(*chunk);
      trainings.weights[static_cast<size_t>(rank)] = trainer.save().at("network/G/w").item<double>();
    }));
  }
  for (auto& thread : threads) thread.get();
  return trainings;
}

TEST(Ranks, TrainAsOneProcessWithTheWholeBatchDoes) {
  Trained alone(kGraph, {"run.batch=2"});
  const std::vector<ChunkResult> chunks = alone.epoch();
  const Trainings together = train_together(kGraph);
  ASSERT_EQ(chunks.size(), 4U);
  for (size_t rank = 0; rank < 2; ++rank) {
    ASSERT_EQ(together.chunks[rank].size(), chunks.size());
    EXPECT_NEAR(together.weights[rank], alone.number("G/w"), 1e-6);
  }
  EXPECT_NE(alone.number("G/w"), 0.5);
  for (size_t i = 0; i < chunks.size(); ++i) {
    const double mean = (loss_of(together.chunks[0][i], "G", "loss") + loss_of(together.chunks[1][i], "G", "loss")) / 2;
    EXPECT_NEAR(mean, loss_of(chunks[i], "G", "loss"), 1e-5);
  }
}

TEST(Ranks, EndTogetherWhereOneHasNoClipLeft) {
  std::string graph = kGraph;
  graph.replace(graph.find("sequences = 4"), 13, "sequences = 3");
  const Trainings together = train_together(graph);
  EXPECT_EQ(together.chunks[0].size(), 2U);
  EXPECT_EQ(together.chunks[1].size(), 2U);
}

TEST(Ranks, EachHasClipsOfItsOwn) {
  const Trainings together = train_together(kGraph);
  const auto names = [&](size_t rank) {
    std::vector<std::string> names;
    for (const ChunkResult& chunk : together.chunks[rank]) names.push_back(chunk.clip);
    return names;
  };
  EXPECT_THAT(names(0), ElementsAre("ramp 0", "ramp 0", "ramp 2", "ramp 2"));
  EXPECT_THAT(names(1), ElementsAre("ramp 1", "ramp 1", "ramp 3", "ramp 3"));
}

}  // namespace
}  // namespace weft::train
