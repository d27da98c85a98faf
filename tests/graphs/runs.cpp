// Every graph that makes a video runs: the tiny twins as they are, and those with published weights on the same small
// scale, each on clips that this test draws. What they draw is tested against the originals by tests/conformance.
#include "framework/base/text.h"
#include "framework/run/session.h"
#include "framework/testing/node_runner.h"
#include "tests/graphs/shipped_runs.h"
#include "tests/plugins/media/film.h"
#include "tests/plugins/text_files.h"

#include <ATen/TensorOperators.h>
#include <ATen/ops/isfinite.h>
#include <gtest/gtest.h>

namespace weft {
namespace {

using testing::Settings;
using testing::ShippedRun;

class RunOfGraph : public testing::TextFiles, public ::testing::WithParamInterface<ShippedRun> {
 protected:
  void SetUp() override {
    TextFiles::SetUp();
    for (const char* type : {"face.draw", "pose.draw", "flow.dis"}) {
      if (!testing::NodeRunner::built_plugins().find(type)) GTEST_SKIP() << "this build has no " << type;
    }
  }
};

TEST_P(RunOfGraph, DrawsFramesAndWritesThem) {
  const ShippedRun& row = GetParam();
  const std::string video = path("out.mp4");
  graph::CheckOptions check;
  for (const Settings& settings : {row.settings, testing::clips_for(row.graph, path()), Settings{"out=" + video}}) {
    for (const std::string& setting : settings) check.settings.push_back(graph::read_setting(setting));
  }
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

INSTANTIATE_TEST_SUITE_P(Graphs, RunOfGraph, ::testing::ValuesIn(testing::shipped_runs()),
                         [](const auto& info) { return testing::test_name(info.param); });

}  // namespace
}  // namespace weft
