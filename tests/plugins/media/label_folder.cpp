#include "framework/testing/node_runner.h"
#include "tests/plugins/media/files.h"

#include <ATen/core/Tensor.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <vector>

namespace weft {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::EndsWith;
using testing::error_of;
using testing::NodeRunner;
using testing::Png;
using testing::png_file;
using ::testing::StartsWith;
using testing::TemporaryFolder;

struct Reader : NodeRunner {
  explicit Reader(const std::string& folder, const std::string& type = "media.label_folder") : NodeRunner(type) {
    set("path", folder);
  }
};

std::vector<int64_t> ids_of(const at::Tensor& labels) {
  EXPECT_EQ(labels.scalar_type(), at::kLong);
  const at::Tensor flat = labels.flatten();
  return {flat.const_data_ptr<int64_t>(), flat.const_data_ptr<int64_t>() + flat.numel()};
}

std::vector<int64_t> read_only(const Png& png) {
  const TemporaryFolder folder;
  folder.add("a.png", png_file(png));
  return ids_of(Reader(folder.path()).run().tensor("labels"));
}

std::string error_for(const std::string& content) {
  const TemporaryFolder folder;
  folder.add("a.png", content);
  const std::string error = error_of([&] { Reader(folder.path()).run(); });
  return error.starts_with(folder.path()) ? error.substr(folder.path().size() + 1) : error;
}

TEST(LabelFolder, ValuesAreTheIds) {
  EXPECT_THAT(read_only({.width = 3, .rows = std::string("\x00\x1a\xff", 3)}), ElementsAre(0, 26, 255));
  EXPECT_THAT(read_only({.width = 2, .bits = 16, .rows = "\x65\x91\xff\xfe"}), ElementsAre(26001, 65534));
  // Few bits are not spread over the range, as a viewer would do it: they are ids too.
  EXPECT_THAT(read_only({.width = 3, .height = 2, .bits = 4, .rows = "\x1f\x20\x30\x40"}),
              ElementsAre(1, 15, 2, 3, 0, 4));
  EXPECT_THAT(read_only({.width = 4, .bits = 2, .rows = "\x1b"}), ElementsAre(0, 1, 2, 3));
  EXPECT_THAT(read_only({.width = 9, .bits = 1, .rows = "\x41\x80"}), ElementsAre(0, 1, 0, 0, 0, 0, 0, 1, 1));
}

TEST(LabelFolder, IndicesOfAPaletteAreTheIds) {
  EXPECT_THAT(
      read_only({.width = 3, .colours = Png::Palette, .rows = std::string("\x02\x00\x01", 3), .palette = "abcdefghi"}),
      ElementsAre(2, 0, 1));
  EXPECT_THAT(read_only({.width = 2, .bits = 4, .colours = Png::Palette, .rows = "\x10", .palette = "abcdef"}),
              ElementsAre(1, 0));
}

TEST(LabelFolder, EqualChannelsAreIdsAndTransparencyDoesNotCount) {
  EXPECT_THAT(read_only({.width = 2, .colours = Png::Rgb, .rows = "\x07\x07\x07\x09\x09\x09"}), ElementsAre(7, 9));
  EXPECT_THAT(read_only({.colours = Png::Rgba, .rows = "\x07\x07\x07\x01"}), ElementsAre(7));
  EXPECT_THAT(read_only({.width = 2, .colours = Png::GreyAlpha, .rows = "\x07\x01\x09\xff"}), ElementsAre(7, 9));
  EXPECT_THAT(read_only({.bits = 16, .colours = Png::Rgb, .rows = "\xff\x02\xff\x02\xff\x02"}), ElementsAre(0xff02));
  EXPECT_THAT(read_only({.bits = 16, .colours = Png::GreyAlpha, .rows = "\xff\x02\x01\x01"}), ElementsAre(0xff02));
}

TEST(LabelFolder, ShapeIsThatOfAMap) {
  const TemporaryFolder folder;
  folder.add("a.png", png_file({.width = 3, .height = 2, .rows = "abcdef"}));
  EXPECT_EQ(Reader(folder.path()).run().tensor("labels").sizes(), (std::vector<int64_t>{1, 1, 2, 3}));
}

TEST(LabelFolder, AnotherSizeTakesTheNearestPixels) {
  const TemporaryFolder folder;
  // The middles of the two halves of four pixels lie on the second and the fourth.
  folder.add("a.png", png_file({.width = 4, .bits = 16, .rows = std::string("\x00\x01\xff\x02\x00\x03\xff\x04", 8)}));
  Reader node(folder.path());
  node.set("size", std::vector<int64_t>{1, 2});
  EXPECT_THAT(ids_of(node.run().tensor("labels")), ElementsAre(0xff02, 0xff04));
}

TEST(LabelFolder, RefusesWhatCannotHoldIds) {
  const std::string hint =
      "\n  `palette` or `palette_file` says which class has which colour; `weft data palette` writes such a file; else "
      "give grey PNGs, or PNGs with indices";
  for (const Png& png : {Png{.colours = Png::Rgb, .rows = "aba"}, Png{.colours = Png::Rgba, .rows = "aabd"}})
    EXPECT_EQ(error_for(png_file(png)), "a.png holds colours, but ids are one number a pixel" + hint);
  EXPECT_EQ(
      error_for(testing::jpeg_file(1, 1, 1)),
      "a.png is a JPEG, which changes numbers, so it cannot hold ids\n  give the PNG files that it was made from");
  EXPECT_THAT(error_for("text"), StartsWith("a.png is no picture that can be read"));
}

TEST(LabelFolder, FoldersOfJpegsAreNamedForWhatTheyLack) {
  const TemporaryFolder folder;
  folder.add("a.jpg", testing::jpeg_file(1, 1, 1));
  EXPECT_THAT(
      error_of([&] { Reader(folder.path()).run(); }),
      AllOf(StartsWith("the folder " + folder.path() + " has no pictures\n  looked for files with the ending .png"),
            EndsWith("\n  it has \"a.jpg\"")));
}

TEST(LabelFolder, PaintedLabelsBecomeIds) {
  const TemporaryFolder folder;
  std::filesystem::create_directories(folder / "maps");
  folder.add("maps/a.png", png_file({.width = 2, .colours = Png::Rgb, .rows = "\x80\x40\x80\xf4\x23\xe8"}));
  Reader named(folder / "maps");
  named.set("palette", std::string("cityscapes"));
  EXPECT_THAT(ids_of(named.run().tensor("labels")), ElementsAre(7, 8));
  Reader own(folder / "maps");
  own.set("palette_file", folder.add("own.toml", "[colours]\n3 = \"#804080\"\n1 = \"#f423e8\"\n"));
  EXPECT_THAT(ids_of(own.run().tensor("labels")), ElementsAre(3, 1));
  Reader both(folder / "maps");
  both.set("palette", std::string("camvid")).set("palette_file", folder / "own.toml");
  EXPECT_EQ(error_of([&] { both.run(); }), "`palette` and `palette_file` are both given\n  leave one out");
}

TEST(InstanceFolder, ReadsIdsOf16Bits) {
  const TemporaryFolder folder;
  folder.add("a.png", png_file({.width = 2, .bits = 16, .rows = std::string("\x65\x91\x00\x07", 4)}));
  Reader node(folder.path(), "media.instance_folder");
  EXPECT_THAT(ids_of(node.run().tensor("instances")), ElementsAre(26001, 7));
  EXPECT_FALSE(node.run().has_values());
}

}  // namespace
}  // namespace weft
