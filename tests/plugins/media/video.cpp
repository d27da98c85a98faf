// Times, rotations, pixel shapes and colours in media.video; formats are in video_formats.cpp.
#include "framework/base/text.h"
#include "framework/testing/node_runner.h"
#include "framework/testing/values.h"
#include "tests/plugins/media/ffmpeg.h"
#include "tests/plugins/media/video_fixture.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

namespace weft {
namespace {

using testing::content_of;
using ::testing::ElementsAre;
using testing::ffmpeg;
using testing::film_number;
using ::testing::HasSubstr;
using testing::kFilmFrames;
using testing::kFilmHeight;
using testing::kFilmWidth;
using testing::NodeRunner;
using testing::read_video;
using testing::Reading;
using testing::TestFilm;
using testing::Video;

const std::vector<std::string> kExact = {"-c:v", "ffv1", "-g", "1", "-pix_fmt", "gbrp"};

using VideoTimes = Video;

TEST_F(VideoTimes, ARateOfItsOwnLeavesEachFrameOnce) {
  for (const char* name : {"a.mkv", "a.mov", "a.avi", "a.nut"}) {
    for (const char* rate : {"30000/1001", "24000/1001", "59.94", "7/3"}) {
      EXPECT_THAT(numbers(read_video(make(name, kExact, rate))), ElementsAre(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11))
          << name << " at " << rate;
    }
  }
}

TEST_F(VideoTimes, ATwiceAsHighRateRepeatsFramesAndHalfOfItLeavesThemOut) {
  const std::string file = make("a.mkv", kExact);
  EXPECT_THAT(numbers(read_video(file, {{"fps", "50"}})),
              ElementsAre(0, 0, 1, 1, 2, 2, 3, 3, 4, 4, 5, 5, 6, 6, 7, 7, 8, 8, 9, 9, 10, 10, 11, 11));
  EXPECT_THAT(numbers(read_video(file, {{"fps", "12.5"}})), ElementsAre(0, 2, 4, 6, 8, 10));
  // At 10 a second T = 0, 100, 200, 300, 400 ms are at 0, 2.5, 5, 7.5 and 10 frames; 3 and 8 have not begun.
  EXPECT_THAT(numbers(read_video(file, {{"fps", "10"}})), ElementsAre(0, 2, 5, 7, 10));
}

TEST_F(VideoTimes, AFractionIsExactOverManyFrames) {
  const Reading reading = read_video(make("a.mkv", kExact, "1/10"), {{"fps", "30000/1001"}});
  ASSERT_EQ(reading.error, "");
  // 12 frames of 10 s: 120 s * 30000 / 1001 = 3596.4.
  ASSERT_EQ(reading.frames.size(), 3596);
  for (size_t k = 0; k < reading.frames.size(); k += 7) {
    const double at = (static_cast<double>(k) + 0.5) * 1001 / 30000 / 10;
    const int expected = std::min(static_cast<int>(at), kFilmFrames - 1);
    EXPECT_EQ(film_number(reading.frames[k]), expected) << k;
  }
}

TEST_F(VideoTimes, OfAVariableRateEachFrameIsShownUntilTheNextBegins) {
  // Frame n is shown from n * n * 10 ms on.
  const std::vector<std::string> squares = {
      "-vf", "settb=1/1000,setpts=N*N*10", "-vsync", "passthrough", "-enc_time_base", "1/1000"};
  std::vector<std::string> arguments = kExact;
  arguments.insert(arguments.end(), squares.begin(), squares.end());
  for (const char* name : {"a.mkv", "a.mov", "a.nut"}) {
    const std::vector<int> shown = numbers(read_video(make(name, arguments), {{"fps", "25"}}));
    ASSERT_GE(shown.size(), 31) << name << ": the last frame begins at 1210 ms";
    for (int k = 0; k <= 30; ++k) {
      int expected = 0;
      for (int n = 1; n < kFilmFrames; ++n) {
        // A frame that begins less than 20 ms, half of one of 25 a second, later counts where it is nearer.
        const int late = n * n * 10 - k * 40, before = k * 40 - (n - 1) * (n - 1) * 10;
        if (late <= 0 || (late < 20 && late < before)) expected = n;
      }
      EXPECT_EQ(shown[static_cast<size_t>(k)], expected) << name << ", frame " << k;
    }
  }
}

TEST_F(VideoTimes, APictureIsShownUntilTheNextBegins) {
  // The second frame begins after 10 s.
  const std::string file = make("a.mkv", {"-vf", "settb=1/1000,setpts=if(N\\,10000+N*40\\,0)", "-vsync", "passthrough",
                                          "-enc_time_base", "1/1000", "-c:v", "ffv1"});
  const std::vector<int> shown = numbers(read_video(file, {{"fps", "10"}}));
  ASSERT_GT(shown.size(), 101);
  EXPECT_EQ(std::count(shown.begin(), shown.begin() + 100, 0), 100);
  EXPECT_EQ(shown[100], 1);
}

TEST_F(VideoTimes, ARateThatVariesIsReported) {
  const std::string file = make("a.mkv", {"-vf", "settb=1/1000,setpts=N*N*10", "-vsync", "passthrough",
                                          "-enc_time_base", "1/1000", "-c:v", "ffv1"});
  EXPECT_THAT(read_video(file).warnings,
              ElementsAre(::testing::HasSubstr("a.mkv: the frame rate varies: at its average, ")));
  EXPECT_THAT(read_video(file, {{"fps", "100"}}).warnings, ElementsAre());
  EXPECT_THAT(read_video(make("b.mkv", kExact, "30000/1001")).warnings, ElementsAre());
}

TEST_F(VideoTimes, ALateBeginningIsNoGap) {
  const std::vector<int> shown =
      numbers(read_video(make("a.ts", {"-c:v", "libx264", "-preset", "ultrafast", "-output_ts_offset", "100"})));
  EXPECT_EQ(shown.size(), kFilmFrames);
}

TEST_F(VideoTimes, RecordingsThatWereJoinedAreReadOn) {
  const std::vector<std::string> x264 = {"-c:v", "libx264", "-preset", "fast", "-crf", "10", "-bf", "2"};
  const std::string one = content_of(make("one.ts", x264));
  const std::vector<int> shown = numbers(read_video(folder_.add("joined.ts", one + one)));
  EXPECT_THAT(shown, ElementsAre(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11));
}

TEST_F(VideoTimes, StartAndStopCountGivenFrames) {
  const std::string file = make("a.mkv", kExact);
  EXPECT_THAT(numbers(read_video(file, {{"start", "3"}, {"stop", "6"}})), ElementsAre(3, 4, 5));
  EXPECT_THAT(numbers(read_video(file, {{"start", "10"}, {"stop", "99"}})), ElementsAre(10, 11));
  EXPECT_THAT(numbers(read_video(file, {{"start", "5"}, {"stop", "8"}, {"fps", "50"}})), ElementsAre(2, 3, 3));
  EXPECT_EQ(read_video(file, {{"start", "12"}}).error,
            file + " has 12 frames, but `start` is 12\n  frames are counted from 0");
  EXPECT_THAT(read_video(file, {{"start", "5"}, {"stop", "5"}}).error,
              HasSubstr("`stop` is 5, but reading begins at `start` = 5"));
}

using VideoShape = Video;

/// A QuickTime file with another matrix in the header of its first track: cos, sin, -sin, cos of a turn to the right, in 16.16.
/// Programs of several versions differ in how they write one.
std::string with_turn(std::string file, int cosine, int sine) {
  constexpr size_t kMatrix = 4 + 40;  // from the name of the header on
  const size_t at = file.find("tkhd") + kMatrix;
  for (const auto& [place, number] : {std::pair{0, cosine}, {1, sine}, {3, -sine}, {4, cosine}}) {
    const auto bits = static_cast<uint32_t>(number * 0x10000);
    for (size_t i = 0; i < 4; ++i)
      file[at + static_cast<size_t>(place) * 4 + i] = static_cast<char>(bits >> (24 - 8 * i));
  }
  return file;
}

TEST_F(VideoShape, TurnsAreHonoured) {
  const std::string upright =
      content_of(make("a.mov", {"-c:v", "libx264", "-preset", "ultrafast", "-crf", "4", "-pix_fmt", "yuv444p"}));
  struct Turned {
    int cosine, sine;
    bool swaps;
    std::array<int, 4> corners;  ///< what stands at the upper left, upper right, lower left, lower right
  };
  for (const Turned& turned :
       {Turned{0, 1, true, {2, 0, 3, 1}}, Turned{-1, 0, false, {3, 2, 1, 0}}, Turned{0, -1, true, {1, 3, 0, 2}}}) {
    const std::string file = folder_.add("turned.mov", with_turn(upright, turned.cosine, turned.sine));
    const Reading reading = read_video(file);
    ASSERT_EQ(reading.frames.size(), kFilmFrames) << reading.error;
    const at::Tensor& image = reading.frames[5];
    const int64_t height = turned.swaps ? kFilmWidth : kFilmHeight, width = turned.swaps ? kFilmHeight : kFilmWidth;
    ASSERT_EQ(image.sizes(), (std::vector<int64_t>{1, 3, height, width}));
    for (int i = 0; i < 4; ++i)
      expect_corner(image, turned.corners[static_cast<size_t>(i)], i < 2 ? 8 : height - 8, i % 2 == 0 ? 8 : width - 8,
                    7);
    // ffmpeg turns frames too; in 4:4:4 nothing is interpolated, and 8 bits are half a level off at most.
    ASSERT_EQ(ffmpeg({"-i", file, "-frames:v", "6", "-pix_fmt", "gbrp", "-f", "rawvideo", folder_ / "turned.raw"}), "");
    const std::string raw = content_of(folder_ / "turned.raw");
    ASSERT_EQ(raw.size(), static_cast<size_t>(6 * 3 * height * width));
    const auto green = testing::values(image[0][1]);
    for (size_t i = 0; i < green.size(); ++i) {
      const auto level = static_cast<uint8_t>(raw[static_cast<size_t>(5 * 3 * height * width) + i]);
      EXPECT_NEAR((green[i] + 1) * 127.5F, level, 1.5) << i;
    }
  }
}

TEST_F(VideoShape, PixelsBecomeSquare) {
  for (const auto& [aspect, width] : {std::pair{"3/2", 96}, std::pair{"3/4", 48}}) {
    std::vector<std::string> arguments = kExact;
    arguments.insert(arguments.end(), {"-vf", text("setsar=", aspect)});
    const Reading reading = read_video(make("a.mkv", arguments));
    ASSERT_EQ(reading.frames.size(), kFilmFrames) << reading.error;
    ASSERT_EQ(reading.frames[3].sizes(), (std::vector<int64_t>{1, 3, kFilmHeight, width}));
    for (int i = 0; i < 4; ++i)
      expect_corner(reading.frames[3], i, i < 2 ? 8 : kFilmHeight - 8, i % 2 == 0 ? 5 : width - 5, 1);
    EXPECT_EQ(film_number(reading.frames[3]), 3);
  }
}

TEST_F(VideoShape, OddSidesKeepEachPixel) {
  for (const auto& [width, height] : {std::pair{63, 47}, std::pair{61, 48}, std::pair{64, 45}}) {
    const TestFilm film(folder_, width, height);
    for (const char* format : {"yuv420p", "yuv422p", "yuv444p", "nv12"}) {
      const bool is_raw = std::string(format) == "nv12";
      const std::string file = folder_ / "odd.nut";
      ASSERT_EQ(film.write(file, {"-c:v", is_raw ? "rawvideo" : "ffv1", "-pix_fmt", format}), "");
      const Reading reading = read_video(file);
      ASSERT_EQ(reading.frames.size(), kFilmFrames) << reading.error << format;
      const at::Tensor& image = reading.frames[7];
      ASSERT_EQ(image.sizes(), (std::vector<int64_t>{1, 3, height, width}));
      EXPECT_EQ(film_number(image), 7);
      expect_corner(image, 0, 7, 7, 1.6);
      // ffmpeg stretches chroma of odd sides to whole samples, so that at the far end it mixes in the last column.
      expect_corner(image, 3, height - 5, width - 5, format == std::string("yuv444p") ? 1.6 : 9);
    }
  }
}

TEST_F(VideoShape, FramesAreBroughtToOneSize) {
  const std::string file = make("a.mkv", kExact);
  NodeRunner node("media.video");
  node.set("path", file).set("size", std::vector<int64_t>{24, 96});
  EXPECT_EQ(node.run().tensor("image").sizes(), (std::vector<int64_t>{1, 3, 24, 96}));
  NodeRunner wide("media.video");
  wide.set("path", file).set("scale", std::string("width")).set("load_size", int64_t{128});
  EXPECT_EQ(wide.run().tensor("image").sizes(), (std::vector<int64_t>{1, 3, 96, 128}));
  EXPECT_LE(wide.tensor("image").abs().max().item<float>(), 1.0F) << "bicubic overshoots";
}

using VideoColours = Video;

TEST_F(VideoColours, MatrixAndRangeAreThoseOfTheTags) {
  for (const char* matrix : {"bt709", "smpte170m", "bt2020nc"}) {
    for (const char* range : {"tv", "pc"}) {
      for (const char* format : {"yuv444p", "yuv444p10le", "yuv444p12le", "yuv444p16le"}) {
        const std::string scale = text("scale=out_color_matrix=", matrix == std::string("bt2020nc") ? "bt2020" : matrix,
                                       ":out_range=", range, ":sws_flags=accurate_rnd+full_chroma_int+bicubic");
        const std::string file = make("a.mkv", {"-vf", scale, "-c:v", "ffv1", "-pix_fmt", format, "-colorspace", matrix,
                                                "-color_range", range, "-frames:v", "1"});
        const Reading reading = read_video(file);
        ASSERT_EQ(reading.frames.size(), 1) << reading.error;
        for (int i = 0; i < 4; ++i) {
          SCOPED_TRACE(text(matrix, ' ', range, ' ', format));
          expect_corner(reading.frames[0], i, i < 2 ? 8 : kFilmHeight - 8, i % 2 == 0 ? 8 : kFilmWidth - 8, 1.6);
        }
      }
    }
  }
}

TEST_F(VideoColours, WithoutTagsLargeFramesAreBt709) {
  const TestFilm film(folder_, 1280, 64);
  const std::string file = folder_ / "large.mkv";
  ASSERT_EQ(film.write(
                file, {"-vf", "scale=out_color_matrix=bt709", "-c:v", "ffv1", "-pix_fmt", "yuv444p", "-frames:v", "1"}),
            "");
  const Reading reading = read_video(file);
  ASSERT_EQ(reading.frames.size(), 1) << reading.error;
  expect_corner(reading.frames[0], 0, 8, 8, 1.6);
  expect_corner(reading.frames[0], 1, 8, 1280 - 8, 1.6);
}

TEST_F(VideoColours, MoreThanEightBitsAreKept) {
  // A ramp in 10 bits: 64 levels of grey from 400 to 463 of 1023.
  std::string samples;
  for (int plane = 0; plane < 3; ++plane) {
    for (int y = 0; y < 2; ++y) {
      for (int x = 0; x < 64; ++x) {
        const int level = 400 + x;
        samples += static_cast<char>(level & 255);
        samples += static_cast<char>(level >> 8);
      }
    }
  }
  const std::string raw = folder_.add("ramp.raw", samples), file = folder_ / "ramp.mkv";
  ASSERT_EQ(ffmpeg({"-f", "rawvideo", "-pix_fmt", "gbrp10le", "-s", "64x2", "-i", raw, "-c:v", "ffv1", file}), "");
  const Reading reading = read_video(file);
  ASSERT_EQ(reading.frames.size(), 1) << reading.error;
  for (int x = 0; x < 64; ++x)
    EXPECT_FLOAT_EQ(reading.frames[0][0][0][1][x].item<float>(), (static_cast<float>(400 + x) / 1023 - 0.5F) / 0.5F);
}

}  // namespace
}  // namespace weft
