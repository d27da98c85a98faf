#include "framework/testing/node_runner.h"

#include <ATen/ops/scalar_tensor.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>

namespace weft {
namespace {

using testing::NodeRunner;

TEST(MetricReport, WritesARowAFrame) {
  const std::string file = ::testing::TempDir() + "metric_report_" + std::to_string(getpid()) + ".csv";
  NodeRunner node("metric.report");
  node.set("name", "psnr").set("path", file);
  for (const double value : {20.5, 21.25}) node.input("value", at::scalar_tensor(value)).run();
  node.node().finish(node.context());
  std::stringstream written;
  written << std::ifstream(file).rdbuf();
  EXPECT_EQ(written.str(), "sequence,frame,psnr\n,0,20.5\n,1,21.25\n");
  std::filesystem::remove(file);
}

}  // namespace
}  // namespace weft
