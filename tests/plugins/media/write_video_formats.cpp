// Colours, rates and formats of written videos.
#include "framework/testing/node_runner.h"
#include "plugins/media/mp4_index.h"
#include "tests/plugins/media/files.h"
#include "tests/plugins/media/film.h"
#include "tests/plugins/media/writer.h"

#include <ATen/TensorOperators.h>
#include <ATen/ops/arange.h>
#include <ATen/ops/cat.h>
#include <ATen/ops/rand.h>
#include <ATen/ops/zeros.h>
#include <gtest/gtest.h>

#include <array>

namespace weft {
namespace {

using testing::error_of;
using testing::Film;
using testing::grey;
using testing::NodeRunner;
using testing::play;
using testing::TemporaryFolder;
using testing::Writer;

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
  node.sink().finish(node.context());
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
      node.sink().finish(node.context());
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
  node.sink().finish(node.context());
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
    node.sink().finish(node.context());
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
