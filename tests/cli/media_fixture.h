#pragma once

#include "tests/cli/program.h"
#include "tests/plugins/media/files.h"

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

namespace weft::testing {

constexpr uint32_t kHeight = 32, kWidth = 64;
constexpr const char* kStreet = WEFT_SOURCE_DIR "/graphs/vid2vid/street.toml";

/// A label map: a road (7) under the sky (23), with a car (26) at column `t`; the id `odd` in the first pixel.
inline std::string labels(uint32_t t, char odd = 23, uint32_t height = kHeight) {
  std::string rows(size_t{height} * kWidth, 23);
  for (uint32_t y = height / 2; y < height; ++y) {
    for (uint32_t x = 0; x < kWidth; ++x) rows[y * kWidth + x] = x >= t && x < t + 8 && y < height - 4 ? 26 : 7;
  }
  rows[0] = odd;
  return png_file({.width = kWidth, .height = height, .rows = rows});
}

/// Runs over small folders of label maps and images.
class Media : public ProgramTest {
 protected:
  /// Folders of six label maps and two images, and weights for a network that is small.
  void write_street() const {
    for (uint32_t t = 0; t < 6; ++t) write("labels/frame_" + std::to_string(t) + ".png", labels(t));
    for (uint32_t t = 0; t < 2; ++t) {
      const std::string grey(size_t{3} * kWidth * kHeight, static_cast<char>(100 + t));
      write("images/frame_" + std::to_string(t) + ".png",
            png_file({.width = kWidth, .height = kHeight, .colours = Png::Rgb, .rows = grey}));
    }
  }
  /// Options that make street.toml a small graph on the folders above.
  static std::vector<std::string> small(std::vector<std::string> arguments) {
    arguments.insert(arguments.begin() + 1, kStreet);
    for (const std::string setting : {"labels=labels", "first=images", "weights=w.safetensors", "out=out/street.mp4",
                                      "size=[32, 64]", "features=4", "foreground_features=4", "blocks=1"}) {
      arguments.insert(arguments.end(), {"--set", setting});
    }
    return arguments;
  }
  void fill_weights() const {
    std::vector<std::string> arguments = small({"fill"});
    arguments.insert(arguments.begin(), "weights");
    const Outcome fill = weft(arguments);
    EXPECT_EQ(fill.exit, 0) << fill.err;
  }
  /// Noise that goes to a video and, frame by frame, to PNG files.
  void write_noise(const std::string& of_counter) const {
    write_graph("g.toml", "[node.a]\nuse = \"toy.counter\"\nsize = [64, 64]\n" + of_counter +
                              "[node.noise]\nuse = \"toy.noise\"\nin = \"a\"\n"
                              "[node.video]\nuse = \"media.write_video\"\nin = \"noise\"\npath = \"out.mp4\"\nfps = 5\n"
                              "preset = \"ultrafast\"\n"
                              "[node.images]\nuse = \"media.write_images\"\nin = \"noise\"\npath = \"images\"\n");
  }
  size_t images() const {
    if (!has("images/unfinished")) return 0;
    size_t count = 0;
    for (const auto& entry : std::filesystem::directory_iterator(folder_ / "images/unfinished")) {
      count += entry.path().extension() == ".png" ? 1 : 0;
    }
    return count;
  }
};

}  // namespace weft::testing
