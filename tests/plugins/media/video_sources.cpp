// Videos from standard input, folders of videos, and videos of ids.
#include "framework/testing/node_runner.h"
#include "framework/testing/values.h"
#include "tests/plugins/media/ffmpeg.h"
#include "tests/plugins/media/video_fixture.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

namespace weft {
namespace {

using ::testing::ElementsAre;
using testing::error_of;
using testing::ffmpeg;
using ::testing::HasSubstr;
using testing::kFilmFrames;
using testing::NodeRunner;
using testing::read_video;
using testing::Video;

const std::vector<std::string> kExact = {"-c:v", "ffv1", "-g", "1", "-pix_fmt", "gbrp"};

using VideoSources = Video;

TEST_F(VideoSources, StandardInputIsReadAsItComes) {
  for (const char* name : {"a.mkv", "a.avi", "a.nut"}) {
    const std::string file = make(name, kExact);
    const int own = ::dup(0), opened = ::open(file.c_str(), O_RDONLY);
    ::dup2(opened, 0);
    const std::vector<int> shown = numbers(read_video("-"));
    ::dup2(own, 0);
    ::close(own);
    ::close(opened);
    EXPECT_EQ(shown.size(), kFilmFrames) << name;
  }
}

TEST_F(VideoSources, EachVideoOfAFolderIsASequence) {
  std::filesystem::create_directory(folder_ / "films");
  make("films/b10.mkv", kExact);
  std::vector<std::string> two = kExact;
  two.insert(two.end(), {"-frames:v", "2"});
  make("films/b2.mkv", two);
  folder_.add("films/notes.txt", "no video");
  NodeRunner node("media.video");
  node.set("path", folder_ / "films");
  EXPECT_THAT(node.source().sequences().value(), ElementsAre("b2", "b10"));
  int frames = 0;
  while (node.run().has_values()) ++frames;
  EXPECT_EQ(frames, 2);
  EXPECT_EQ(node.source().next_sequence(node.context()), "b10");
  frames = 0;
  while (node.run().has_values()) ++frames;
  EXPECT_EQ(frames, kFilmFrames);
  EXPECT_EQ(node.source().next_sequence(node.context()), std::nullopt);
}

class VideoIds : public Video {
 protected:
  /// Grey maps of 64x2 in which frame n holds first + n + x.
  std::string make_ids(const std::string& name, int bits, int first, const std::vector<std::string>& arguments) const {
    std::string samples;
    for (int n = 0; n < 3; ++n) {
      for (int i = 0; i < 128; ++i) {
        const int id = first + n + i % 64;
        samples += static_cast<char>(id & 255);
        if (bits == 16) samples += static_cast<char>(id >> 8);
      }
    }
    const std::string raw = folder_.add("ids.raw", samples);
    std::vector<std::string> all = {"-f", "rawvideo", "-pix_fmt", bits == 16 ? "gray16le" : "gray",
                                    "-s", "64x2",     "-i",       raw};
    all.insert(all.end(), arguments.begin(), arguments.end());
    all.push_back(folder_ / name);
    EXPECT_EQ(ffmpeg(all), "");
    return folder_ / name;
  }
  static std::string error_for(const std::string& file) {
    return error_of([&] {
      NodeRunner node("media.label_video");
      node.set("path", file).run();
    });
  }
};

TEST_F(VideoIds, LosslessGreyFramesAreTheIds) {
  struct Way {
    const char* name;
    int bits, first;
    std::vector<std::string> arguments;
  };
  for (const Way& way : {Way{"a.mkv", 8, 0, {"-c:v", "ffv1"}}, Way{"a.mkv", 16, 26000, {"-c:v", "ffv1"}},
                         Way{"a.mov", 8, 100, {"-c:v", "png"}}, Way{"a.nut", 8, 9, {"-c:v", "rawvideo"}},
                         Way{"a.mkv", 8, 3, {"-c:v", "ffv1", "-pix_fmt", "gbrp"}}}) {
    NodeRunner node("media.label_video");
    node.set("path", make_ids(way.name, way.bits, way.first, way.arguments));
    for (int n = 0; n < 3; ++n) {
      const at::Tensor& labels = node.run().tensor("labels");
      ASSERT_EQ(labels.sizes(), (std::vector<int64_t>{1, 1, 2, 64}));
      EXPECT_EQ(labels.scalar_type(), at::kLong);
      const auto ids = testing::values<int64_t>(labels);
      for (int i = 0; i < 128; ++i) EXPECT_EQ(ids[static_cast<size_t>(i)], way.first + n + i % 64);
    }
    EXPECT_FALSE(node.run().has_values());
  }
}

TEST_F(VideoIds, OtherSizesTakeTheNearestPixel) {
  NodeRunner node("media.instance_video");
  node.set("path", make_ids("a.mkv", 8, 0, {"-c:v", "ffv1"})).set("size", std::vector<int64_t>{1, 32});
  const auto ids = testing::values<int64_t>(node.run().tensor("instances"));
  for (int x = 0; x < 32; ++x) EXPECT_EQ(ids[static_cast<size_t>(x)], 2 * x + 1);
}

TEST_F(VideoIds, ALossyVideoIsRefused) {
  const std::string way_out =
      "\n  give PNG files, or grey frames in a lossless codec: ffmpeg -i %06d.png -c:v ffv1 -pix_fmt gray FILE.mkv";
  const std::string h264 = make("a.mp4", {"-c:v", "libx264", "-qp", "0"});
  EXPECT_EQ(error_for(h264), h264 + " is h264, which may change numbers, so it cannot hold ids" + way_out);
  const std::string mjpeg = make("a.avi", {"-c:v", "mjpeg"});
  EXPECT_EQ(error_for(mjpeg), mjpeg + " is mjpeg, which may change numbers, so it cannot hold ids" + way_out);
}

TEST_F(VideoIds, ColoursAreRefused) {
  const std::string yuv = make("a.mkv", {"-c:v", "ffv1", "-pix_fmt", "yuv420p"}), rgb = make("b.mkv", kExact);
  EXPECT_THAT(error_for(yuv), HasSubstr(yuv + " holds colours (yuv420p), but ids are one number a pixel"));
  EXPECT_THAT(error_for(rgb), HasSubstr(rgb + " holds colours (bgr0), but ids are one number a pixel"));
}

}  // namespace
}  // namespace weft
