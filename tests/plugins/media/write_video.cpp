#include "framework/testing/node_runner.h"
#include "plugins/media/mp4_index.h"
#include "tests/plugins/media/files.h"
#include "tests/plugins/media/film.h"

#include <ATen/TensorOperators.h>
#include <ATen/ops/arange.h>
#include <ATen/ops/cat.h>
#include <ATen/ops/full.h>
#include <ATen/ops/rand.h>
#include <ATen/ops/zeros.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>

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
using testing::NodeRunner;
using ::testing::Not;
using testing::play;
using testing::TemporaryFolder;

struct Writer : NodeRunner {
  /// The fastest preset looks ahead at nothing.
  explicit Writer(const std::string& file) : NodeRunner("media.write_video") {
    set("path", file).set("preset", std::string("ultrafast"));
  }
  void finish() { node().finish(context()); }
};

/// What a video is called until it is finished.
std::string unfinished(const std::string& file) {
  return file.substr(0, file.size() - 4) + ".part" + file.substr(file.size() - 4);
}

at::Tensor grey(double value, int64_t height = 32, int64_t width = 48) {
  return at::full({1, 3, height, width}, value);
}

/// Something that does not get small.
at::Tensor noise() {
  return at::rand({1, 3, 64, 64}) * 2 - 1;
}

TEST(WriteVideo, AllFramesComeBackInOrder) {
  const TemporaryFolder folder;
  const std::string file = folder / "made/on the way/out.mp4";
  NodeRunner node("media.write_video");
  node.set("path", file);
  for (int i = 0; i < 40; ++i) node.input("in", grey(i / 20.0 - 1)).run();
  node.node().finish(node.context());
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
  EXPECT_EQ(node.node().output("a")->path, folder / "a.mp4");
  EXPECT_EQ(node.node().output("a")->existing, folder / "a.mp4");
  EXPECT_EQ(node.node().output("b")->path, folder / "b.mp4");
  EXPECT_EQ(node.node().output("b")->existing, "");
  EXPECT_FALSE(Writer("-").node().output("a").has_value());
  EXPECT_EQ(error_of([&] { node.node().output(""); }),
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

/// Reads a video back.
std::vector<at::Tensor> frames_of(const std::string& file) {
  NodeRunner reader("media.video");
  reader.set("path", file);
  std::vector<at::Tensor> frames;
  while (reader.run().has_values()) frames.push_back(reader.tensor("image"));
  return frames;
}

/// Flat patches of 16x16 in colours of all corners of the cube and some between; the last row is a ramp of grey.
at::Tensor patches() {
  at::Tensor image = at::zeros({1, 3, 48, 144});
  for (int i = 0; i < 27; ++i) {
    for (int channel = 0; channel < 3; ++channel) {
      const int step = channel == 0 ? i % 3 : channel == 1 ? i / 3 % 3 : i / 9;
      image.select(0, 0)
          .select(0, channel)
          .slice(0, i / 9 * 16, i / 9 * 16 + 16)
          .slice(1, i % 9 * 16, i % 9 * 16 + 16)
          .fill_((std::array{0, 128, 255}[static_cast<size_t>(step)] / 255.0 - 0.5) / 0.5);
    }
  }
  return image;
}

TEST(WriteVideo, LosslessFramesComeBackToTheBit) {
  const TemporaryFolder folder;
  NodeRunner node("media.write_video");
  node.set("path", folder / "out.mkv").set("fps", std::string("30000/1001"));
  // Bytes as they are read from a file; odd sides stay odd.
  std::vector<at::Tensor> given;
  for (int i = 0; i < 5; ++i) {
    given.push_back(((at::rand({1, 3, 33, 17}) * 256).floor().clamp(0, 255) / 255 - 0.5) / 0.5);
    node.input("in", given.back()).run();
  }
  node.node().finish(node.context());
  const std::vector<at::Tensor> read = frames_of(folder / "out.mkv");
  ASSERT_EQ(read.size(), 5);
  for (size_t i = 0; i < 5; ++i) EXPECT_TRUE(read[i].equal(given[i])) << i;
}

TEST(WriteVideo, ColoursOfH264ComeBack) {
  const TemporaryFolder folder;
  Writer node(folder / "out.mp4");
  node.set("quality", 1.0);
  for (int i = 0; i < 3; ++i) node.input("in", patches()).run();
  node.finish();
  const std::vector<at::Tensor> read = frames_of(folder / "out.mp4");
  ASSERT_EQ(read.size(), 3);
  // Inside of the patches, where chroma of half size is that of one colour: two roundings to 8 bits and the codec.
  const at::Tensor given = patches();
  for (int i = 0; i < 27; ++i) {
    const auto inside = [&](const at::Tensor& image) {
      return image.slice(2, i / 9 * 16 + 6, i / 9 * 16 + 10).slice(3, i % 9 * 16 + 6, i % 9 * 16 + 10);
    };
    EXPECT_LT((inside(read[1]) - inside(given)).abs().max().item<float>() * 127.5, 5) << "patch " << i;
  }
}

TEST(WriteVideo, RatesAreExact) {
  const TemporaryFolder folder;
  for (const char* ending : {".mp4", ".mkv"}) {
    for (const std::string rate : {"30000/1001", "24000/1001", "25", "7/2"}) {
      NodeRunner node("media.write_video");
      const std::string file = folder / text("of_", Fraction::parse(rate)->value(), ending);
      node.set("path", file).set("fps", rate);
      for (int i = 0; i < 30; ++i) node.input("in", grey(i / 20.0 - 1)).run();
      node.node().finish(node.context());
      EXPECT_DOUBLE_EQ(play(file).frames_per_second, Fraction::parse(rate)->value()) << file;
      EXPECT_EQ(frames_of(file).size(), 30) << file;
    }
  }
}

TEST(WriteVideo, GifKeepsFewColoursAndComesNearMany) {
  const TemporaryFolder folder;
  NodeRunner node("media.write_video");
  node.set("path", folder / "out.gif").set("fps", int64_t{10});
  const at::Tensor few = patches();
  // A smooth ramp in two colours, 9000 of them.
  const at::Tensor x = at::arange(144).view({1, 1, 1, 144}).expand({1, 1, 48, 144}) / 72.0 - 1;
  const at::Tensor y = at::arange(48).view({1, 1, 48, 1}).expand({1, 1, 48, 144}) / 24.0 - 1;
  const at::Tensor many = at::cat({x, y, -x}, 1);
  node.input("in", few).run().input("in", many).run().input("in", few).run();
  node.node().finish(node.context());
  const std::vector<at::Tensor> read = frames_of(folder / "out.gif");
  ASSERT_EQ(read.size(), 3);
  const auto levels = [](const at::Tensor& image) { return ((image + 1) * 127.5).round(); };
  EXPECT_TRUE(levels(read[0]).equal(levels(few))) << "27 colours fit";
  EXPECT_TRUE(levels(read[2]).equal(levels(few)));
  // Means of 8x8: the dither's 64 thresholds cancel; what is left are half steps of the lookup.
  const auto means = [](const at::Tensor& image) { return image.reshape({3, 6, 8, 18, 8}).mean({2, 4}); };
  EXPECT_LT((means(read[1]) - means(many)).abs().max().item<float>() * 127.5, 8);
}

TEST(WriteVideo, RefusesWhatAFormatDoesNotHave) {
  const TemporaryFolder folder;
  NodeRunner fast("media.write_video");
  fast.set("path", folder / "out.gif").set("fps", int64_t{60}).input("in", grey(0));
  EXPECT_EQ(error_of([&] { fast.run(); }),
            "`fps` is 60, but GIF shows at most 50 frames a second\n  let `path` end in .mp4");
  NodeRunner good("media.write_video");
  good.set("path", folder / "out.mkv").set("quality", 3.0).input("in", grey(0));
  EXPECT_EQ(error_of([&] { good.run(); }), "`quality` is given, but " + folder / "out.mkv" +
                                               " is no .mp4, .mov or .webm\n  remove it, or let `path` end in .mp4");
}

TEST(WriteVideo, EachEndingGivesItsFormat) {
  const TemporaryFolder folder;
  for (const char* name : {"a.mov", "b.webm", "c.MP4", "d.Mov", "e.MKV"}) {
    const std::string file = folder / name;
    NodeRunner node("media.write_video");
    node.set("path", file);
    for (int i = 0; i < 20; ++i) node.input("in", grey(i / 10.0 - 1)).run();
    node.node().finish(node.context());
    const Film film = play(file);
    ASSERT_EQ(film.frames(), 20) << name;
    if (film.middles[0].empty()) continue;  // .mkv is not stored so
    for (size_t i = 0; i < 20; ++i) {
      // Of 0 to 1, limited range has 16 to 235.
      EXPECT_NEAR(film.middles[i][0], 16 + 219 * static_cast<double>(i) / 20, 2) << name << ", frame " << i;
    }
  }
}

TEST(WriteVideo, CheckKnowsWhatCannotBeWritten) {
  const auto error_with = [](const ParamValues& params) {
    Shapes shapes;
    return error_of([&] { NodeRunner("media.write_video").spec().shape(params, shapes); });
  };
  EXPECT_EQ(error_with({{"path", std::string("out.avi")}}),
            "`path` is \"out.avi\", whose ending is not a video format that weft writes\n"
            "  use .mp4 or .mov (H.264), .webm (VP9), .mkv (FFV1, lossless) or .gif");
  EXPECT_EQ(error_with({{"path", std::string("out.mp4")}, {"quality", 60.0}}),
            "`quality` is 60, but of H.264 51 is the worst");
  EXPECT_EQ(error_with({{"path", std::string("out.webm")}, {"quality", 60.0}}), "");
}

TEST(WriteVideo, WithoutFramesThereIsNoFile) {
  const TemporaryFolder folder;
  Writer node(folder / "out.mp4");
  node.finish();
  EXPECT_FALSE(std::filesystem::exists(folder / "out.mp4"));
}

}  // namespace
}  // namespace weft
