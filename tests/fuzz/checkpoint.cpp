#include "framework/testing/node_runner.h"
#include "framework/train/training.h"
#include "tests/fuzz/fuzz.h"
#include "tests/train/trained.h"

namespace {

/// A recurrence, a node with state, two clips side by side, an optimiser: some of all that a checkpoint holds.
/// The files of the corpus are checkpoints of it.
constexpr const char* kGraph = R"(
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
[stream]
past = "y[t-1] else zeros"
[node.noisy]
use = "toy.remembering"
in = "x"
[node.G]
use = "toy.scale"
in = "past"
weight = 0.5
[node.y]
use = "toy.plus"
in.a = "G"
in.b = "noisy"
[node.loss]
use = "toy.distance"
in.a = "y"
in.b = "x"
[weights]
G = "random"
[update.G]
of = ["G"]
lr = 0.01
[update.G.loss]
loss = 1.0
)";

}  // namespace

void weft::fuzz::read_input(std::string_view input) {
  static const std::vector<graph::Stage> stages = train::stages_of(kGraph);
  Log log(Log::Level::Quiet);
  train::TrainingOptions options;
  options.resume = file_of(input);
  train::Training(stages, testing::NodeRunner::built_plugins(), options, log).run();
}
