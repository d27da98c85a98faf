#include "framework/testing/node_runner.h"
#include "framework/train/training.h"
#include "tests/fuzz/fuzz.h"
#include "tests/toy/recurrence.h"
#include "tests/train/trained.h"

namespace {

/// A recurrence, a node with state, two clips side by side, an optimiser: some of all that a checkpoint holds.
/// The files of the corpus are checkpoints of it.
const std::string kGraph = R"(
[run]
chunk = 2
bptt = 2
batch = 2
epochs = 2
steps = 6
[node.x]
use = "toy.ramp"
frames = 7
sequences = 4
)" + weft::testing::kNoisyRecurrence +
                           R"([node.loss]
use = "toy.distance"
in.a = "y"
in.b = "x"
)" + weft::testing::kLearning;

}  // namespace

void weft::fuzz::read_input(std::string_view input) {
  static const std::vector<graph::Stage> stages = train::stages_of(kGraph);
  Log log(Log::Level::Quiet);
  train::TrainingOptions options;
  options.resume = file_of(input);
  train::Training(stages, testing::NodeRunner::built_plugins(), options, log).run();
}
