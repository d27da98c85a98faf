// What media.video says of files that are none, damaged, cut or absurd.
#include "framework/base/text.h"
#include "tests/plugins/media/ffmpeg.h"
#include "tests/plugins/media/video_fixture.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <random>

namespace weft {
namespace {

using testing::content_of;
using testing::ffmpeg;
using testing::film_number;
using ::testing::HasSubstr;
using testing::kFilmFrames;
using ::testing::MatchesRegex;
using testing::read_video;
using testing::Reading;
using testing::Video;

const std::vector<std::string> kExact = {"-c:v", "ffv1", "-g", "1", "-pix_fmt", "gbrp"};

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

TEST_F(VideoFaults, APlaylistIsNoVideo) {
  make("film.mp4", {"-c:v", "mpeg4"});
  const std::string concat = "ffconcat version 1.0\nfile film.mp4\n";
  const std::string hls = "#EXTM3U\n#EXT-X-TARGETDURATION:10\n#EXTINF:10,\nfilm.mp4\n#EXT-X-ENDLIST\n";
  for (const std::string& list : {concat, hls, std::string("ffconcat version 1.0\nfile list.mp4\n")}) {
    const std::string file = folder_.add("list.mp4", list);
    EXPECT_THAT(read_video(file).error, HasSubstr(file + " is no video that can be read: ")) << list;
  }
}

TEST_F(VideoFaults, AFileWithoutFramesIsNamed) {
  const std::string file = make("a.mp4", {"-c:v", "mpeg4", "-frames:v", "0"});
  const Reading reading = read_video(file);
  EXPECT_TRUE(reading.frames.empty());
  EXPECT_THAT(reading.error, HasSubstr(file));
}

TEST_F(VideoFaults, AnMp4ThatIsCutBehindItsIndexIsReported) {
  std::vector<std::vector<std::string>> ways = {{"-c:v", "libx264", "-bf", "0"}, {"-c:v", "libx264", "-bf", "2"}};
  for (std::vector<std::string>& way : ways) {
    way.insert(way.end(), {"-movflags", "+faststart"});
    for (const char* name : {"whole.mp4", "whole.mov"}) {
      const std::string whole = content_of(make(name, way));
      EXPECT_EQ(read_video(folder_ / name).error, "");
      for (const size_t percent : {40, 55, 70, 85, 99}) {
        const std::string file = folder_.add("cut.mp4", whole.substr(0, whole.size() * percent / 100));
        EXPECT_THAT(read_video(file).error, HasSubstr(file + " is damaged or cut short: it has ")) << name << percent;
      }
    }
  }
}

TEST_F(VideoFaults, PixelsThatAreAbsurdlyWideAreRefused) {
  const std::string header = "YUV4MPEG2 W640 H480 F25:1 Ip A2000:1 C420jpeg\nFRAME\n";
  const std::string file = folder_.add("wide.y4m", header + std::string(640 * 480 * 3 / 2, '\0'));
  EXPECT_EQ(read_video(file).error, file + " claims to have 1280000x480 pixels; at most 100 million are read");
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

}  // namespace
}  // namespace weft
