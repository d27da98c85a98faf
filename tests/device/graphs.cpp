// The graphs of tests/graphs run on the device: those that are data give the values of their files, and those that weft ships
// draw the frames that they draw on the CPU.
#include "framework/base/text.h"
#include "framework/nn/one_hot_form.h"
#include "framework/run/session.h"
#include "framework/testing/node_runner.h"
#include "tests/device/fixture.h"
#include "tests/graphs/run_cases.h"
#include "tests/graphs/shipped_runs.h"

#include <ATen/TensorOperators.h>

#include <filesystem>
#include <fstream>

namespace weft {
namespace {

namespace fs = std::filesystem;
using testing::device;
using testing::Settings;
using testing::ShippedRun;

class CaseOnDevice : public testing::OnDevice, public ::testing::WithParamInterface<std::string> {};

TEST_P(CaseOnDevice, WritesWhatTheFileSays) {
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

INSTANTIATE_TEST_SUITE_P(Runs, CaseOnDevice, ::testing::ValuesIn(testing::run_cases()),
                         [](const auto& info) { return info.param; });

class GraphOnDevice : public testing::OnDevice, public ::testing::WithParamInterface<ShippedRun> {
 protected:
  void SetUp() override {
    testing::OnDevice::SetUp();
    folder_ = fs::temp_directory_path() / text("weft_device_", testing::test_name(GetParam()));
    fs::remove_all(folder_);
    fs::create_directories(folder_);
    const std::string missing = missing_type();
    if (!missing.empty()) GTEST_SKIP() << "this build has no " << missing;
  }
  void TearDown() override {
    fs::remove_all(folder_);
    testing::OnDevice::TearDown();
  }

  /// The frames that networks draw.
  std::vector<at::Tensor> drawn_on(at::Device place) const {
    run::SessionOptions options;
    options.device = place;
    Log log(Log::Level::Quiet);
    run::Session session(graph_file(), check_options(place.is_cpu() ? "cpu.mp4" : "device.mp4"),
                         testing::NodeRunner::built_plugins(), options, log);
    session.begin();
    std::vector<at::Tensor> frames;
    while (session.step()) {
      const Value& drawn = session.pull(GetParam().drawn);
      if (drawn.has_value()) frames.push_back(drawn.tensor().cpu().clone());
    }
    session.end();
    return frames;
  }

 private:
  /// The graph; in a build that writes no videos, the graph without its video.
  std::string graph_file() const {
    const std::string shipped = text(WEFT_SOURCE_DIR, "/graphs/", GetParam().graph, ".toml");
    if (testing::NodeRunner::built_plugins().find("media.write_video")) return shipped;
    const fs::path file = folder_ / "without_video.toml";
    std::ofstream(file) << "format = 1\nbase = \"" << shipped << "\"\nwithout = [\"" << GetParam().writer << "\"]\n";
    return file;
  }

  graph::CheckOptions check_options(const std::string& video) const {
    graph::CheckOptions check;
    const Settings out = {text("out=", folder_.string(), '/', video)};
    for (const Settings& settings :
         {GetParam().settings, testing::clips_for(GetParam().graph, folder_.string()), out}) {
      for (const std::string& setting : settings) check.settings.push_back(graph::read_setting(setting));
    }
    check.wanted = {GetParam().drawn};
    return check;
  }

  /// A type of the graph that this build was made without, since OpenCV is missing; empty where there is none.
  std::string missing_type() const {
    graph::Diagnostics faults;
    graph::check(graph_file(), check_options("unwritten.mp4"), testing::NodeRunner::built_plugins(), faults);
    const std::string said = join(faults.lines(graph::Diagnostics::Which::Errors), "\n");
    for (const std::string type : {"face.draw", "flow.dis"}) {
      if (!testing::NodeRunner::built_plugins().find(type) && said.find(text('"', type, '"')) != std::string::npos)
        return type;
    }
    return {};
  }

  fs::path folder_;
};

/// Whether two frames, of numbers in [-1, 1], are the same picture. A recurrence lets a difference grow. On a GPU, where every sum
/// has another order, a pixel whose label or edge was decided by a hair may be decided otherwise: one number in a thousand.
void expect_same_picture(const at::Tensor& here, const at::Tensor& there, size_t t) {
  ASSERT_EQ(here.sizes(), there.sizes());
  const at::Tensor difference = (here - there).abs();
  if (testing::is_simulated()) {
    EXPECT_LE(difference.max().item<double>(), 1e-4) << "frame " << t;
    return;
  }
  EXPECT_LE((difference > 1e-2).to(at::kDouble).mean().item<double>(), 1e-3) << "frame " << t;
  EXPECT_LE(difference.mean().item<double>(), 1e-3) << "frame " << t;
}

TEST_P(GraphOnDevice, DrawsWhatItDrawsOnTheCpu) {
  nn::keep_ids(false);  // as on the device
  const std::vector<at::Tensor> here = drawn_on(at::kCPU), there = drawn_on(device());
  nn::keep_ids(true);
  ASSERT_EQ(there.size(), static_cast<size_t>(GetParam().drawn_frames));
  ASSERT_EQ(here.size(), there.size());
  for (size_t t = 0; t < here.size(); ++t) expect_same_picture(here[t], there[t], t);
}

INSTANTIATE_TEST_SUITE_P(Graphs, GraphOnDevice, ::testing::ValuesIn(testing::shipped_runs()),
                         [](const auto& info) { return testing::test_name(info.param); });

}  // namespace
}  // namespace weft
