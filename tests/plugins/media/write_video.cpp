// Files of written videos: when they can be played, what is left of them, and what they are called.
#include "framework/testing/node_runner.h"
#include "plugins/media/mp4_index.h"
#include "tests/plugins/media/files.h"
#include "tests/plugins/media/film.h"
#include "tests/plugins/media/writer.h"

#include <ATen/TensorOperators.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace weft {
namespace {

using ::testing::AllOf;
using testing::boxes_of;
using ::testing::Contains;
using testing::content_of;
using ::testing::ElementsAre;
using testing::error_of;
using testing::Film;
using testing::FullDisk;
using testing::grey;
using testing::NodeRunner;
using testing::noise;
using ::testing::Not;
using testing::play;
using testing::TemporaryFolder;
using testing::unfinished;
using testing::Writer;

TEST(WriteVideo, AllFramesComeBackInOrder) {
  const TemporaryFolder folder;
  const std::string file = folder / "made/on the way/out.mp4";
  NodeRunner node("media.write_video");
  node.set("path", file);
  for (int i = 0; i < 40; ++i) node.input("in", grey(i / 20.0 - 1)).run();
  node.sink().finish(node.context());
  const Film film = play(file);
  ASSERT_EQ(film.frames(), 40);
  for (int i = 0; i < 40; ++i) {
    // Grey level 255 i / 40 in limited range; the encoder may be off by a few levels.
    EXPECT_NEAR(film.middles[static_cast<size_t>(i)][0], 16 + 219 * i / 40.0, 3) << i;
  }
}

TEST(WriteVideo, SaysSizeRateAndColours) {
  const TemporaryFolder folder;
  Writer node(folder / "out.mp4");
  node.set("fps", 12.5);
  for (int i = 0; i < 30; ++i) node.input("in", grey(0, 34, 62)).run();
  node.finish();
  const Film film = play(folder / "out.mp4");
  EXPECT_EQ(film.width, 62);
  EXPECT_EQ(film.height, 34);
  EXPECT_DOUBLE_EQ(film.frames_per_second, 12.5);
  EXPECT_DOUBLE_EQ(film.start, 0);
  EXPECT_TRUE(film.is_bt709);
  EXPECT_TRUE(film.is_limited_range);
}

TEST(WriteVideo, ColoursSurvive) {
  const TemporaryFolder folder;
  Writer node(folder / "out.mp4");
  at::Tensor red = grey(-1);
  red.select(1, 0).fill_(1);
  node.input("in", red).run();
  node.finish();
  // (255, 0, 0) by BT.709: Y = 16 + 219 * 0.2126, Cb = 128 - 224 * 0.2126 / 1.8556, Cr = 128 + 224 * 0.5;
  // BT.601 would give 81, 90, 240.
  const std::vector<int> middle = play(folder / "out.mp4").middles.at(0);
  EXPECT_NEAR(middle[0], 62.6, 2);
  EXPECT_NEAR(middle[1], 102.3, 2);
  EXPECT_NEAR(middle[2], 240, 2);
}

TEST(WriteVideo, FinishedFilesHaveTheIndexFirst) {
  const TemporaryFolder folder;
  const std::string file = folder / "out.mp4";
  Writer node(file);
  node.input("in", noise());
  for (int i = 0; i < 40; ++i) node.run();
  EXPECT_THAT(boxes_of(unfinished(file)), Contains("moof"));
  EXPECT_FALSE(std::filesystem::exists(file));
  node.finish();
  EXPECT_THAT(boxes_of(file), ElementsAre("ftyp", "moov", "free", "mdat"));
  EXPECT_FALSE(std::filesystem::exists(unfinished(file)));
}

TEST(WriteVideo, CanBePlayedWhileItGrows) {
  const TemporaryFolder folder;
  Writer node(folder / "out.mp4");
  node.set("fps", 10.0).input("in", noise());
  for (int i = 0; i < 35; ++i) node.run();
  // The process may end here without a word: three whole seconds are in the file.
  EXPECT_GE(play(folder / "out.part.mp4").frames(), 30);
}

TEST(WriteVideo, OddSizesArePaddedAndNoted) {
  const TemporaryFolder folder;
  const std::string file = folder / "out.mp4";
  Writer node(file);
  std::vector<std::string> lines;
  node.context().log().listen([&](const std::string&, const std::string& line) { lines.push_back(line); });
  node.input("in", grey(0, 33, 17)).run().run();
  node.finish();
  EXPECT_THAT(
      lines,
      ElementsAre(
          file +
          " is 18x34 pixels for frames of 17x33: its codec needs even sides, so the last row or column is repeated"));
  const Film film = play(file);
  EXPECT_EQ(film.width, 18);
  EXPECT_EQ(film.height, 34);
}

TEST(WriteVideo, AnotherSizeEndsTheRunButNotTheVideo) {
  const TemporaryFolder folder;
  const std::string file = folder / "out.mp4";
  Writer node(file);
  node.input("in", grey(0)).run().run().input("in", grey(0, 64, 64));
  EXPECT_EQ(error_of([&] { node.run(); }),
            "frame 2 has 64x64 pixels, but " + file +
                " began with 48x32\n  all frames of a video need one size: resize them first");
  node.finish();
  EXPECT_EQ(play(file).frames(), 2);
}

TEST(WriteVideo, AFullDiskLeavesWhatWasWrittenPlayable) {
  const TemporaryFolder folder;
  const std::string file = folder / "out.mp4";
  Writer node(file);
  node.set("fps", 5.0).input("in", noise());
  const FullDisk disk(200'000);
  EXPECT_EQ(error_of([&] {
              for (int i = 0; i < 200; ++i) node.run();
            }),
            "cannot write " + unfinished(file) + ": File too large\n  the frames written so far can be played");
  EXPECT_EQ(error_of([&] { node.finish(); }), "");
  EXPECT_GE(play(unfinished(file)).frames(), 5);
  EXPECT_THAT(boxes_of(unfinished(file)), AllOf(Contains("moof"), Not(Contains(""))));
  EXPECT_FALSE(std::filesystem::exists(file));
}

TEST(WriteVideo, NothingIsLeftWhereNotEvenASecondFitted) {
  const TemporaryFolder folder;
  Writer node(folder / "out.mp4");
  node.input("in", noise());
  const FullDisk disk(2000);
  EXPECT_EQ(error_of([&] {
              for (int i = 0; i < 40; ++i) node.run();
            }),
            "cannot write " + folder / "out.part.mp4" + ": File too large");
  EXPECT_FALSE(std::filesystem::exists(folder / "out.part.mp4"));
}

TEST(WriteVideo, WithoutRoomForASecondFileTheFragmentsStay) {
  const TemporaryFolder folder;
  const std::string file = folder / "out.mp4";
  {
    Writer node(file);
    node.set("fps", 5.0).input("in", noise());
    for (int i = 0; i < 20; ++i) node.run();
  }
  const std::string before = content_of(unfinished(file));
  const FullDisk disk(before.size() / 2);
  EXPECT_EQ(media::put_index_first(unfinished(file)), "File too large");
  EXPECT_EQ(content_of(unfinished(file)), before);
  EXPECT_FALSE(std::filesystem::exists(unfinished(file) + ".part"));
}

TEST(WriteVideo, SaysWhatItCannotWriteTo) {
  const TemporaryFolder folder;
  const auto error_for = [](const std::string& file) {
    Writer node(file);
    return error_of([&] { node.input("in", grey(0)).run(); });
  };
  const std::string file = folder.add("file", "x");
  EXPECT_EQ(error_for(file + "/out.mp4"), "cannot make the folder " + file + ": Not a directory");
  std::filesystem::create_directory(folder / "folder.mp4");
  EXPECT_EQ(error_for(folder / "folder.mp4"), "cannot write " + folder / "folder.mp4" + ": Is a directory");
  EXPECT_EQ(error_for(folder / "out.avi"), "`path` is \"" + folder / "out.avi" +
                                               "\", whose ending is not a video format that weft writes\n  use .mp4 or "
                                               ".mov (H.264), .webm (VP9), .mkv (FFV1, lossless) or .gif");
  std::filesystem::create_directory(folder / "closed");
  std::filesystem::permissions(folder / "closed", std::filesystem::perms::owner_read);
  const testing::RightsOfNobody rights;
  EXPECT_EQ(error_for(folder / "closed/out.mp4"),
            "cannot write " + folder / "closed/out.part.mp4" + ": Permission denied");
}

TEST(WriteVideo, TellsWhetherItsOutputIsThere) {
  const TemporaryFolder folder;
  Writer node(folder / "{sequence}.mp4");
  folder.add("a.mp4", "what was there");
  EXPECT_EQ(node.sink().output("a")->path, folder / "a.mp4");
  EXPECT_EQ(node.sink().output("a")->existing, folder / "a.mp4");
  EXPECT_EQ(node.sink().output("b")->path, folder / "b.mp4");
  EXPECT_EQ(node.sink().output("b")->existing, "");
  EXPECT_FALSE(Writer("-").sink().output("a").has_value());
  EXPECT_EQ(error_of([&] { node.sink().output(""); }),
            "`path` is \"" + folder / "{sequence}.mp4" +
                "\", but no source gives the sequence a name\n  replace {sequence} by a name");
}

TEST(WriteVideo, ReplacesAFileWhenItIsFinished) {
  const TemporaryFolder folder;
  const std::string file = folder.add("out.mp4", "what was there");
  Writer node(file);
  node.input("in", grey(0)).run();
  EXPECT_EQ(content_of(file), "what was there");
  node.finish();
  EXPECT_EQ(play(file).frames(), 1);
}

TEST(WriteVideo, EachSequenceHasAFileOfItsOwn) {
  const TemporaryFolder folder;
  Writer node(folder / "{sequence}.mp4");
  for (const int frames : {2, 3}) {
    node.context().set_sequence(text("of_", frames), 0);
    node.input("in", grey(0));
    for (int i = 0; i < frames; ++i) node.run();
    node.finish();
  }
  EXPECT_EQ(play(folder / "of_2.mp4").frames(), 2);
  EXPECT_EQ(play(folder / "of_3.mp4").frames(), 3);
}

TEST(WriteVideo, WhatWasBrokenOffKeepsItsUnfinishedName) {
  const TemporaryFolder folder;
  const std::string file = folder / "out.mp4";
  Writer node(file);
  std::vector<std::string> lines;
  node.context().log().listen([&](const std::string&, const std::string& line) { lines.push_back(line); });
  node.input("in", grey(0)).run().run();
  node.context().set_broken_off(true);
  node.finish();
  EXPECT_THAT(lines, ElementsAre(unfinished(file) + " holds the frames written before the end"));
  EXPECT_EQ(play(unfinished(file)).frames(), 2);
  EXPECT_FALSE(std::filesystem::exists(file));
}

TEST(WriteVideo, RefusesASecondSequence) {
  const TemporaryFolder folder;
  const std::string file = folder / "out.mp4";
  Writer node(file);
  node.input("in", grey(0)).run();
  node.finish();
  EXPECT_EQ(error_of([&] { node.run(); }),
            file +
                " holds one sequence, but a second one has begun\n  write {sequence} in `path`, as in "
                "\"out/{sequence}.mp4\": each sequence then has an output of its own");
  EXPECT_EQ(play(file).frames(), 1);
}

}  // namespace
}  // namespace weft
