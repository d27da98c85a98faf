#include "framework/run/session.h"
#include "framework/testing/node_runner.h"
#include "tests/plugins/text_files.h"

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
  const Judgement &image = session.pull("image").judgement(), &video = session.pull("video").judgement();
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
            "node \"D_video\": what gan.patch_discriminator judges must have one size, but `real` is "
            "[1, 3, 3, H of real, W of real] and `fake` is [1, 3, H of real, W of real]");
}

}  // namespace
}  // namespace weft
