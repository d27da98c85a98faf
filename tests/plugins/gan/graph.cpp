#include "framework/base/text.h"
#include "framework/gan/judgement.h"
#include "framework/run/session.h"
#include "framework/testing/node_runner.h"
#include "framework/train/trainer.h"
#include "framework/weights/fill.h"
#include "tests/plugins/text_files.h"

#include <ATen/ops/equal.h>
#include <ATen/ops/zeros.h>
#include <gtest/gtest.h>

namespace weft {
namespace {

/// The wires of vid2vid's discriminators: one for frames, one for clips of three frames with the flow between them.
constexpr const char* kGraph = R"(format = 1
[inputs]
real = "image[B,3,H,W]"
fake = "image[B,3,H,W]"
raw  = "image[B,3,H,W]"
s    = "conditions[B,4,H,W]"
flow = "flow[B,2,H,W]"
[weights]
"D_*" = "random"
[node.D_image]
use           = "gan.patch_discriminator"
in.real       = "real"
in.fake       = ["fake", "raw"]
in.conditions = "s"
features      = 4
[node.D_video]
use           = "gan.patch_discriminator"
in.real       = "real[t-2..t]"
in.fake       = ["CLIP"]
in.conditions = "flow[t-1..t]"
features      = 4
every         = 2
[outputs]
image = "D_image"
video = "D_video"
)";

class DiscriminatorsInAGraph : public testing::TextFiles {
 protected:
  std::string graph_with_fake(const std::string& clip) const {
    std::string graph = kGraph;
    graph.replace(graph.find("CLIP"), 4, clip);
    return write("graph.toml", graph);
  }
};

TEST_F(DiscriminatorsInAGraph, JudgeFramesAndClips) {
  graph::CheckOptions check;
  check.wanted = {"image", "video"};
  Log log(Log::Level::Quiet);
  run::Session session(graph_with_fake("fake[t-2..t]"), check, testing::NodeRunner::built_plugins(), {}, log);
  session.begin();
  for (int64_t t = 0; t < 3; ++t) {
    for (const char* input : {"real", "fake", "raw"}) session.push(input, at::zeros({1, 3, 16, 16}));
    session.push("s", at::zeros({1, 4, 16, 16}));
    session.push("flow", at::zeros({1, 2, 16, 16}));
    session.step();
    EXPECT_EQ(session.pull("video").has_value(), t == 2);
  }
  const auto image = session.pull("image").as<gan::Judgement>(), video = session.pull("video").as<gan::Judgement>();
  EXPECT_EQ(image.fakes.size(), 2U);
  EXPECT_EQ(video.fakes.size(), 1U);
  EXPECT_EQ(image.real[0].score.sizes(), (std::vector<int64_t>{1, 1, 5, 5}));  // 16, 9, 5, 3, 4, 5
  EXPECT_EQ(session.weights()[0].tensors[0].parameter->shape()[1], 4 + 3);
}

TEST_F(DiscriminatorsInAGraph, AFrameIsNoClip) {
  graph::Diagnostics diagnostics;
  graph::check(graph_with_fake("fake"), {}, testing::NodeRunner::built_plugins(), diagnostics);
  ASSERT_EQ(diagnostics.all().size(), 1U);
  EXPECT_EQ(diagnostics.all()[0].code, "E403");
  EXPECT_EQ(diagnostics.all()[0].message,
            "node \"D_video\": the inputs of gan.patch_discriminator must have one size, but `real` is [1, 3, 3, H of "
            "real, W of real] and `fake` is [1, 3, H of real, W of real]");
}

/// A discriminator that learns from a clip of two frames, in one chunk. @returns it afterwards, statistics included
Archive::Entries learnt_discriminator(const std::string& file, const std::vector<std::string>& settings) {
  graph::CheckOptions check;
  for (const std::string& setting : settings) check.settings.push_back(graph::read_setting(setting));
  graph::Diagnostics diagnostics;
  graph::Checked checked = graph::check(file, check, testing::NodeRunner::built_plugins(), diagnostics);
  diagnostics.throw_errors();
  Log log(Log::Level::Quiet);
  train::Trainer trainer(std::move(checked.stages.front().plan), testing::NodeRunner::built_plugins(), {}, log);
  std::map<std::string, std::vector<Value>> frames;
  for (const char* input : {"real", "fake"}) {
    for (const char* t : {"0", "1"}) frames[input].emplace_back(weights::fill_input(text(input, t), {1, 3, 16, 16}));
  }
  trainer.train_clip(frames, {}, [](const train::ChunkResult&) {});
  return trainer.learnt().save();
}

TEST_F(DiscriminatorsInAGraph, LearnTheSameWhenTheyAreComputedAgain) {
  const std::string file = write("train.toml", R"(format = 1
[run]
chunk = 2
[inputs]
real = "image[B,3,H,W]"
fake = "image[B,3,H,W]"
[weights]
D = "random"
[node.D]
use      = "gan.patch_discriminator"
in.real  = "real"
in.fake  = ["fake"]
features = 4
layers   = 1
fold     = "chunk"
[node.gan]
use  = "loss.gan"
in   = "D"
fold = "chunk"
[update.D]
of = ["D"]
[update.D.loss]
"gan.discriminator" = 0.5
)");
  if (!testing::NodeRunner::built_plugins().find("loss.gan")) GTEST_SKIP() << "this build has no loss.gan";
  const Archive::Entries once = learnt_discriminator(file, {}),
                         again = learnt_discriminator(file, {"run.recompute=true"});
  ASSERT_EQ(again.size(), once.size());
  for (const auto& [name, tensor] : once) EXPECT_TRUE(at::equal(again.at(name), tensor)) << name;
  const std::string counter = "network/D/scale0_layer1.1.num_batches_tracked";
  EXPECT_EQ(again.at(counter).item<int64_t>(), 2) << "the real frames and the fake ones, once each";
}

}  // namespace
}  // namespace weft
