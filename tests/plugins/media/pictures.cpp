// Pictures that are no PNG, and photographs that were not held upright.
#include "framework/testing/node_runner.h"
#include "tests/plugins/media/ffmpeg.h"
#include "tests/plugins/media/files.h"

#include <ATen/TensorOperators.h>
#include <ATen/core/Tensor.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>
#include <filesystem>

namespace weft::testing {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

at::Tensor read_images(const std::string& folder) {
  return NodeRunner("media.image_folder").set("path", folder).run().tensor("image");
}

class Pictures : public ::testing::Test {
 protected:
  void SetUp() override {
    if (!has_ffmpeg()) GTEST_SKIP() << "there is no ffmpeg";
    std::filesystem::create_directories(folder_ / "in");
  }

  /// A file of the film's first frame.
  std::string make(const std::string& name, std::vector<std::string> arguments = {}) const {
    arguments.insert(arguments.end(), {"-frames:v", "1"});
    const std::string file = folder_ / ("in/" + name);
    EXPECT_EQ(film_.write(file, arguments), "");
    return file;
  }

  /// The corners of the film that are seen in the corners of an image: 0 to 3, from left to right, then below.
  static std::vector<int> corners_of(const at::Tensor& image) {
    std::vector<int> corners;
    for (const bool is_below : {false, true}) {
      for (const bool is_right : {false, true}) {
        const auto seen = colour_at(image, is_below ? image.size(2) - 8 : 8, is_right ? image.size(3) - 8 : 8);
        for (int corner = 0; corner < 4; ++corner) {
          const TestFilm::Colour& colour = TestFilm::kCorners[static_cast<size_t>(corner)];
          const bool is_it = std::abs(seen[0] - colour[0]) < 8 && std::abs(seen[1] - colour[1]) < 8;
          if (is_it) corners.push_back(corner);
        }
      }
    }
    return corners;
  }

  const TemporaryFolder folder_;
  const TestFilm film_{folder_};
};

TEST_F(Pictures, OfEachFormatGiveTheirPixels) {
  make("reference.png");
  const at::Tensor reference = read_images(folder_ / "in");
  for (const char* name : {"a.bmp", "a.ppm", "a.tif", "a.tiff", "a.webp"}) {
    std::filesystem::remove_all(folder_ / "in");
    std::filesystem::create_directories(folder_ / "in");
    const bool is_webp = std::string(name) == "a.webp";
    make(name, is_webp ? std::vector<std::string>{"-lossless", "1"} : std::vector<std::string>{});
    EXPECT_TRUE(read_images(folder_ / "in").equal(reference)) << name;
  }
}

TEST_F(Pictures, OfGreyGiveIds) {
  for (const char* name : {"a.bmp", "a.pgm", "a.tif"}) {
    std::filesystem::remove_all(folder_ / "in");
    std::filesystem::create_directories(folder_ / "in");
    make(name, {"-pix_fmt", "gray"});
    NodeRunner node("media.label_folder");
    const at::Tensor labels = node.set("path", folder_ / "in").run().tensor("labels");
    EXPECT_EQ(labels.sizes(), (std::vector<int64_t>{1, 1, kFilmHeight, kFilmWidth}));
    EXPECT_NEAR(static_cast<double>(labels[0][0][kFilmHeight / 2][kFilmWidth / 2].item<int64_t>()), film_level(0), 1)
        << name;
  }
}

TEST_F(Pictures, OfPgmGiveTheNumbersInTheFile) {
  const auto ids = [&](const std::string& file) {
    std::filesystem::create_directories(folder_ / "in");
    folder_.add("in/a.pgm", file);
    NodeRunner node("media.label_folder");
    const at::Tensor labels = node.set("path", folder_ / "in").run().tensor("labels");
    const at::Tensor row = labels.flatten().to(at::kLong).contiguous();
    return std::vector<int64_t>(row.const_data_ptr<int64_t>(), row.const_data_ptr<int64_t>() + row.numel());
  };
  for (const int largest : {34, 100, 254, 255}) {
    std::string row;
    for (int id = 0; id <= 34; ++id) row += static_cast<char>(id);
    const std::vector<int64_t> found = ids("P5\n# of 35 classes\n35 1 " + std::to_string(largest) + "\n" + row);
    for (int64_t id = 0; id <= 34; ++id) EXPECT_EQ(found.at(static_cast<size_t>(id)), id) << largest;
  }
  EXPECT_EQ(ids(std::string("P5 2 1 1000\n") + std::string("\x00\x07\x03\xe8", 4)), (std::vector<int64_t>{7, 1000}));
  EXPECT_EQ(ids("P2 2 1 9\n3 9\n"), (std::vector<int64_t>{3, 9}));
  EXPECT_THAT(testing::error_of([&] { ids(std::string("P5 1 1 0\n") + '\0'); }), HasSubstr("a.pgm is not a sound"));
}

TEST_F(Pictures, ThatAreDamagedAreNamed) {
  for (const char* name : {"a.bmp", "a.tif", "a.webp"}) {
    std::filesystem::remove_all(folder_ / "in");
    std::filesystem::create_directories(folder_ / "in");
    const std::string file = make(name), whole = content_of(file);
    for (const size_t bytes : {whole.size() / 8, whole.size() / 2}) {
      folder_.add(std::string("in/") + name, whole.substr(0, bytes));
      EXPECT_THAT(error_of([&] { read_images(folder_ / "in"); }), HasSubstr(std::string(name) + " is not a sound "))
          << bytes << " bytes";
    }
  }
}

/// A JPEG with Exif data behind its beginning. @param order  "MM" or "II"
std::string with_orientation(const std::string& jpeg, const std::string& order, int orientation) {
  const auto number = [&](int value, int bytes) {
    std::string text;
    for (int i = 0; i < bytes; ++i) {
      const int shift = 8 * (order == "MM" ? bytes - 1 - i : i);
      text += static_cast<char>(value >> shift);
    }
    return text;
  };
  const std::string entry = number(0x0112, 2) + number(3, 2) + number(1, 4) + number(orientation, 2) + number(0, 2);
  const std::string other = number(0x010f, 2) + number(2, 2) + number(1, 4) + number(0, 4);
  const std::string block =
      std::string("Exif\0\0", 6) + order + number(42, 2) + number(8, 4) + number(2, 2) + other + entry + number(0, 4);
  const std::string segment = std::string("\xff\xe1\0", 3) + static_cast<char>(block.size() + 2) + block;
  return jpeg.substr(0, 2) + segment + jpeg.substr(2);
}

TEST_F(Pictures, AreTurnedAsExifDataAskFor) {
  const std::string jpeg = content_of(make("a.jpg", {"-q:v", "1"}));
  const std::array<std::array<int, 4>, 10> seen = {{{0, 1, 2, 3},  // there is no such orientation
                                                    {0, 1, 2, 3},
                                                    {1, 0, 3, 2},
                                                    {3, 2, 1, 0},
                                                    {2, 3, 0, 1},
                                                    {0, 2, 1, 3},
                                                    {2, 0, 3, 1},
                                                    {3, 1, 2, 0},
                                                    {1, 3, 0, 2},
                                                    {0, 1, 2, 3}}};
  for (int orientation = 0; orientation < 10; ++orientation) {
    for (const char* order : {"MM", "II"}) {
      folder_.add("in/a.jpg", with_orientation(jpeg, order, orientation));
      const at::Tensor image = read_images(folder_ / "in");
      const bool is_turned = orientation >= 5 && orientation <= 8;
      EXPECT_EQ(image.size(2), is_turned ? kFilmWidth : kFilmHeight) << orientation;
      EXPECT_THAT(corners_of(image), ::testing::ElementsAreArray(seen[static_cast<size_t>(orientation)]))
          << orientation;
    }
  }
}

TEST_F(Pictures, FaultyExifDataTurnNothing) {
  const std::string jpeg = content_of(make("a.jpg", {"-q:v", "1"}));
  const std::string turned = with_orientation(jpeg, "MM", 6);
  for (size_t at = 2; at < turned.size() - jpeg.size() + 2; ++at) {
    std::string faulty = turned;
    faulty[at] = '\x7f';
    folder_.add("in/a.jpg", faulty);
    error_of([&] { read_images(folder_ / "in"); });  // a picture or an error
  }
  SUCCEED();
}

}  // namespace
}  // namespace weft::testing
