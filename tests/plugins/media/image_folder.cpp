#include "framework/testing/node_runner.h"
#include "tests/plugins/media/files.h"

#include <ATen/TensorOperators.h>
#include <ATen/core/Tensor.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <vector>

namespace weft {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::EndsWith;
using testing::error_of;
using testing::grey_pixel;
using ::testing::HasSubstr;
using testing::NodeRunner;
using testing::Png;
using testing::png_file;
using ::testing::StartsWith;
using testing::TemporaryFolder;

struct Reader : NodeRunner {
  explicit Reader(const std::string& folder) : NodeRunner("media.image_folder") { set("path", folder); }
};

/// The bytes that an image in [-1, 1] came from, as a flat list in the order of its channels.
std::vector<int> bytes_of(const at::Tensor& image) {
  const at::Tensor bytes = ((image + 1) * 127.5).round().flatten().to(at::kInt);
  return {bytes.const_data_ptr<int>(), bytes.const_data_ptr<int>() + bytes.numel()};
}

/// The bytes of the only frame in a folder that holds `content`.
std::vector<int> read_only(const std::string& content, const std::string& name = "a.png") {
  const TemporaryFolder folder;
  folder.add(name, content);
  return bytes_of(Reader(folder.path()).run().tensor("image"));
}

/// The error that comes of a folder that holds `content`.
std::string error_for(const std::string& content, const std::string& name = "a.png") {
  const TemporaryFolder folder;
  folder.add(name, content);
  const std::string error = error_of([&] { Reader(folder.path()).run(); });
  // Names of temporary folders differ from run to run.
  return error.starts_with(folder.path()) ? error.substr(folder.path().size() + 1) : error;
}

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
  EXPECT_EQ(node.node().frames(), 3);
}

TEST(ImageFolder, StartAndStopCutOutARange) {
  const TemporaryFolder folder;
  for (int i = 0; i < 6; ++i) folder.add(text(i, ".png"), grey_pixel(static_cast<uint8_t>(i)));
  Reader node(folder.path());
  node.set("start", int64_t{1}).set("stop", int64_t{4});
  EXPECT_EQ(node.node().frames(), 3);
  EXPECT_TRUE(node.node().skip(node.context()));
  EXPECT_EQ(bytes_of(node.run().tensor("image"))[0], 2);
  EXPECT_EQ(bytes_of(node.run().tensor("image"))[0], 3);
  EXPECT_FALSE(node.run().has_values());
  EXPECT_FALSE(node.node().skip(node.context()));
}

TEST(ImageFolder, IsOneSequenceWithTheNameOfTheFolder) {
  const TemporaryFolder folder;
  folder.add("a.png", grey_pixel(1));
  const auto node = NodeRunner::built_plugins().make("media.image_folder");
  NodeRunner runner("media.image_folder");
  node->configure({{"path", folder.path() + "/"}});
  EXPECT_EQ(node->next_sequence(runner.context()), std::filesystem::path(folder.path()).filename());
  EXPECT_EQ(node->next_sequence(runner.context()), std::nullopt);
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

TEST(ImageFolder, RefusesFilesThatAreNotPictures) {
  EXPECT_EQ(error_for(""), "a.png is empty: it has 0 bytes");
  EXPECT_EQ(error_for("hello, this is text"),
            "a.png is no picture that can be read, although its name says so\n  convert it to PNG, or remove it from "
            "the folder");
  EXPECT_EQ(error_for(testing::cmyk_jpeg_file(), "a.jpg"),
            "a.jpg is a CMYK JPEG, for printing\n  convert it to RGB first");
  const std::string huge = png_file({.width = 20000, .height = 20000, .rows = std::string(20000, 'x')});
  EXPECT_EQ(error_for(huge), "a.png claims to have 20000x20000 pixels; at most 100 million are read");
}

/// A zlib stream of so many bytes, all the same, as small as it can be: runs of 258 in 13 bits.
std::string packed_run(size_t bytes) {
  std::string stream = "\x78\x9c";
  unsigned held = 0, count = 0;
  const auto put = [&](unsigned code, unsigned bits) {  // the first bit of a code is its highest
    while (bits-- > 0) {
      held |= (code >> bits & 1U) << count;
      if (++count < 8) continue;
      stream += static_cast<char>(held);
      held = count = 0;
    }
  };
  put(0b110, 3);             // the last block, of fixed codes
  put(0b00110000 + 'x', 8);  // an x
  for (size_t i = 0; i < bytes / 258; ++i) put(0b1100010100000, 13);
  put(0, 7 + 8);
  return stream + std::string(4, '\0');
}

TEST(ImageFolder, RefusesAPngThatUnpacksToAnyAmount) {
  EXPECT_EQ(error_for(png_file({.rows = "x", .profile = packed_run(40'000'000)})),
            "a.png is not a sound PNG: reached chunk/cache limits");
}

TEST(ImageFolder, RefusesFilesThatAreNoneWithoutWaiting) {
  const TemporaryFolder folder;
  folder.add("1.png", grey_pixel(1));
  ASSERT_EQ(mkfifo((folder / "2.png").c_str(), 0600), 0);
  EXPECT_EQ(error_of([&] { Reader(folder.path()).run(); }),
            "cannot read " + folder / "2.png" + ": it is a pipe, not an ordinary file");
  std::filesystem::remove(folder / "2.png");
  std::filesystem::resize_file(folder.add("2.png", "\x89PNG\r\n\x1a\n"), 2'000'000'000'000);
  Reader node(folder.path());
  node.set("size", std::vector<int64_t>{1, 1}).run();
  EXPECT_EQ(error_of([&] { node.run(); }), folder / "2.png" +
                                               " has 2.0 TB, which is too large for what it should be\n"
                                               "  such files have at most 1.0 GB");
}

TEST(ImageFolder, RefusesAPictureThatChangesItsSizeHalfWay) {
  const TemporaryFolder folder;
  folder.add("1.png", grey_pixel(1));
  folder.add("2.png", grey_pixel(2));
  Reader node(folder.path());
  node.run();
  folder.add("2.png", png_file({.width = 2, .rows = "ab"}));
  EXPECT_EQ(error_of([&] { node.run(); }),
            text("frames differ in size: ", folder / "2.png", " is 2x1, but ", folder / "1.png",
                 " is 1x1\n  `size = [height, width]` resizes all to one size"));
}

TEST(ImageFolder, DamagedPixelsAreNotedEvenWhereTheSizeFits) {
  std::string png = png_file({.width = 8, .rows = "abcdefgh"});
  png[png.find("abcd")] = 'x';
  EXPECT_THAT(error_for(png), StartsWith("a.png is not a sound PNG: "));
}

/// Cuts `whole` at every place: the frame is the same as of the whole file, or there is one error that names
/// the file.
void cut_everywhere(const std::string& whole, const std::string& name) {
  const std::vector<int> expected = read_only(whole, name);
  size_t refused = 0;
  const TemporaryFolder folder;
  for (size_t size = 0; size < whole.size(); ++size) {
    folder.add(name, std::string_view(whole).substr(0, size));
    const std::string error =
        error_of([&] { EXPECT_EQ(bytes_of(Reader(folder.path()).run().tensor("image")), expected); });
    if (error.empty()) continue;
    ++refused;
    EXPECT_THAT(error, StartsWith(folder / name)) << "cut at " << size;
  }
  EXPECT_GT(refused, whole.size() / 2);
}

TEST(ImageFolder, FilesCutShortAreCalledSo) {
  const std::string png = png_file({.width = 8, .height = 4, .colours = Png::Rgb, .rows = std::string(96, 'x')});
  const std::string jpeg = testing::jpeg_file(1, 2, 3);
  EXPECT_EQ(error_for(png.substr(0, png.size() / 2)), "a.png is cut short: the picture is not whole");
  EXPECT_EQ(error_for(jpeg.substr(0, jpeg.size() - 2)), "a.png is cut short: the picture is not whole");
  EXPECT_EQ(error_for(jpeg.substr(0, 20)), "a.png is cut short: the picture is not whole");
  // Within the header the library finds other words for it.
  EXPECT_THAT(error_for(jpeg.substr(0, jpeg.size() - 20)),
              ::testing::EndsWith("\n  it does not end as JPEG files do, so it may have been cut short"));
}

TEST(ImageFolder, FilesCutShortAreRefusedWhereverTheyEnd) {
  cut_everywhere(png_file({.width = 8, .height = 4, .colours = Png::Rgb, .rows = std::string(96, 'x')}), "a.png");
  cut_everywhere(testing::jpeg_file(1, 2, 3), "a.jpg");
}

TEST(ImageFolder, AFileThatVanishesIsNamed) {
  const TemporaryFolder folder;
  folder.add("1.png", grey_pixel(1));
  const std::string second = folder.add("2.png", grey_pixel(2));
  Reader node(folder.path());
  node.run();
  std::filesystem::remove(second);
  EXPECT_EQ(error_of([&] { node.run(); }), "cannot read " + second + ": No such file or directory");
}

TEST(ImageFolder, MissingRightsAreNamed) {
  const TemporaryFolder folder;
  const std::string file = folder.add("a.png", grey_pixel(1));
  std::filesystem::permissions(file, std::filesystem::perms::none);
  Reader node(folder.path());
  std::filesystem::create_directory(folder / "closed");
  std::filesystem::permissions(folder / "closed", std::filesystem::perms::none);
  const testing::RightsOfNobody rights;
  EXPECT_EQ(error_of([&] { node.run(); }), "cannot read " + file + ": Permission denied");
  EXPECT_EQ(error_of([&] { Reader(folder / "closed").run(); }),
            "cannot read the folder " + folder / "closed" + ": Permission denied");
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
