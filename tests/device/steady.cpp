// What one more frame costs on the simulated device: copies, kernels, and waits of the host.
#include "framework/base/text.h"
#include "framework/run/session.h"
#include "framework/testing/node_runner.h"
#include "tests/device/fixture.h"
#include "tests/device/simulated/device.h"
#include "tests/graphs/clips.h"

#include <filesystem>
#include <map>

namespace weft::simulated {
namespace {

namespace fs = std::filesystem;

/// The work of a run: of all threads, and of the one that computes.
struct Done {
  Counts all, computing;
  std::map<std::string, int64_t> names;  ///< of the one that computes
};

class SteadyState : public testing::OnSimulatedDevice {
 protected:
  void SetUp() override {
    testing::OnSimulatedDevice::SetUp();
    fs::remove_all(folder_);
  }
  void TearDown() override {
    fs::remove_all(folder_);
    testing::OnSimulatedDevice::TearDown();
  }

  Done run(int64_t frames) {
    const std::string folder = (folder_ / text(frames)).string();
    fs::create_directories(folder);
    const testing::Clips clips(folder, frames);
    graph::CheckOptions check;
    check.settings = {graph::read_setting("labels=" + clips.labels), graph::read_setting("out=" + folder + "/out.mp4")};
    run::SessionOptions options;
    options.device = device();
    Log log(Log::Level::Quiet);
    const Counts all = counts(), computing = counts_of_this_thread();
    std::map<std::string, int64_t> names = work_of_this_thread();
    run::Session(WEFT_SOURCE_DIR "/graphs/tiny/street.toml", check, testing::NodeRunner::built_plugins(), options, log)
        .run();
    Done done{counts() - all, counts_of_this_thread() - computing, work_of_this_thread()};
    for (const auto& [name, count] : names) done.names[name] -= count;
    return done;
  }

  const fs::path folder_ = fs::temp_directory_path() / "weft_device_steady";
};

// semantics.instances works on the CPU: it has the labels as they were read, and its map follows them to the device.
TEST_F(SteadyState, CopiesTheInputsInAndOneFrameOutAndWaitsNowhereElse) {
  constexpr int64_t kMore = 4;
  const Done shorter = run(6), longer = run(6 + kMore);
  const Counts all = longer.all - shorter.all, computing = longer.computing - shorter.computing;
  std::string names;
  for (const auto& [name, count] : longer.names) {
    const auto found = shorter.names.find(name);
    const int64_t more = count - (found == shorter.names.end() ? 0 : found->second);
    if (more != 0) names += text(name, ": ", static_cast<double>(more) / kMore, '\n');
  }
  EXPECT_EQ(all.to_device, 2 * kMore) << "the label map and the instance map of each frame\n" << names;
  EXPECT_EQ(all.to_host, kMore) << "the frame that is written\n" << names;
  EXPECT_EQ(computing.waits, 0) << names;
  EXPECT_EQ(all.waits, kMore) << "of the writer for its frame\n" << names;
  EXPECT_EQ(computing.kernels % kMore, 0) << "each frame is like the one before\n" << names;
  EXPECT_LE(computing.kernels / kMore, 200) << names;
}

}  // namespace
}  // namespace weft::simulated
