// The recipes that train vid2vid really train: the first chunks of each stage, on miniature data.
//
// Settings make networks, pictures and chunks small. FlowNet2, which has 162 million numbers, is swapped for a node that
// says "one pixel to the right"; VGG19 runs with rule-made weights in one recipe and has weight 0 in the others. Nodes,
// edges, windows, losses, updates and stages are those of the files.
#include "framework/base/text.h"
#include "framework/plugin/plugins.h"
#include "framework/train/trainer.h"
#include "tests/graphs/clips.h"
#include "tests/graphs/networks.h"
#include "tests/plugins/text_files.h"
#include <weft/nn.h>
#include <weft/node.h>

#include <ATen/TensorOperators.h>
#include <ATen/ops/equal.h>
#include <ATen/ops/ones_like.h>
#include <ATen/ops/zeros.h>
#include <gtest/gtest.h>

#include <cmath>
#include <filesystem>
#include <map>
#include <set>

namespace weft {
namespace {

namespace fs = std::filesystem;

using Settings = std::vector<std::string>;

/// In the place of FlowNet2: everything came from one pixel to the left, which is believed where it is true.
struct OnePixel : nn::Module {
  static constexpr auto about = "A flow of one pixel";
  void build(const Shapes&) { width_.emplace(*this, "width", std::vector<int64_t>{1}, nn::Init::zeros()); }
  std::tuple<Out<"flow", "flow[B,2,H,W]">, Out<"confidence", "mask[B,1,H,W]">> run(
      In<"current", "image[B,3,H,W]"> current, In<"previous", "image[B,3,H,W]"> previous) {
    at::Tensor flow = at::zeros({current->size(0), 2, current->size(2), current->size(3)}, current->options());
    flow.select(1, 0).fill_(-1);
    const at::Tensor error = (*current - previous->roll(1, 3)).square().sum(1, true);
    return {flow, (error < 1).to(at::kFloat)};
  }

 private:
  std::optional<nn::Parameter> width_;  ///< none is needed, but only networks are called twice
};

/// A recipe, what makes it small, and what does not learn before the stage with new optimisers.
struct Row {
  std::string recipe;
  Settings settings;
  std::string frozen;

  friend void PrintTo(const Row& row, std::ostream* out) { *out << row.recipe; }
};

constexpr int64_t kFrames = 10;  // two given, two chunks of four; the judges of clips need eight

Settings operator+(Settings a, const Settings& b) {
  a.insert(a.end(), b.begin(), b.end());
  return a;
}

const Settings kSmall = {"features=4",       "foreground_features=4", "blocks=2",    "judge_features=4",
                         "judge_scales=1",   "run.chunk=4",           "run.batch=1", "length=10",
                         "weights.vgg=fill", "weights.flow=random",   "run.show=[]"};
const Settings kNoVgg = {"update.G.loss.vgg=0"};
const Settings kTwoScales = {
    "features=8",         "foreground_features=8",        "fine_features=4",  "fine_foreground_features=4",
    "fine_blocks=1",      R"(weights."F.coarse"=random)", "weights.D=random", "weights.D_T0=random",
    "weights.D_T1=random"};
const Settings kPose = {"frame=[64, 128]", "size=[64, 128]", "fine_size=64", "load_size=72", "raw_until=6", "clips=2"};

const std::vector<Row> kRows = {
    {"street", kSmall + kNoVgg + Settings{"width=128"}, ""},
    {"street-features", kSmall + kNoVgg + Settings{"width=128", "encoder_features=4", "encoder_down=3"}, ""},
    {"face", kSmall + kNoVgg + Settings{"size=[64, 64]"}, ""},
    {"pose", kSmall + kPose, ""},
    {"street-1024", kSmall + kNoVgg + kTwoScales + Settings{"width=64"}, "F.coarse"},
    {"pose-512", kSmall + kNoVgg + kTwoScales + kPose + Settings{"face=16"}, "F.coarse"},
};

/// Where a network's tensors stand among those of a checkpoint: "network/F.w".
std::string network_of(const std::string& entry) {
  return entry.substr(0, entry.rfind('/'));
}

bool is_statistic(const std::string& entry) {
  return entry.find("running_") != std::string::npos || entry.ends_with("num_batches_tracked");
}

/// The networks whose learnt tensors differ between two checkpoints.
std::set<std::string> moved(const Archive::Entries& before, const Archive::Entries& after) {
  std::set<std::string> networks;
  for (const auto& [name, tensor] : after) {
    if (!name.starts_with("network/") || is_statistic(name)) continue;
    if (!at::equal(tensor, before.at(name))) networks.insert(network_of(name));
  }
  return networks;
}

class Recipe : public testing::TextFiles, public ::testing::WithParamInterface<Row> {
 protected:
  void SetUp() override {
    TextFiles::SetUp();
    plugins_.registry().add<OnePixel>("test.one_pixel");
    for (const char* type : {"face.draw", "pose.draw", "media.clips"}) {
      if (!plugins_.find(type)) GTEST_SKIP() << "this build has no " << type;
    }
    for (const char* sequence : {"first", "second"}) write_sequence(sequence);
  }

  /// A sequence in the program's folders.
  void write_sequence(const std::string& name) const {
    const testing::Clips clips(path("drawn"), kFrames);
    const auto put = [&](const std::string& from, const std::string& folder) {
      fs::create_directories(path(folder));
      fs::rename(from, path(folder + '/' + name));
    };
    put(clips.labels, "train_A");
    put(clips.instances, "train_inst");
    put(clips.densepose, "train_densepose");
    put(clips.openpose, "train_openpose");
    put(clips.landmarks, "train_keypoints");
    fs::create_directories(path("train_img"));
    fs::copy(clips.images, path("train_img/" + name));
    put(clips.images, "train_B");
  }

  Settings data_of(const std::string& recipe) const {
    if (recipe.starts_with("face")) return {"landmarks=" + path("train_keypoints"), "frames=" + path("train_img")};
    const Settings data = {"data=" + path()};
    return recipe.starts_with("pose") ? data + Settings{"openpose=" + path("train_openpose")} : data;
  }

  std::vector<graph::Stage> stages_of(const Row& row) {
    const std::string file =
        write("small.toml", text("format = 1\nbase = \"", WEFT_SOURCE_DIR, "/graphs/vid2vid/train-", row.recipe,
                                 ".toml\"\n[swap.flow]\nuse = \"test.one_pixel\"\n"));
    graph::CheckOptions options;
    for (const std::string& setting : row.settings + data_of(row.recipe))
      options.settings.push_back(graph::read_setting(setting));
    graph::Diagnostics diagnostics;
    graph::Checked checked = graph::check(file, options, plugins_, diagnostics);
    diagnostics.throw_errors();
    return std::move(checked.stages);
  }

  plugin::Plugins plugins_{plugin::default_folders()};
  Log log_{Log::Level::Quiet};
};

/// Trains on two chunks, and where an encoder of given frames lets chunks begin earlier, on a third one, until so many losses
/// were present. @returns the losses of all updates, without those that were never present
std::map<std::string, double> train_chunks(train::Trainer& trainer, size_t count) {
  std::map<std::string, double> losses;
  trainer.begin_epoch(trainer.position());
  for (int chunk = 0; chunk < 2 || (chunk < 3 && losses.size() < count); ++chunk) {
    const auto result = trainer.next({0, 10, chunk, 20});
    if (!result) return {};
    for (const train::UpdateResult& update : result->updates) {
      for (const train::UpdateResult::Loss& loss : update.losses) {
        if (loss.value) losses[update.name + '/' + loss.name] = *loss.value;
      }
    }
  }
  return losses;
}

/// What each loss of a stage is called, if it counts.
std::set<std::string> losses_of(const graph::Plan& plan) {
  std::set<std::string> names;
  for (const graph::Update& update : plan.graph.updates) {
    for (const graph::LossTerm& loss : update.losses) {
      if (loss.weight != 0) names.insert(update.name + '/' + loss.text);
    }
  }
  return names;
}

TEST_P(Recipe, TrainsWhatItsStagesName) {
  const Row& row = GetParam();
  const std::vector<graph::Stage> stages = stages_of(row);
  ASSERT_FALSE(stages.empty());
  // What all networks begin with: a little less than at random, so that loading it can be told.
  Archive::Entries earlier = testing::copy_of(train::Trainer(stages.back().plan, plugins_, {}, log_).learnt().save());
  std::erase_if(earlier, [](const auto& entry) { return !entry.first.starts_with("network/"); });
  for (auto& [name, tensor] : earlier) {
    if (!is_statistic(name)) tensor.mul_(0.9);
  }
  std::set<std::string> networks;
  for (const auto& [name, tensor] : earlier) networks.insert(network_of(name));
  bool is_alone = !row.frozen.empty();
  for (const graph::Stage& stage : stages) {
    SCOPED_TRACE(stage.name);
    is_alone = is_alone && !stage.has_new_optimiser;
    train::Trainer trainer(stage.plan, plugins_, {}, log_);
    trainer.learnt().load(earlier);
    const Archive::Entries before = testing::copy_of(trainer.learnt().save());
    const std::map<std::string, double> losses = train_chunks(trainer, losses_of(stage.plan).size());
    std::set<std::string> seen;
    for (const auto& [name, value] : losses) {
      EXPECT_TRUE(std::isfinite(value)) << name;
      seen.insert(name);
    }
    EXPECT_EQ(seen, losses_of(stage.plan));
    earlier = testing::copy_of(trainer.learnt().save());
    std::set<std::string> expected;
    for (const std::string& network : networks) {
      const bool is_frozen = network == "network/flow" || network == "network/vgg" ||
                             (is_alone && network.starts_with("network/" + row.frozen));
      if (!is_frozen) expected.insert(network);
    }
    EXPECT_EQ(moved(before, earlier), expected);
  }
  EXPECT_FALSE(is_alone) << "in the end all scales learn";
}

INSTANTIATE_TEST_SUITE_P(Vid2vid, Recipe, ::testing::ValuesIn(kRows), [](const auto& info) {
  std::string name = info.param.recipe;
  for (char& c : name) c = c == '-' ? '_' : c;
  return name;
});

}  // namespace
}  // namespace weft
