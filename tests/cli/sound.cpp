// Rate and sound of a video that is read go along to the one that is written.
#include "tests/cli/program.h"
#include "tests/plugins/media/ffmpeg.h"
#include "tests/plugins/media/files.h"

#include <gmock/gmock.h>

#include <fstream>

namespace weft::testing {
namespace {

using ::testing::HasSubstr;

class Sound : public ProgramTest {
 protected:
  void SetUp() override {
    ProgramTest::SetUp();
    if (!has_ffmpeg()) GTEST_SKIP() << "there is no ffmpeg";
    // 2 s at 30 frames a second; a tone that begins after 1 s.
    ASSERT_EQ(ffmpeg({"-f", "lavfi", "-i", "testsrc=size=64x48:rate=30:duration=2", "-f", "lavfi", "-i",
                      "sine=frequency=500:sample_rate=16000:duration=1", "-af", "adelay=1000|1000", "-c:v", "libx264",
                      "-preset", "ultrafast", "-c:a", "aac", "-shortest", folder_ / "in.mp4"}),
              "");
  }

  Outcome run(const std::string& of_source, const std::string& of_writer) const {
    write_graph("g.toml", "[node.video]\nuse = \"media.video\"\npath = \"in.mp4\"\n" + of_source +
                              "[node.out]\nuse = \"media.write_video\"\nin = \"video\"\n" + of_writer);
    return weft({"run", "g.toml", "--force"});
  }

  /// Loudness of each tenth of a second, 0 to 1; empty without sound.
  std::vector<double> loudness(const std::string& file) const {
    const std::string raw = folder_ / "sound.raw";
    if (!ffmpeg({"-i", folder_ / file, "-f", "s16le", "-ac", "1", "-ar", "8000", raw}).empty()) return {};
    const std::string bytes = content_of(raw);
    std::vector<double> loudness(bytes.size() / 1600);
    for (size_t i = 0; i < loudness.size(); ++i) {
      for (size_t sample = 0; sample < 800; ++sample) {
        const size_t at = 2 * (i * 800 + sample);
        const auto value =
            static_cast<int16_t>(static_cast<uint8_t>(bytes[at]) | static_cast<uint8_t>(bytes[at + 1]) << 8);
        loudness[i] = std::max(loudness[i], std::abs(value) / 32768.0);
      }
    }
    return loudness;
  }

  /// Seconds of a file's pictures.
  double seconds(const std::string& file) const {
    const std::string raw = folder_ / "pictures.raw";
    EXPECT_EQ(ffmpeg({"-i", folder_ / file, "-vsync", "cfr", "-r", "100", "-s", "2x2", "-f", "rawvideo", "-pix_fmt",
                      "gray", raw}),
              "");
    return static_cast<double>(content_of(raw).size()) / 4 / 100;
  }
};

TEST_F(Sound, GoesAlongWithTheRateOfTheVideo) {
  for (const char* name : {"out.mp4", "out.mov", "out.mkv"}) {
    const Outcome outcome = run("", "path = \"" + std::string(name) + "\"\n");
    ASSERT_EQ(outcome.exit, 0) << outcome.err;
    EXPECT_NEAR(seconds(name), 2, 0.05) << name;
    const std::vector<double> heard = loudness(name);
    ASSERT_GE(heard.size(), 18) << name;
    EXPECT_LT(heard[7], 0.01) << name;
    EXPECT_GT(heard[13], 0.05) << name;
  }
}

TEST_F(Sound, BeginsWhereThePicturesDo) {
  const Outcome outcome = run("start = 15\n", "path = \"out.mp4\"\n");
  ASSERT_EQ(outcome.exit, 0) << outcome.err;
  EXPECT_NEAR(seconds("out.mp4"), 1.5, 0.05);
  const std::vector<double> heard = loudness("out.mp4");
  ASSERT_GE(heard.size(), 13);
  EXPECT_LT(heard[3], 0.01);
  EXPECT_GT(heard[8], 0.05) << "after half a second";
}

TEST_F(Sound, IsLeftOutWhereItDoesNotFit) {
  EXPECT_EQ(run("", "path = \"out.mp4\"\nsound = false\n").exit, 0);
  EXPECT_TRUE(loudness("out.mp4").empty());
  const Outcome faster = run("", "path = \"out.mp4\"\nfps = 60\n");
  EXPECT_EQ(faster.exit, 0) << faster.err;
  EXPECT_THAT(faster.err, HasSubstr("in.mp4 is left out, as `fps` changes the speed"));
  EXPECT_TRUE(loudness("out.mp4").empty());
  EXPECT_NEAR(seconds("out.mp4"), 1, 0.05);
  const Outcome webm = run("", "path = \"out.webm\"\n");
  EXPECT_EQ(webm.exit, 0) << webm.err;
  EXPECT_THAT(webm.err, HasSubstr("in.mp4, aac, does not fit into "));
  EXPECT_EQ(run("fps = 25\n", "path = \"out.gif\"\n").exit, 0);
}

}  // namespace
}  // namespace weft::testing
