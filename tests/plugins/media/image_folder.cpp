#include "framework/testing/node_runner.h"
#include "tests/plugins/media/files.h"
#include "tests/plugins/media/image_reader.h"

#include <ATen/TensorOperators.h>
#include <ATen/core/Tensor.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <vector>

namespace weft {
namespace {

using ::testing::AllOf;
using testing::bytes_of;
using ::testing::ElementsAre;
using ::testing::EndsWith;
using testing::error_of;
using testing::grey_pixel;
using ::testing::HasSubstr;
using testing::NodeRunner;
using testing::Png;
using testing::png_file;
using testing::read_only;
using testing::Reader;
using ::testing::StartsWith;
using testing::TemporaryFolder;

TEST(ImageFolder, BytesBecomeMinusOneToOne) {
  const TemporaryFolder folder;
  folder.add("a.png", png_file({.width = 3, .rows = std::string("\x00\x80\xff", 3)}));
  const at::Tensor image = Reader(folder.path()).run().tensor("image");
  EXPECT_EQ(image.sizes(), (std::vector<int64_t>{1, 3, 1, 3}));
  EXPECT_EQ(image.scalar_type(), at::kFloat);
  const at::Tensor red = image[0][0][0];
  EXPECT_FLOAT_EQ(red[0].item<float>(), -1);
  EXPECT_FLOAT_EQ(red[1].item<float>(), 128 / 127.5F - 1);
  EXPECT_FLOAT_EQ(red[2].item<float>(), 1);
}

TEST(ImageFolder, EveryKindOfPngBecomesRgb) {
  EXPECT_THAT(read_only(png_file({.colours = Png::Rgb, .rows = "\x01\x02\x03"})), ElementsAre(1, 2, 3));
  // Transparency is dropped: the colour counts although the pixel is invisible.
  EXPECT_THAT(read_only(png_file({.colours = Png::Rgba, .rows = std::string("\x01\x02\x03\x00", 4)})),
              ElementsAre(1, 2, 3));
  EXPECT_THAT(read_only(png_file({.colours = Png::GreyAlpha, .rows = std::string("\x07\x00", 2)})),
              ElementsAre(7, 7, 7));
  EXPECT_THAT(read_only(png_file({.colours = Png::Palette, .rows = "\x01", .palette = "abcdef"})),
              ElementsAre('d', 'e', 'f'));
  // Of 16 bits the upper 8 are taken; 1 bit is black or white.
  EXPECT_THAT(read_only(png_file({.bits = 16, .colours = Png::Rgb, .rows = "\x01\xff\x02\xff\x03\xff"})),
              ElementsAre(1, 2, 3));
  EXPECT_THAT(read_only(png_file({.bits = 16, .rows = "\x12\x34"})), ElementsAre(0x12, 0x12, 0x12));
  EXPECT_THAT(read_only(png_file({.width = 2, .bits = 1, .rows = "\x40"})), ElementsAre(0, 255, 0, 255, 0, 255));
}

TEST(ImageFolder, ReadsJpegWhateverItsName) {
  const TemporaryFolder folder;
  folder.add("a.PNG", testing::jpeg_file(100, 100, 100));
  Reader node(folder.path());
  const at::Tensor image = node.run().tensor("image");
  EXPECT_EQ(image.sizes(), (std::vector<int64_t>{1, 3, 16, 16}));
  for (const int byte : bytes_of(image)) EXPECT_EQ(byte, 100);
}

TEST(ImageFolder, JpegColoursAreRightToRounding) {
  const std::vector<int> bytes = read_only(testing::jpeg_file(200, 30, 90), "a.jpg");
  // The way through YCbCr of 8 bits costs at most 2 levels.
  EXPECT_NEAR(bytes[0], 200, 2);
  EXPECT_NEAR(bytes[256], 30, 2);
  EXPECT_NEAR(bytes[512], 90, 2);
}

TEST(ImageFolder, FramesComeInNaturalOrderWithoutOtherFiles) {
  const TemporaryFolder folder;
  folder.add("frame10.png", grey_pixel(10));
  folder.add("frame2.PNG", grey_pixel(2));
  folder.add("frame1.png", grey_pixel(1));
  folder.add("._frame1.png", "what another system leaves behind");
  folder.add("notes.txt", "not a picture");
  std::filesystem::create_directory(folder / "folder.png");
  Reader node(folder.path());
  for (const int expected : {1, 2, 10}) EXPECT_EQ(bytes_of(node.run().tensor("image"))[0], expected);
  EXPECT_FALSE(node.run().has_values());
  EXPECT_EQ(node.source().frames(), 3);
}

TEST(ImageFolder, StartAndStopCutOutARange) {
  const TemporaryFolder folder;
  for (int i = 0; i < 6; ++i) folder.add(text(i, ".png"), grey_pixel(static_cast<uint8_t>(i)));
  Reader node(folder.path());
  node.set("start", int64_t{1}).set("stop", int64_t{4});
  EXPECT_EQ(node.source().frames(), 3);
  EXPECT_TRUE(node.source().skip(node.context()));
  EXPECT_EQ(bytes_of(node.run().tensor("image"))[0], 2);
  EXPECT_EQ(bytes_of(node.run().tensor("image"))[0], 3);
  EXPECT_FALSE(node.run().has_values());
  EXPECT_FALSE(node.source().skip(node.context()));
}

TEST(ImageFolder, IsOneSequenceWithTheNameOfTheFolder) {
  const TemporaryFolder folder;
  folder.add("a.png", grey_pixel(1));
  const auto node = NodeRunner::built_plugins().make("media.image_folder");
  NodeRunner runner("media.image_folder");
  node->configure({{"path", folder.path() + "/"}});
  EXPECT_EQ(node->as_source()->next_sequence(runner.context()), std::filesystem::path(folder.path()).filename());
  EXPECT_EQ(node->as_source()->next_sequence(runner.context()), std::nullopt);
}

TEST(ImageFolder, SizeIsHeightAndWidth) {
  const TemporaryFolder folder;
  folder.add("a.png", png_file({.width = 2, .height = 2, .rows = "\x01\x02\x03\x04"}));
  Reader node(folder.path());
  node.set("size", std::vector<int64_t>{2, 4}).set("filter", std::string("nearest"));
  const at::Tensor image = node.run().tensor("image");
  EXPECT_EQ(image.sizes(), (std::vector<int64_t>{1, 3, 2, 4}));
  EXPECT_THAT(bytes_of(image[0][0]), ElementsAre(1, 1, 2, 2, 3, 3, 4, 4));
}

TEST(ImageFolder, ScaleTakesTheSizeFromTheFirstFrame) {
  const TemporaryFolder folder;
  folder.add("1.png", png_file({.width = 100, .height = 50, .rows = std::string(5000, '\x40')}));
  folder.add("2.png", png_file({.width = 50, .height = 50, .rows = std::string(2500, '\x40')}));
  Reader node(folder.path());
  node.set("scale", std::string("width")).set("load_size", int64_t{128});
  for (int i = 0; i < 2; ++i) EXPECT_EQ(node.run().tensor("image").sizes(), (std::vector<int64_t>{1, 3, 64, 128}));
}

/// What the check would know of the frames' height and width.
std::pair<std::optional<Dim>, std::optional<Dim>> shape_for(const ParamValues& params) {
  Shapes shapes;
  NodeRunner("media.image_folder").spec().shape(params, shapes);
  return {shapes.find("H"), shapes.find("W")};
}

TEST(ImageFolder, TheCheckKnowsTheSizeWhereParametersSayIt) {
  using Known = std::pair<std::optional<Dim>, std::optional<Dim>>;
  const std::string path = "somewhere";
  EXPECT_EQ(shape_for({{"path", path}}), Known());
  EXPECT_EQ(shape_for({{"path", path}, {"size", std::vector<int64_t>{256, 512}}}), Known(256, 512));
  const ParamValue load_size = int64_t{500};  // 15.6 times 32 becomes 16 times
  EXPECT_EQ(shape_for({{"path", path}, {"scale", std::string("resize")}, {"load_size", load_size}}), Known(512, 512));
  EXPECT_EQ(shape_for({{"path", path}, {"scale", std::string("width")}, {"load_size", load_size}}),
            Known(std::nullopt, 512));
  EXPECT_EQ(shape_for({{"path", path}, {"scale", std::string("height")}, {"load_size", load_size}}),
            Known(512, std::nullopt));
}

TEST(ImageFolder, RefusesFramesOfAnotherSizeBeforeTheFirst) {
  const TemporaryFolder folder;
  folder.add("1.png", grey_pixel(1));
  folder.add("2.jpg", testing::jpeg_file(1, 1, 1));
  folder.add("3.png", png_file({.width = 2, .rows = "ab"}));
  Reader node(folder.path());
  EXPECT_EQ(error_of([&] { node.node(); }),
            text("frames differ in size: ", folder / "2.jpg", " is 16x16, but ", folder / "1.png",
                 " is 1x1\n  `size = [height, width]` resizes all to one size"));
  Reader resized(folder.path());
  resized.set("size", std::vector<int64_t>{8, 8});
  for (int i = 0; i < 3; ++i) EXPECT_TRUE(resized.run().has_values());
}

TEST(ImageFolder, RefusesWhatIsNoFolderOfPictures) {
  const TemporaryFolder folder;
  EXPECT_EQ(
      error_of([&] { Reader(folder / "nowhere").run(); }),
      "there is no folder " + folder / "nowhere" +
          "\n  a path in a graph file is relative to that file, a path on the command line to the working directory");
  const auto has_none = [&](const std::string& what) {
    return AllOf(
        StartsWith("the folder " + folder.path() + " has no pictures\n  looked for files with the ending .png, "),
        EndsWith("\n  it " + what));
  };
  EXPECT_THAT(error_of([&] { Reader(folder.path()).run(); }), has_none("is empty"));
  const std::string file = folder.add("notes.txt", "x");
  EXPECT_EQ(error_of([&] { Reader(file).run(); }),
            file + " is a file, but a folder of pictures is wanted\n  give the folder that contains it");
  EXPECT_THAT(error_of([&] { Reader(folder.path()).run(); }), has_none("has \"notes.txt\""));
  std::filesystem::create_directories(folder / "clips/first");
  EXPECT_THAT(error_of([&] { Reader(folder / "clips").run(); }),
              HasSubstr("it has only folders without such files: \"first\""));
}

TEST(ImageFolder, RefusesARangeBeyondTheEnd) {
  const TemporaryFolder folder;
  folder.add("a.png", grey_pixel(1));
  EXPECT_EQ(error_of([&] { Reader(folder.path()).set("start", int64_t{1}).run(); }),
            "the folder " + folder.path() + " has 1 frame, but `start` is 1\n  frames are counted from 0");
}

TEST(ImageFolder, RefusesParametersThatContradictEachOther) {
  const auto error_with = [](const ParamValues& params) {
    Shapes shapes;
    return error_of([&] { NodeRunner("media.image_folder").spec().shape(params, shapes); });
  };
  const ParamValue size = std::vector<int64_t>{8, 8}, width = std::string("width"), load_size = int64_t{8};
  EXPECT_EQ(error_with({{"size", size}, {"scale", width}, {"load_size", load_size}}),
            "`size` and `scale` are both given, but each determines the size of the frames\n  leave one out");
  EXPECT_THAT(error_with({{"scale", width}}), StartsWith("`scale` needs `load_size`"));
  EXPECT_THAT(error_with({{"load_size", load_size}}), StartsWith("`load_size` is given, but `scale` does not use it"));
}

TEST(ImageFolder, ASetGivesAllPicturesAtOnce) {
  const TemporaryFolder folder;
  for (uint8_t value : {30, 10, 20}) folder.add(text(static_cast<int>(value), ".png"), grey_pixel(value));
  NodeRunner set("media.image_set");
  set.set("path", folder.path()).run();
  EXPECT_EQ(set.tensor("images").sizes(), (std::vector<int64_t>{3, 3, 1, 1}));
  EXPECT_THAT(bytes_of(set.tensor("images")), ElementsAre(10, 10, 10, 20, 20, 20, 30, 30, 30));
  EXPECT_FALSE(set.run().has_values());

  NodeRunner labels("media.label_set");
  labels.set("path", folder.path()).run();
  EXPECT_EQ(labels.tensor("labels").sizes(), (std::vector<int64_t>{3, 1, 1, 1}));
  EXPECT_EQ(labels.tensor("labels")[2].item<int64_t>(), 30);
  EXPECT_FALSE(labels.run().has_values());
}

TEST(ImageFolder, ASetOfPicturesOfTwoSizesIsRefused) {
  const TemporaryFolder folder;
  folder.add("a.png", grey_pixel(1));
  folder.add("b.png", png_file({.width = 2, .rows = std::string(2, '\1')}));
  NodeRunner set("media.image_set");
  set.set("path", folder.path());
  EXPECT_THAT(error_of([&] { set.run(); }), HasSubstr("b.png"));
}

}  // namespace
}  // namespace weft
