// Every graph that makes a video runs: the tiny twins as they are, and those with published weights on the same small
// scale, each on clips that this test draws. What they draw is tested against the originals by tests/conformance.
#include "framework/base/text.h"
#include "framework/run/session.h"
#include "framework/testing/node_runner.h"
#include "tests/graphs/clips.h"
#include "tests/plugins/media/film.h"
#include "tests/plugins/text_files.h"

#include <ATen/TensorOperators.h>
#include <ATen/ops/isfinite.h>
#include <gtest/gtest.h>

#include <set>

namespace weft {
namespace {

using testing::Clips;
using Settings = std::vector<std::string>;

/// A graph, what makes it small, and what it is to draw.
struct Row {
  std::string graph;
  Settings settings;
  int64_t height = 64, width = 128;
  int64_t frames = Clips::kFrames;  ///< in the video
  std::string drawn = "F.image";    ///< the stream of what networks drew
  int64_t drawn_frames = Clips::kFrames - 2;
};

Settings operator+(Settings a, const Settings& b) {
  a.insert(a.end(), b.begin(), b.end());
  return a;
}

const Settings kSmall = {"features=8", "foreground_features=4", "blocks=2", "weights.F=fill"};
const Settings kStreet = kSmall + Settings{"size=[64, 128]"};
const Settings kWorld = {"size=[64, 128]", "run.frames=3"};
const Settings kFace = kSmall + Settings{"size=[64, 64]"};
const Settings kTwoScales = {"fine_features=4", "fine_foreground_features=2", "fine_blocks=1",
                             R"(weights."F.coarse"=fill)", R"(weights."F.fine"=fill)"};
const Settings kThreeScales = {"features=16",
                               "fine_features=8",
                               "finest_features=4",
                               "foreground_features=8",
                               "fine_foreground_features=4",
                               "finest_foreground_features=2",
                               "fine_blocks=1",
                               R"(weights."F.below.coarse"=fill)",
                               R"(weights."F.below.fine"=fill)",
                               R"(weights."F.finest"=fill)"};
const Settings kSmallFirst = {"first.features=4", "first.down=2", "first.blocks=1", "weights.first=fill"};

const Settings kFewShot = {"size=[64, 64]", "features=4",    "down=3",         "layers=2",           "flow_features=4",
                           "flow_down=2",   "flow_blocks=1", "weights.F=fill", "spectral_norm=false"};

/// Without first frames the grey ones are not written.
constexpr int64_t kDrawnOnly = Clips::kFrames - 2;

const std::vector<Row> kRows = {
    {"tiny/street", {}, 64, 128, kDrawnOnly},
    {"tiny/street-2048", {}, 64, 128, kDrawnOnly},
    {"tiny/pose", {}, 64, 64, kDrawnOnly},
    {"tiny/face", {}, 64, 64},
    {"tiny/pix2pixhd", {}, 64, 128, 4, "G.image", 4},
    {"tiny/covst", {}, 64, 128, 4, "O.image", 4},
    {"tiny/spade", {}, 64, 128, 4, "G", 4},
    {"tiny/fewshot", {}, 64, 128, Clips::kFrames, "F.image", Clips::kFrames},
    {"fewshot/street", kFewShot, 64, 64, Clips::kFrames, "F.image", Clips::kFrames},
    {"fewshot/street-examples", kFewShot, 64, 64, Clips::kFrames, "F.image", Clips::kFrames},
    {"fewshot/finetuned", kFewShot + Settings{R"(weights."F.flow"=fill)"}, 64, 64, Clips::kFrames, "F.image",
     Clips::kFrames},
    {"fewshot/encoder", kFewShot, 64, 64, Clips::kFrames, "F.image", Clips::kFrames},
    {"fewshot/concat-style", kFewShot, 64, 64, Clips::kFrames, "F.image", Clips::kFrames},
    {"fewshot/adain", kFewShot, 64, 64, Clips::kFrames, "F.image", Clips::kFrames},
    {"fewshot/pose", kFewShot, 64, 64, Clips::kFrames, "F.image", Clips::kFrames},
    {"fewshot/face", kFewShot, 64, 64, Clips::kFrames, "F.image", Clips::kFrames},
    {"tiny/s2s", {}, 32, 132, 16, "panel", 16},
    {"tiny/prednet", {}, 32, 132, 6, "panel", 6},
    {"tiny/mcnet", {}, 32, 132, 7, "panel", 7},
    {"tiny/monkeynet", {}, 32, 132, 4, "panel", 4},
    {"tiny/posewarp", {}, 32, 64, Clips::kFrames, "G.image", Clips::kFrames},
    {"vid2vid/street", kStreet},
    {"vid2vid/street-instances", kStreet},
    {"vid2vid/street-no-foreground", kStreet},
    {"vid2vid/street-drawn",
     kStreet + Settings{"first_features=4", "first_down=2", "first.blocks=1", "weights.first=fill"}},
    {"vid2vid/street-1024", kStreet + kTwoScales},
    {"vid2vid/street-1024-zeros", kStreet + kTwoScales, 64, 128, kDrawnOnly},
    {"vid2vid/street-1024-drawn", kStreet + kTwoScales + kSmallFirst},
    {"vid2vid/street-2048", kStreet + kThreeScales},
    {"vid2vid/street-2048-drawn", kStreet + kThreeScales + kSmallFirst},
    {"vid2vid/pose-given", kStreet, 64, 64},
    {"vid2vid/pose-512", kStreet + kTwoScales, 64, 64, kDrawnOnly},
    {"vid2vid/pose-1024", kStreet + kThreeScales, 64, 64, kDrawnOnly},
    {"vid2vid/face-zeros", kFace, 64, 64, kDrawnOnly},
    {"vid2vid/face-drawn",
     kFace + Settings{"drawn.features=4", "drawn.down=2", "drawn.blocks=1", "looks.features=4", "weights.drawn=fill",
                      "weights.looks=fill"},
     64, 64},
    {"world/street", kWorld, 132, 392, 3, "panel", 3},
    {"world/steered", kWorld, 64, 128, 3, "street.image", 3},
    {"world/synthesis", kWorld, 64, 128, 3, "F.frames", 3},
    {"world/per-frame", kWorld, 64, 128, 3, "P", 3},
    {"world/replace", kWorld, 132, 260, 3, "panel", 3},
    {"world/replace-area", kWorld, 132, 260, 3, "panel", 3},
    {"demo", kWorld, 132, 392, 3, "panel", 3},
    {"prediction/street", {"size=[64, 128]", "seen=2", "frames=4"}, 64, 392, 4, "panel", 4},
    {"prediction/street-s2s",
     {"size=[64, 128]", "seen=5", "frames=7", "step=1", "predictor_features=4", "predictor_wide=4", "weights.P=fill"},
     64,
     392,
     7,
     "panel",
     7},
};

class RunOfGraph : public testing::TextFiles, public ::testing::WithParamInterface<Row> {
 protected:
  void SetUp() override {
    TextFiles::SetUp();
    for (const char* type : {"face.draw", "pose.draw", "flow.dis"}) {
      if (!testing::NodeRunner::built_plugins().find(type)) GTEST_SKIP() << "this build has no " << type;
    }
  }

  /// Which clip a graph's parameters are to read, as far as it has them.
  Settings wires(const std::string& graph) const {
    static const std::set<std::string> kOfTheStreet = {"demo",     "tiny/pix2pixhd", "tiny/covst", "tiny/spade",
                                                       "tiny/s2s", "tiny/prednet",   "tiny/mcnet", "tiny/monkeynet"};
    if (graph.starts_with("world/") || graph.starts_with("prediction/") || kOfTheStreet.contains(graph)) return {};
    const Clips clips(path());
    if (graph == "fewshot/face") {
      return {"landmarks=" + clips.landmarks, "frames=" + clips.images, "examples=" + clips.images,
              "example_landmarks=" + clips.landmarks};
    }
    if (graph.find("face") != std::string::npos) return {"landmarks=" + clips.landmarks, "frames=" + clips.images};
    if (graph == "tiny/posewarp")
      return {"source=" + clips.images, "source_poses=" + clips.openpose, "poses=" + clips.openpose};
    if (graph.find("pose") != std::string::npos) {
      Settings settings = {"densepose=" + clips.densepose, "openpose=" + clips.openpose,
                           text("frame=[", Clips::kHeight, ", ", Clips::kWidth, ']')};
      if (graph == "fewshot/pose") {
        return settings + Settings{"examples=" + clips.images, "example_densepose=" + clips.densepose,
                                   "example_openpose=" + clips.openpose,
                                   text("example_frame=[", Clips::kHeight, ", ", Clips::kWidth, ']')};
      }
      return graph == "vid2vid/pose-given" ? settings + Settings{"first=" + clips.images} : settings;
    }
    Settings settings = {"labels=" + clips.labels};
    if (graph.starts_with("fewshot/"))
      return settings + Settings{"examples=" + clips.images, "example_labels=" + clips.labels};
    const bool reads_images = graph == "vid2vid/street" || graph == "vid2vid/street-1024" ||
                              graph == "vid2vid/street-2048" || graph == "vid2vid/street-no-foreground" ||
                              graph == "vid2vid/street-instances";
    if (reads_images) settings.push_back("first=" + clips.images);
    if (graph == "vid2vid/street-instances") settings.push_back("instance_maps=" + clips.instances);
    return settings;
  }
};

TEST_P(RunOfGraph, DrawsFramesAndWritesThem) {
  const Row& row = GetParam();
  const std::string video = path("out.mp4");
  graph::CheckOptions check;
  for (const std::string& setting : row.settings + wires(row.graph) + Settings{"out=" + video})
    check.settings.push_back(graph::read_setting(setting));
  check.wanted = {row.drawn};
  Log log(Log::Level::Quiet);
  run::Session session(text(WEFT_SOURCE_DIR, "/graphs/", row.graph, ".toml"), check,
                       testing::NodeRunner::built_plugins(), {}, log);
  session.begin();
  int64_t drawn = 0;
  while (session.step()) {
    if (!session.pull(row.drawn).has_value()) continue;
    const at::Tensor& image = session.pull(row.drawn).tensor();
    EXPECT_EQ(image.sizes(), (std::vector<int64_t>{1, 3, row.height, row.width}));
    EXPECT_TRUE(at::isfinite(image).all().item<bool>());
    EXPECT_GT((image.amax() - image.amin()).item<float>(), 0.1) << "the picture is empty";
    ++drawn;
  }
  session.end();
  EXPECT_EQ(drawn, row.drawn_frames);
  const testing::Film film = testing::play(video);
  EXPECT_EQ(film.frames(), static_cast<size_t>(row.frames));
  EXPECT_EQ(film.width, row.width);
  EXPECT_EQ(film.height, row.height);
}

INSTANTIATE_TEST_SUITE_P(Graphs, RunOfGraph, ::testing::ValuesIn(kRows), [](const auto& info) {
  std::string name = info.param.graph;
  for (char& c : name) c = c == '/' || c == '-' ? '_' : c;
  return name;
});

}  // namespace
}  // namespace weft
