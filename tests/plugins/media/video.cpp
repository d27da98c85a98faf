// Times, rotations, pixel shapes, colours and faults in media.video; formats are in video_formats.cpp.
#include "framework/base/text.h"
#include "framework/testing/node_runner.h"
#include "framework/testing/values.h"
#include "tests/plugins/media/ffmpeg.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmath>
#include <random>

namespace weft {
namespace {

using testing::colour_at;
using testing::content_of;
using ::testing::ElementsAre;
using testing::error_of;
using testing::ffmpeg;
using testing::film_level;
using testing::film_number;
using ::testing::HasSubstr;
using testing::kFilmFrames;
using testing::kFilmHeight;
using testing::kFilmWidth;
using ::testing::MatchesRegex;
using testing::NodeRunner;
using testing::read_video;
using testing::Reading;
using testing::TemporaryFolder;
using testing::TestFilm;

const std::vector<std::string> kExact = {"-c:v", "ffv1", "-g", "1", "-pix_fmt", "gbrp"};

class Video : public ::testing::Test {
 protected:
  void SetUp() override {
    if (!testing::has_ffmpeg()) GTEST_SKIP() << "there is no ffmpeg";
  }
  /// Makes a file of the film. @returns its path
  std::string make(const std::string& name, std::vector<std::string> arguments, const std::string& rate = "25") const {
    std::vector<std::string> all = film_.input(rate);
    all.insert(all.end(), arguments.begin(), arguments.end());
    all.push_back(folder_ / name);
    EXPECT_EQ(ffmpeg(all), "");
    return folder_ / name;
  }
  static std::vector<int> numbers(const Reading& reading) {
    EXPECT_EQ(reading.error, "");
    std::vector<int> numbers;
    for (const at::Tensor& frame : reading.frames) numbers.push_back(film_number(frame));
    return numbers;
  }
  static void expect_corner(const at::Tensor& image, int corner, int64_t y, int64_t x, double tolerance) {
    const auto colour = colour_at(image, y, x);
    for (size_t i = 0; i < 3; ++i)
      EXPECT_NEAR(colour[i], TestFilm::kCorners[static_cast<size_t>(corner)][i], tolerance) << "corner " << corner;
  }

  const TemporaryFolder folder_;
  const TestFilm film_{folder_};
};

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

TEST_F(VideoShape, TurnsAreHonoured) {
  const std::string upright =
      make("a.mp4", {"-c:v", "libx264", "-preset", "ultrafast", "-crf", "4", "-pix_fmt", "yuv444p"});
  struct Turned {
    const char* degrees;
    bool swaps;
    std::array<int, 4> corners;  ///< what stands at the upper left, upper right, lower left, lower right
  };
  // ffmpeg's option turns to the left: at 90 the upper right corner comes to the upper left.
  for (const Turned& turned :
       {Turned{"90", true, {1, 3, 0, 2}}, Turned{"180", false, {3, 2, 1, 0}}, Turned{"270", true, {2, 0, 3, 1}}}) {
    const std::string file = folder_ / text("turned_", turned.degrees, ".mov");
    ASSERT_EQ(ffmpeg({"-i", upright, "-c", "copy", "-metadata:s:v:0", text("rotate=", turned.degrees), file}), "");
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

using VideoFaults = Video;

TEST_F(VideoFaults, WhatIsNoVideoIsNamed) {
  const std::string prose = "Call me Ishmael. Some years ago - never mind how long precisely - having little money.\n";
  std::string long_prose;
  for (int i = 0; i < 200; ++i) long_prose += prose;
  const std::string nowhere = folder_ / "nowhere.mp4", empty = folder_.add("empty.mp4", "");
  EXPECT_EQ(read_video(nowhere).error, "there is no file " + nowhere);
  EXPECT_EQ(read_video(empty).error, empty + " is empty: it has 0 bytes");
  for (const char* name : {"prose.txt", "prose.mp4", "prose.ans"}) {
    const std::string file = folder_.add(name, long_prose);
    EXPECT_THAT(read_video(file).error, HasSubstr(file + " is no video that can be read: ")) << name;
  }
  std::filesystem::create_directory(folder_ / "folder");
  EXPECT_EQ(
      read_video(folder_ / "folder").error,
      "the folder " + (folder_ / "folder") + " has no videos\n  numbered pictures are read by media.image_folder");
  const std::string tone = folder_ / "tone.wav";
  ASSERT_EQ(ffmpeg({"-f", "lavfi", "-i", "sine=d=0.2", tone}), "");
  EXPECT_EQ(read_video(tone).error, tone + " has no video, only audio (pcm_s16le)");
}

TEST_F(VideoFaults, AFileWithoutFramesIsNamed) {
  const std::string file = make("a.mp4", {"-c:v", "mpeg4", "-frames:v", "0"});
  const Reading reading = read_video(file);
  EXPECT_TRUE(reading.frames.empty());
  EXPECT_THAT(reading.error, HasSubstr(file));
}

TEST_F(VideoFaults, AClosedFileIsNamed) {
  const std::string file = make("a.mkv", kExact);
  std::filesystem::permissions(file, std::filesystem::perms::none);
  const testing::RightsOfNobody rights;
  EXPECT_EQ(read_video(file).error, "cannot read " + file + ": Permission denied");
}

TEST_F(VideoFaults, APipeIsRefusedAtOnce) {
  ASSERT_EQ(mkfifo((folder_ / "a.mp4").c_str(), 0600), 0);
  const std::string error = "cannot read " + (folder_ / "a.mp4") +
                            ": it is a pipe, not an ordinary file\n  `-` reads a video from standard input";
  EXPECT_EQ(read_video(folder_ / "a.mp4").error, error);
  EXPECT_EQ(read_video(folder_.path()).error, error);
}

TEST_F(VideoFaults, AFrameThatIsShownForAgesEndsTheReading) {
  // The second frame, or the end of it, comes 10^9 seconds later.
  for (const char* times : {"setpts=N*1000000000/TB", "setpts=if(N\\,1+N*1000000000\\,0)/TB"}) {
    const std::string file = make("gap.mkv", {"-vf", times, "-vsync", "passthrough", "-enc_time_base", "1/1000", "-c:v",
                                              "ffv1", "-frames:v", "2"});
    const Reading reading = read_video(file, {{"fps", "10"}});
    EXPECT_LE(reading.frames.size(), 2U);
    ASSERT_GE(reading.frames.size(), 1U) << reading.error;
    EXPECT_EQ(film_number(reading.frames[0]), 0);
    EXPECT_THAT(reading.error,
                MatchesRegex(".*gap.mkv shows frame 0 for 1[.0-9e]* s, but of one frame at most 100000 "
                             "are made, which at 10 a second last 10000 s\n  a smaller `fps` makes fewer; "
                             "`stop` ends the reading before"));
  }
}

TEST_F(VideoFaults, AnAbsurdRateIsRefusedUnlessAnotherIsAskedFor) {
  const std::string file = make("a.nut", kExact, "1000000");
  EXPECT_EQ(read_video(file).error, file +
                                        " claims to have 1000000 frames a second; at most 1000 are read\n"
                                        "  `fps` says at which rate it is read");
  EXPECT_EQ(read_video(file, {{"fps", "1000"}}).error, "");
}

TEST_F(VideoFaults, AHugeFrameIsRefusedByItsHeader) {
  const std::string file =
      folder_.add("a.y4m", "YUV4MPEG2 W12000 H12000 F25:1 C420jpeg\nFRAME\n" + std::string(100, 'x'));
  EXPECT_EQ(read_video(file).error, file + " claims to have 12000x12000 pixels; at most 100 million are read");
}

TEST_F(VideoFaults, DamageIsSkippedWhereThatIsAskedFor) {
  std::string bytes = content_of(make("a.mkv", kExact));
  for (size_t i = bytes.size() / 2; i < bytes.size() / 2 + 40; ++i) bytes[i] = static_cast<char>(~bytes[i]);
  const std::string file = folder_.add("damaged.mkv", bytes);
  const Reading reading = read_video(file, {{"on_damage", "skip"}, {"fps", "25"}});
  EXPECT_EQ(reading.error, "");
  ASSERT_EQ(reading.warnings.size(), 1);
  EXPECT_THAT(reading.warnings[0], HasSubstr("damaged.mkv: damaged about frame "));
  ASSERT_EQ(reading.frames.size(), kFilmFrames) << "the frame before stays on screen";
  int wrong = 0;
  for (int n = 0; n < kFilmFrames; ++n) wrong += film_number(reading.frames[static_cast<size_t>(n)]) == n ? 0 : 1;
  EXPECT_GE(wrong, 1);
  EXPECT_LE(wrong, 2);
  EXPECT_EQ(film_number(reading.frames.back()), kFilmFrames - 1);
  const Reading cut = read_video(folder_.add("cut.mkv", bytes.substr(0, bytes.size() / 3)), {{"on_damage", "skip"}});
  EXPECT_EQ(cut.error, "");
  EXPECT_THAT(cut.frames.size(), ::testing::AllOf(::testing::Ge(1), ::testing::Lt(kFilmFrames)));
}

/// A codec, and how ffmpeg writes it.
struct Coded {
  const char* name;
  std::vector<std::string> arguments;
};

TEST_F(VideoFaults, DamagedFilesOfNoCodecEndTheProcess) {
  const std::vector<Coded> all = {{"a.avi", {"-c:v", "mpeg4", "-bf", "2", "-g", "4"}},
                                  {"a.mkv", {"-c:v", "mpeg4", "-g", "4"}},
                                  {"a.mp4", {"-c:v", "mpeg4", "-bf", "2"}},
                                  {"a.3gp", {"-c:v", "h263", "-s", "128x96"}},
                                  {"a.wmv", {"-c:v", "wmv2"}},
                                  {"a.rm", {"-c:v", "rv20"}},
                                  {"a.flv", {"-c:v", "flv"}},
                                  {"a.mpg", {"-c:v", "mpeg2video", "-bf", "2"}},
                                  {"b.mp4", {"-c:v", "libx264", "-g", "4"}}};
  std::mt19937 random(1);  // the same damage in every run
  for (const Coded& coded : all) {
    const std::string bytes = content_of(make(coded.name, coded.arguments));
    for (int round = 0; round < 12; ++round) {
      std::string damaged = bytes;
      for (int i = 0; i < 5; ++i) damaged[random() % damaged.size()] ^= static_cast<char>(1U << random() % 8);
      const Reading reading = read_video(folder_.add(coded.name, damaged), {{"stop", "50"}});
      EXPECT_LE(reading.frames.size(), 50U);
    }
  }
}

/// A format of which every beginning is read, and whether its header tells that something is missing.
struct Cut {
  const char* name;
  std::vector<std::string> arguments;
  bool is_noticed;
};

TEST_F(VideoFaults, AFileThatIsCutGivesItsFramesAndThenAnError) {
  const std::vector<std::string> x264 = {"-c:v", "libx264", "-preset", "fast", "-crf", "10", "-g", "5", "-bf", "2"};
  const auto more = [&](std::vector<std::string> arguments) {
    arguments.insert(arguments.begin(), x264.begin(), x264.end());
    return arguments;
  };
  const std::vector<Cut> cuts = {{"index_last.mp4", x264, true},
                                 {"index_first.mp4", more({"-movflags", "+faststart"}), true},
                                 {"h264.mkv", x264, true},
                                 {"h264.flv", x264, false},
                                 {"h264.ts", x264, false},
                                 {"raw.h264", more({"-bf", "0"}), false},
                                 {"ffv1.mkv", kExact, true},
                                 {"huffyuv.avi", {"-c:v", "huffyuv"}, true},
                                 {"mpeg4.avi", {"-c:v", "mpeg4", "-q:v", "2", "-bf", "2"}, true},
                                 {"mpeg2.mpg", {"-c:v", "mpeg2video", "-q:v", "2"}, false},
                                 {"vp9.webm", {"-c:v", "libvpx-vp9", "-deadline", "realtime", "-b:v", "2M"}, true},
                                 {"mjpeg.avi", {"-c:v", "mjpeg", "-q:v", "2"}, true},
                                 {"gif.gif", {}, false},
                                 {"png.nut", {"-c:v", "png"}, false}};
  for (const Cut& cut : cuts) {
    const std::string bytes = content_of(make(cut.name, cut.arguments));
    for (size_t part = 1; part < 16; ++part) {
      const size_t k = bytes.size() * part / 16;
      const std::string file = folder_.add(text("cut_", cut.name), bytes.substr(0, k));
      const Reading reading = read_video(file, {{"fps", "25"}});
      SCOPED_TRACE(text(cut.name, " cut at byte ", k, " of ", bytes.size(), ": ", reading.frames.size(),
                        " frames, then ", reading.error));
      for (size_t n = 0; n < reading.frames.size(); ++n)
        EXPECT_EQ(film_number(reading.frames[n]), static_cast<int>(n)) << "no frame is made up";
      if (!reading.error.empty()) {
        EXPECT_THAT(reading.error, ::testing::StartsWith(file));
      }
      const bool is_whole = reading.frames.size() == kFilmFrames;
      if (cut.is_noticed || reading.frames.empty()) {
        EXPECT_TRUE(is_whole || !reading.error.empty());
      }
    }
  }
}

TEST_F(VideoFaults, ADamagedFrameEndsTheReadingThere) {
  std::string bytes = content_of(make("a.mkv", kExact));
  for (size_t i = bytes.size() / 2; i < bytes.size() / 2 + 40; ++i) bytes[i] = static_cast<char>(~bytes[i]);
  const std::string file = folder_.add("damaged.mkv", bytes);
  const Reading reading = read_video(file);
  EXPECT_GE(reading.frames.size(), 4);
  EXPECT_LE(reading.frames.size(), 8);
  for (size_t n = 0; n < reading.frames.size(); ++n) EXPECT_EQ(film_number(reading.frames[n]), static_cast<int>(n));
  EXPECT_THAT(reading.error,
              HasSubstr(text(file, " is damaged or cut short: it has ", reading.frames.size(), " good frames")));
}

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
  EXPECT_THAT(node.node().sequences().value(), ElementsAre("b2", "b10"));
  int frames = 0;
  while (node.run().has_values()) ++frames;
  EXPECT_EQ(frames, 2);
  EXPECT_EQ(node.node().next_sequence(node.context()), "b10");
  frames = 0;
  while (node.run().has_values()) ++frames;
  EXPECT_EQ(frames, kFilmFrames);
  EXPECT_EQ(node.node().next_sequence(node.context()), std::nullopt);
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
