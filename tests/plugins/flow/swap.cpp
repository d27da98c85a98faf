// Every estimator stands where FlowNet2 stood: the swap that the documentation shows, on a graph of one node.
#include "framework/run/session.h"
#include "framework/testing/node_runner.h"
#include "tests/plugins/text_files.h"

#include <ATen/TensorOperators.h>
#include <ATen/ops/full.h>
#include <ATen/ops/zeros.h>
#include <gtest/gtest.h>

namespace weft {
namespace {

constexpr const char* kGraph = R"(format = 1
[inputs]
frame = "image[B,3,H,W]"
[weights]
reference_flow = "fill"
[node.reference_flow]
use         = "flow.flownet2"
in.current  = "frame"
in.previous = "frame[t-1]"
[node.warped]
use      = "flow.warp"
in.image = "frame[t-1]"
in.flow  = "reference_flow.flow"
[outputs]
warped     = "warped"
confidence = "reference_flow.confidence"
)";

using FlowSwap = testing::TextFiles;

TEST_F(FlowSwap, TakesAnyEstimatorInThePlaceOfFlowNet2) {
  write("base.toml", kGraph);
  Log log(Log::Level::Quiet);
  for (const std::string type : {"flow.raft_small", "flow.raft_large", "flow.dis", "flow.farneback"}) {
    if (!testing::NodeRunner::built_plugins().find(type)) continue;  // this build has no OpenCV
    const bool is_network = type.starts_with("flow.raft");
    const std::string file =
        write("swap.toml", std::string("format = 1\nbase = \"./base.toml\"\n") + "swap.reference_flow = { use = \"" +
                               type + "\"" + (is_network ? ", updates = 1 }\n" : " }\n"));
    if (!is_network) {
      std::string base = kGraph;
      base.erase(base.find("[weights]"), base.find("[node.reference_flow]") - base.find("[weights]"));
      write("base.toml", base);
    }
    run::Session session(file, graph::CheckOptions(), testing::NodeRunner::built_plugins(), run::SessionOptions(), log);
    session.begin();
    for (int t = 0; t < 2; ++t) {
      session.push("frame", at::zeros({1, 3, 128, 136}));
      session.step();
    }
    EXPECT_EQ(session.pull("warped").tensor().sizes(), (std::vector<int64_t>{1, 3, 128, 136})) << type;
    EXPECT_EQ(session.pull("confidence").tensor().sizes(), (std::vector<int64_t>{1, 1, 128, 136})) << type;
  }
}

/// A type with other inputs brings edges of its own, and those of the old type are gone.
TEST_F(FlowSwap, TakesEdgesInThePlaceOfTheOldOnes) {
  write("base.toml", kGraph);
  const std::string file = write("swap.toml",
                                 "format = 1\nbase = \"./base.toml\"\n"
                                 "swap.warped = { use = \"tensor.detach\", in.in = \"frame[t-1]\" }\n");
  Log log(Log::Level::Quiet);
  graph::CheckOptions options;
  options.wanted = {"warped"};
  run::Session session(file, options, testing::NodeRunner::built_plugins(), run::SessionOptions(), log);
  session.begin();
  for (int t = 0; t < 2; ++t) {
    session.push("frame", at::full({1, 3, 64, 64}, t));
    session.step();
  }
  EXPECT_EQ(session.pull("warped").tensor().max().item<float>(), 0) << "the frame before";
}

}  // namespace
}  // namespace weft
