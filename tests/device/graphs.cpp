// The graphs of tests/graphs run on the simulated device: those that are data give the values of their files, and those that
// weft ships draw the frames that they draw on the CPU.
#include "framework/base/text.h"
#include "framework/nn/one_hot_form.h"
#include "framework/run/session.h"
#include "framework/testing/node_runner.h"
#include "tests/device/fixture.h"
#include "tests/graphs/run_cases.h"
#include "tests/graphs/shipped_runs.h"

#include <ATen/TensorOperators.h>

#include <filesystem>

namespace weft::simulated {
namespace {

namespace fs = std::filesystem;
using testing::Settings;
using testing::ShippedRun;

class CaseOnSimulatedDevice : public OnSimulatedDevice, public ::testing::WithParamInterface<std::string> {};

TEST_P(CaseOnSimulatedDevice, WritesWhatTheFileSays) {
  const fs::path out = fs::temp_directory_path() / text("weft_device_", GetParam(), ".txt");
  fs::remove(out);
  graph::CheckOptions check;
  check.settings.push_back(graph::read_setting("out=" + out.string()));
  run::SessionOptions options;
  options.device = device();
  Log log(Log::Level::Quiet);
  run::Session(testing::kRunCases / (GetParam() + ".toml"), check, testing::NodeRunner::built_plugins(), options, log)
      .run();
  EXPECT_EQ(testing::read_file(out), testing::read_file(testing::kRunCases / (GetParam() + ".txt")));
  fs::remove(out);
}

INSTANTIATE_TEST_SUITE_P(Runs, CaseOnSimulatedDevice, ::testing::ValuesIn(testing::run_cases()),
                         [](const auto& info) { return info.param; });

class GraphOnSimulatedDevice : public OnSimulatedDevice, public ::testing::WithParamInterface<ShippedRun> {
 protected:
  void SetUp() override {
    OnSimulatedDevice::SetUp();
    for (const char* type : {"face.draw", "pose.draw", "flow.dis"}) {
      if (!testing::NodeRunner::built_plugins().find(type)) GTEST_SKIP() << "this build has no " << type;
    }
    folder_ = fs::temp_directory_path() / text("weft_device_", testing::test_name(GetParam()));
    fs::remove_all(folder_);
    fs::create_directories(folder_);
  }
  void TearDown() override {
    fs::remove_all(folder_);
    OnSimulatedDevice::TearDown();
  }

  /// The frames that networks draw.
  std::vector<at::Tensor> drawn_on(at::Device place) const {
    const ShippedRun& row = GetParam();
    graph::CheckOptions check;
    const std::string out = "out=" + (folder_ / (place.is_cpu() ? "cpu.mp4" : "device.mp4")).string();
    for (const Settings& settings : {row.settings, testing::clips_for(row.graph, folder_.string()), Settings{out}}) {
      for (const std::string& setting : settings) check.settings.push_back(graph::read_setting(setting));
    }
    check.wanted = {row.drawn};
    run::SessionOptions options;
    options.device = place;
    Log log(Log::Level::Quiet);
    run::Session session(text(WEFT_SOURCE_DIR, "/graphs/", row.graph, ".toml"), check,
                         testing::NodeRunner::built_plugins(), options, log);
    session.begin();
    std::vector<at::Tensor> frames;
    while (session.step()) {
      if (session.pull(row.drawn).has_value()) frames.push_back(session.pull(row.drawn).tensor().cpu().clone());
    }
    session.end();
    return frames;
  }

  fs::path folder_;
};

TEST_P(GraphOnSimulatedDevice, DrawsWhatItDrawsOnTheCpu) {
  nn::keep_ids(false);  // as on the device
  const std::vector<at::Tensor> here = drawn_on(at::kCPU), there = drawn_on(device());
  nn::keep_ids(true);
  ASSERT_EQ(there.size(), static_cast<size_t>(GetParam().drawn_frames));
  ASSERT_EQ(here.size(), there.size());
  for (size_t t = 0; t < here.size(); ++t) {
    // Frames are in [-1, 1], and a recurrence lets a difference grow.
    EXPECT_LE((here[t] - there[t]).abs().max().item<double>(), 1e-4) << "frame " << t;
  }
}

INSTANTIATE_TEST_SUITE_P(Graphs, GraphOnSimulatedDevice, ::testing::ValuesIn(testing::shipped_runs()),
                         [](const auto& info) { return testing::test_name(info.param); });

}  // namespace
}  // namespace weft::simulated
