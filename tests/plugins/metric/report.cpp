#include "framework/testing/error_text.h"
#include "framework/testing/node_runner.h"

#include <ATen/ops/scalar_tensor.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>
#include <unistd.h>

#include <cmath>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>

namespace weft {
namespace {

using nlohmann::json;
using testing::error_text;
using testing::NodeRunner;

/// A file of this process, removed at the end.
class File {
 public:
  explicit File(const std::string& name)
      : path_(::testing::TempDir() + "metric_report_" + std::to_string(getpid()) + name) {}
  ~File() { std::filesystem::remove(path_); }
  File(const File&) = delete;
  File& operator=(const File&) = delete;

  const std::string& path() const { return path_; }
  std::string content() const {
    std::stringstream content;
    content << std::ifstream(path_).rdbuf();
    return content.str();
  }

 private:
  std::string path_;
};

void run_sequence(NodeRunner& node, const std::string& name, const std::vector<double>& values) {
  node.context().set_sequence(name, 0);
  node.node().reset();
  for (const double value : values) node.input("value", at::scalar_tensor(value, at::kDouble)).run();
  node.sink().finish(node.context());
}

TEST(MetricReport, WritesARowAFrame) {
  const File file(".csv");
  NodeRunner node("metric.report");
  node.set("name", "psnr").set("path", file.path());
  for (const double value : {20.5, 21.25}) node.input("value", at::scalar_tensor(value)).run();
  node.sink().finish(node.context());
  EXPECT_EQ(file.content(), "sequence,frame,psnr\n,0,20.5\n,1,21.25\n");
}

TEST(MetricReport, GivesMeansOfSequencesAndOverThem) {
  const File table(".csv"), file(".json");
  NodeRunner node("metric.report");
  node.set("name", "psnr").set("method", "ours, large").set("table", table.path()).set("json", file.path());
  node.input("value", at::scalar_tensor(0.0));
  node.node();
  run_sequence(node, "a", {20, 22});
  run_sequence(node, "b", {24, 24, 27});
  node.sink().complete(node.context());
  // 21 and 25: each sequence counts once, however long it is.
  EXPECT_EQ(table.content(),
            "name,method,sequence,frames,value,deviation,settings\npsnr,\"ours, large\",a,2,21,,\n"
            "psnr,\"ours, large\",b,3,25,,\npsnr,\"ours, large\",all,,23,2.8284271247461903,\n");
  const json report = json::parse(file.content());
  EXPECT_EQ(report.at("numbers").at(0).at("value"), 23);
  EXPECT_EQ(report.at("sequences").at(1), json({{"sequence", "b"}, {"frames", 3}, {"value", 25.0}}));
  EXPECT_EQ(report.at("samples"), "mean of 2 sequences, 5 frames");
  EXPECT_EQ(report.at("complete"), true);
}

TEST(MetricReport, WeighsFramesAndLeavesOutThoseWithoutWeight) {
  const File file(".json");
  NodeRunner node("metric.report");
  node.set("name", "epe").set("json", file.path());
  for (const auto& [value, weight] : {std::pair{1.0, 3.0}, {5.0, 1.0}, {99.0, 0.0}}) {
    node.input("value", at::scalar_tensor(value)).input("weight", at::scalar_tensor(weight)).run();
  }
  node.sink().finish(node.context());
  node.sink().complete(node.context());
  const json report = json::parse(file.content());
  EXPECT_EQ(report.at("numbers").at(0).at("value"), 2);
  EXPECT_EQ(report.at("samples"), "mean of 1 sequence, 2 frames");
}

TEST(MetricReport, GivesTheMeanAtEachTOverTheSequences) {
  const File file(".json");
  NodeRunner node("metric.report");
  node.set("name", "psnr").set("json", file.path()).set("by_frame", true);
  node.input("value", at::scalar_tensor(0.0));
  node.node();
  run_sequence(node, "a", {20, 22});
  node.context().set_frame(0);
  run_sequence(node, "b", {24, 23, 27});
  node.sink().complete(node.context());
  const json curve = json::parse(file.content()).at("by_frame");
  EXPECT_EQ(curve.at("name"), "psnr");
  EXPECT_EQ(curve.at("points"), json::parse(R"([{"t":0,"value":22.0},{"t":1,"value":22.5},{"t":2,"value":27.0}])"));
}

TEST(MetricReport, CountsFromItsStartOn) {
  const File file(".csv"), json_file(".json");
  NodeRunner node("metric.report");
  node.set("name", "psnr").set("path", file.path()).set("json", json_file.path()).set("start", int64_t{2});
  for (const double value : {99.0, 99.0, 20.0, 22.0}) node.input("value", at::scalar_tensor(value)).run();
  node.sink().finish(node.context());
  node.sink().complete(node.context());
  EXPECT_EQ(file.content(), "sequence,frame,psnr\n,2,20\n,3,22\n");
  EXPECT_EQ(json::parse(json_file.content()).at("samples"), "mean of 1 sequence, 2 frames");
}

TEST(MetricReport, RefusesARunThatEndsBeforeItsStart) {
  NodeRunner node("metric.report");
  node.set("name", "psnr").set("start", int64_t{5}).input("value", at::scalar_tensor(1.0)).run();
  node.sink().finish(node.context());
  EXPECT_EQ(
      error_text([&] { node.sink().complete(node.context()); }),
      "there is no value of \"psnr\" to report: no frame had one\n  it counts from t = 5 on, `start`; `weft plan` "
      "shows at which t the metric runs");
}

TEST(MetricReport, RefusesNumbersThatAreNotFinite) {
  NodeRunner node("metric.report");
  node.set("name", "psnr").input("value", at::scalar_tensor(std::nan("")));
  node.context().set_sequence("street", 0);
  EXPECT_EQ(
      error_text([&] { node.run(); }),
      "\"psnr\" is not a finite number at frame 0 of sequence street\n  --peek of its inputs shows where it begins");
}

TEST(MetricReport, RefusesARunWithoutAnyValue) {
  NodeRunner node("metric.report");
  node.set("name", "psnr").input("value", at::scalar_tensor(1.0)).input("weight", at::scalar_tensor(0.0)).run();
  node.sink().finish(node.context());
  EXPECT_EQ(
      error_text([&] { node.sink().complete(node.context()); }),
      "there is no value of \"psnr\" to report: no frame had one\n  `weft plan` shows at which t the metric runs");
}

}  // namespace
}  // namespace weft
