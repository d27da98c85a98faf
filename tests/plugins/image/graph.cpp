#include "framework/run/session.h"
#include "framework/testing/node_runner.h"
#include "framework/testing/values.h"
#include "tests/plugins/text_files.h"

#include <ATen/ops/full.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace weft {
namespace {

using ::testing::ElementsAre;
using testing::values;

using ImagesInAGraph = testing::TextFiles;

TEST_F(ImagesInAGraph, APanelKeepsThePlaceOfWhatIsNotThereYet) {
  const std::string graph = write("graph.toml", R"(format = 1
[inputs]
x = "image[B,3,1,2]"
[node.panel]
use = "image.panel"
in  = ["x[t-1]", "x"]
[outputs]
panel = "panel"
)");
  graph::CheckOptions check;
  check.wanted = {"panel"};
  Log log(Log::Level::Quiet);
  run::Session session(graph, check, testing::NodeRunner::built_plugins(), {}, log);
  session.begin();
  session.push("x", at::full({1, 3, 1, 2}, 0.25));
  session.step();
  EXPECT_THAT(values(session.pull("panel").tensor().select(1, 0)), ElementsAre(-1, -1, 0.25, 0.25));
  session.push("x", at::full({1, 3, 1, 2}, 0.5));
  session.step();
  EXPECT_THAT(values(session.pull("panel").tensor().select(1, 0)), ElementsAre(0.25, 0.25, 0.5, 0.5));
}

TEST_F(ImagesInAGraph, APanelHasNoPlaceForAnInputThatIsNotWired) {
  const std::string graph = write("graph.toml", R"(format = 1
[inputs]
x = "image[B,3,1,2]"
y = "image[B,3,1,2]?"
[node.panel]
use = "image.panel"
in  = ["y", "x"]
[outputs]
panel = "panel"
)");
  graph::CheckOptions check;
  check.wanted = {"panel"};
  Log log(Log::Level::Quiet);
  run::Session session(graph, check, testing::NodeRunner::built_plugins(), {}, log);
  session.begin();
  session.push("x", at::full({1, 3, 1, 2}, 0.25));
  session.step();
  EXPECT_THAT(values(session.pull("panel").tensor().select(1, 0)), ElementsAre(0.25, 0.25));
}

}  // namespace
}  // namespace weft
