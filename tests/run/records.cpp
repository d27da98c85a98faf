// A family outside of weft with a record of its own (tests/package/boxes): runs, batches, peeks, and what the check says.
#include "framework/run/session.h"
#include "framework/testing/error_text.h"
#include "framework/testing/node_runner.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <sstream>

namespace weft::run {
namespace {

namespace fs = std::filesystem;
using ::testing::HasSubstr;

constexpr const char* kGraph = R"(format = 1
[params]
out = "none.txt"
[node.walk]
use = "boxes.walk"
frames = 5
sequences = 4
[node.track]
use = "boxes.track"
in = "walk"
[node.write]
use = "boxes.write"
in = "track"
path = "$out"
[node.picture]
use = "boxes.draw"
in = "walk[t-1]"
[node.first]
use = "toy.write"
in = "picture"
path = "pixels.txt"
[weights]
track = "random"
)";

/// What boxes.write says of boxes.track with a weight of 0.5, by the two formulas: the mean corners of the last frame
/// with boxes' sample, half of each.
std::string expected_lines(int64_t frames, int64_t sequences) {
  std::ostringstream lines;
  for (int64_t s = 0; s < sequences; ++s) {
    double mean_sum = 0;  // of the four corners of the mean box given last
    bool has_mean = false;
    for (int64_t t = 0; t < frames; ++t) {
      const int64_t count = (t + s) % 3;
      double sum = 0;
      for (int64_t i = 0; i < count; ++i) {
        const double found = 2 * static_cast<double>(t + i) + 2 + 2 * static_cast<double>(s) + 2;
        sum += 0.5 * found + (has_mean ? 0.5 * mean_sum : 0);
      }
      lines << "walk " << s << ": " << t << ' ' << count << ' ' << static_cast<float>(sum) << '\n';
      has_mean = count > 0;
      if (has_mean) mean_sum = sum / static_cast<double>(count);
    }
  }
  return lines.str();
}

class Records : public ::testing::Test {
 protected:
  void SetUp() override {
    const ::testing::TestInfo& test = *::testing::UnitTest::GetInstance()->current_test_info();
    folder_ = fs::temp_directory_path() / (std::string("weft_records_") + test.name() + std::to_string(::getpid()));
    fs::remove_all(folder_);
    fs::create_directories(folder_);
    std::ofstream(folder_ / "g.toml") << kGraph;
  }
  void TearDown() override { fs::remove_all(folder_); }

  static std::string content(const fs::path& file) {
    std::ifstream in(file);
    return {std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
  }

  graph::CheckOptions with(const std::vector<std::string>& settings) const {
    graph::CheckOptions check;
    check.settings.push_back(graph::read_setting("out=" + (folder_ / "out.txt").string()));
    check.settings.push_back(graph::read_setting("first.path=" + (folder_ / "pixels.txt").string()));
    for (const std::string& setting : settings) check.settings.push_back(graph::read_setting(setting));
    return check;
  }

  void run(const graph::CheckOptions& check, size_t queue = 4) {
    Log log(Log::Level::Quiet);
    SessionOptions options;
    options.read_ahead = options.write_behind = queue;
    options.existing = Existing::Replace;
    Session(folder_ / "g.toml", check, testing::NodeRunner::built_plugins(), options, log).run();
  }

  fs::path folder_;
};

TEST_F(Records, AreReadTrackedAndWrittenFrameByFrame) {
  for (const size_t queue : {1, 4}) {
    fs::remove(folder_ / "out.txt");
    run(with({}), queue);
    EXPECT_EQ(content(folder_ / "out.txt"), expected_lines(5, 4));
  }
}

TEST_F(Records, AreTheSameInABatch) {
  for (const char* batch : {"2", "3", "4"}) {
    fs::remove(folder_ / "out.txt");
    run(with({std::string("run.batch=") + batch}));
    EXPECT_EQ(content(folder_ / "out.txt"), expected_lines(5, 4)) << batch << " at a time";
  }
}

TEST_F(Records, ArePeekedByTheNodeThatTheirTypeNames) {
  graph::CheckOptions check = with({"walk.sequences=1"});
  check.peeks.push_back({"track", "image.show", "toy.write"});
  run(check);
  // The box of t = 1 begins at (0.5, 0) and ends at (1.5, 1); those of the other frames do not reach the first pixel.
  EXPECT_EQ(content(folder_ / "pixels.track.txt"),
            "walk 0: 0 -1\nwalk 0: 1 1\nwalk 0: 2 -1\nwalk 0: 3 -1\nwalk 0: 4 -1\n");
}

TEST_F(Records, ASourceMayLeaveThemOut) {
  EXPECT_EQ(testing::error_text([&] { run(with({"walk.found=false"})); }).substr(folder_.string().size()),
            "/g.toml:4:7: node \"walk\" has no boxes in its data, but `walk.boxes` is read\n  add them to the data, or "
            "remove the nodes that read them");
}

TEST_F(Records, AreComparedByNameBeforeARun) {
  const auto fault = [&](const std::string& setting) { return testing::error_text([&] { run(with({setting})); }); };
  EXPECT_THAT(fault("write.in=picture"),
              HasSubstr("E401: node \"write\": the input `in` of boxes.write wants boxes, but "
                        "\"picture\" is image[1, 3, 8, 16]"));
  EXPECT_THAT(fault("first.in=walk"),
              HasSubstr("E401: node \"first\": the input `in` of toy.write wants any[B,C,H,W], but \"walk\" is boxes"));
  EXPECT_THAT(fault("write.in=walk[t-1..t]"), HasSubstr("E402: `walk[t-1..t]`: a window needs maps; this is boxes"));
  EXPECT_THAT(fault("write.in=walk[t-1] else zeros"),
              HasSubstr("E405: in \"walk[t-1] else zeros\": `zeros` is a tensor, but the other terms are boxes"));
}

TEST_F(Records, MayBeTheInputOfAGraphFile) {
  std::ofstream(folder_ / "part.toml") << R"(format = 1
[inputs]
found = "boxes"
[node.draw]
use = "boxes.draw"
in = "found"
[outputs]
image = "draw"
)";
  std::ofstream(folder_ / "g.toml", std::ios::app) << R"([node.part]
use = "part.toml"
in.found = "track"
[node.second]
use = "toy.write"
in = "part"
path = "second.txt"
)";
  run(with({"walk.sequences=1", "second.path=" + (folder_ / "second.txt").string()}));
  EXPECT_THAT(content(folder_ / "second.txt"), HasSubstr("walk 0: 4 "));
  EXPECT_THAT(testing::error_text([&] { run(with({"part.in.found=picture"})); }),
              HasSubstr("wants boxes, but \"picture\" is image[1, 3, 8, 16]"));
}

}  // namespace
}  // namespace weft::run
