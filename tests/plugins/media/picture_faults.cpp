// What media.image_folder says of files that are no pictures, damaged, cut or closed.
#include "tests/plugins/media/files.h"
#include "tests/plugins/media/image_reader.h"

#include <ATen/TensorOperators.h>
#include <ATen/core/Tensor.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <vector>

namespace weft {
namespace {

using testing::bytes_of;
using ::testing::EndsWith;
using testing::error_for;
using testing::error_of;
using testing::grey_pixel;
using testing::Png;
using testing::png_file;
using testing::read_only;
using testing::Reader;
using ::testing::StartsWith;
using testing::TemporaryFolder;

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

TEST(ImageFolder, AByteThatIsWrongIsNotedOrChangesNoPixel) {
  const std::string whole = png_file({.width = 8, .height = 4, .colours = Png::Rgb, .rows = std::string(96, 'x')});
  const std::vector<int> expected = read_only(whole, "a.png");
  const TemporaryFolder folder;
  for (size_t place = 8; place < whole.size(); ++place) {
    std::string damaged = whole;
    damaged[place] = static_cast<char>(damaged[place] ^ 0x10);
    folder.add("a.png", damaged);
    const std::string error =
        error_of([&] { EXPECT_EQ(bytes_of(Reader(folder.path()).run().tensor("image")), expected) << place; });
    EXPECT_NE(error, "") << "the checksum of a chunk covers byte " << place;
  }
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

}  // namespace
}  // namespace weft
