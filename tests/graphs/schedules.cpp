// The stages of vid2vid's recipes are what the 2018 program does from epoch to epoch with the options of its scripts.
//
// The rule is computed here epoch by epoch: how long clips are, how many frames a step has, which scales learn.
#include "framework/graph/check.h"
#include "framework/testing/node_runner.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <ostream>

namespace weft::graph {
namespace {

/// The options of a script of the program.
struct Script {
  std::string recipe;
  int64_t devices;          ///< that share the frames of a step; 1 where clips lie side by side
  int64_t frames;           ///< n_frames_total
  int64_t most_per_device;  ///< max_frames_per_gpu
  int64_t full, falling;    ///< niter, niter_decay
  int64_t step;             ///< niter_step
  int64_t alone = 0;        ///< niter_fix_global; 0: all scales learn from the beginning
  int64_t longest = 128;    ///< sequence of the data

  friend void PrintTo(const Script& script, std::ostream* out) { *out << script.recipe; }
};

constexpr int64_t kCityscapes = 30;

const std::vector<Script> kScripts = {
    {"street", 6, 6, 2, 10, 10, 5, 0, kCityscapes},
    {"street-batch", 1, 6, 1, 10, 10, 5, 0, kCityscapes},
    {"street-no-foreground", 6, 6, 2, 10, 10, 5, 0, kCityscapes},
    {"street-1024", 4, 4, 1, 10, 10, 2, 10, kCityscapes},
    {"street-2048", 4, 4, 1, 5, 5, 1, 5, kCityscapes},
    {"street-2048-crop", 4, 4, 1, 5, 5, 1, 5, kCityscapes},
    {"street-small-256", 1, 6, 6, 10, 10, 5, 0, kCityscapes},
    {"street-small-512", 1, 4, 2, 10, 5, 2, 8, kCityscapes},
    {"street-small-1024", 1, 4, 1, 10, 5, 2, 8, kCityscapes},
    {"face", 6, 12, 1, 20, 20, 5},
    {"face-batch", 1, 12, 1, 20, 20, 5},
    {"face-small-256", 1, 12, 6, 20, 20, 5},
    {"face-small-512", 1, 6, 1, 10, 10, 2, 5},
    {"pose", 1, 12, 3, 5, 5, 5},
    {"pose-faces", 1, 12, 3, 5, 5, 5},
    {"pose-512", 1, 12, 1, 5, 5, 5, 3},
    {"pose-1024", 4, 12, 1, 5, 5, 5, 3},
    {"pose-small-256", 1, 12, 4, 5, 5, 5},
    {"pose-small-512", 1, 12, 2, 5, 5, 5, 3},
    {"pose-small-1024", 1, 12, 1, 5, 5, 5, 3},
};

/// What of an epoch a stage says.
struct Epoch {
  int64_t length = 0;  ///< frames of a clip, the two before those that are drawn included
  int64_t chunk = 0;
  bool is_alone = false;           ///< only the finest scale learns
  bool has_new_optimiser = false;  ///< from its beginning

  bool operator==(const Epoch&) const = default;
  friend void PrintTo(const Epoch& epoch, std::ostream* out) {
    *out << epoch.length << " frames, chunks of " << epoch.chunk << (epoch.is_alone ? ", finest alone" : "")
         << (epoch.has_new_optimiser ? ", new optimisers" : "");
  }
};

std::vector<Epoch> epochs_of(const Script& script) {
  constexpr int64_t kGiven = 2, kLongestClip = 128;
  const int64_t most = std::min(kLongestClip, script.longest) - kGiven;
  int64_t frames = script.frames, per_device = std::min(script.most_per_device, frames / script.devices);
  std::vector<Epoch> epochs;
  for (int64_t epoch = 1; epoch <= script.full + script.falling; ++epoch) {
    const int64_t load = std::min(frames, script.most_per_device * script.devices);
    epochs.push_back({frames / load * load + kGiven, per_device * script.devices, epoch <= script.alone,
                      script.alone > 0 && epoch == script.alone + 1});
    if (epoch % script.step != 0) continue;
    if (frames < most) frames = std::min(most, script.frames << (epoch / script.step));
    per_device = std::min(script.most_per_device, 2 * per_device);
  }
  return epochs;
}

/// The length of clips, of whichever source draws them.
int64_t clip_length(const GoalGraph& graph) {
  for (const char* source : {"clips", "landmarks"}) {
    for (const FlatNode& node : graph.nodes) {
      if (node.path == source) return std::get<int64_t>(node.params.at("length"));
    }
  }
  return 0;
}

size_t learning_networks(const Stage& stage) {
  for (const Update& update : stage.plan.graph.updates)
    if (update.name == "G") return update.nodes.size();
  return 0;
}

class RecipeStages : public ::testing::TestWithParam<Script> {};

TEST_P(RecipeStages, AreTheProgramsSchedule) {
  for (const char* type : {"face.draw", "pose.draw", "media.clips"}) {
    if (!testing::NodeRunner::built_plugins().find(type)) GTEST_SKIP() << "this build has no " << type;
  }
  const std::string file = std::string(WEFT_SOURCE_DIR) + "/graphs/vid2vid/train-" + GetParam().recipe + ".toml";
  Diagnostics diagnostics;
  const Checked checked = check(file, {}, testing::NodeRunner::built_plugins(), diagnostics);
  diagnostics.throw_errors();
  std::vector<Epoch> epochs;
  for (const Stage& stage : checked.stages) {
    const bool is_alone = learning_networks(stage) < learning_networks(checked.stages.back());
    for (int64_t i = 0; i < stage.epochs; ++i) {
      epochs.push_back({clip_length(stage.plan.graph), stage.plan.graph.run.chunk.value_or(0), is_alone,
                        stage.has_new_optimiser && i == 0});
    }
  }
  EXPECT_EQ(epochs, epochs_of(GetParam()));
}

INSTANTIATE_TEST_SUITE_P(Vid2vid, RecipeStages, ::testing::ValuesIn(kScripts), [](const auto& info) {
  std::string name = info.param.recipe;
  std::replace(name.begin(), name.end(), '-', '_');
  return name;
});

}  // namespace
}  // namespace weft::graph
