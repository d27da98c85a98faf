#pragma once

#include "tests/plugins/media/files.h"

#include <ATen/core/Tensor.h>

#include <array>
#include <cstdint>
#include <string>
#include <vector>

namespace weft::testing {

/// Whether the program ffmpeg is there, which makes the files of these tests.
bool has_ffmpeg();

/// Runs `ffmpeg ARGUMENTS…`. @returns what it says when it fails; empty when all went well
std::string ffmpeg(const std::vector<std::string>& arguments);

/// The size and number of the frames that a TestFilm has.
constexpr int kFilmFrames = 12, kFilmWidth = 64, kFilmHeight = 48;

/// What the middle of frame n of a TestFilm shows, 0 to 255.
constexpr int film_level(int n) {
  return 40 + 14 * n;
}

/// A film whose frames tell their numbers: the grey of the middle, and four coloured corners of 16x16 that are the same
/// in all frames. Sides other than those above leave the middle and the corners as they are.
class TestFilm {
 public:
  using Colour = std::array<int, 3>;
  static constexpr std::array<Colour, 4> kCorners = {{{200, 40, 40}, {40, 180, 60}, {50, 60, 200}, {180, 170, 30}}};

  explicit TestFilm(const TemporaryFolder& folder, int width = kFilmWidth, int height = kFilmHeight);

  /// Arguments of ffmpeg that read it, with a rate of 25.
  std::vector<std::string> input(const std::string& rate = "25") const;
  /// Makes `file` of it. @returns what ffmpeg says when it fails
  std::string write(const std::string& file, const std::vector<std::string>& arguments) const;

 private:
  std::string raw_;
  int width_, height_;
};

/// The mean of a square of 8x8 pixels around a point of an image [1, 3, H, W], as red, green and blue of 0 to 255.
std::array<double, 3> colour_at(const at::Tensor& image, int64_t y, int64_t x);

/// The number of the frame that an image of a film shows, by the grey of its middle; -1 when it is none's.
int film_number(const at::Tensor& image);

/// All frames of a node media.video, and how it ended.
struct Reading {
  std::vector<at::Tensor> frames;
  std::string error;  ///< empty when it came to the end
  std::vector<std::string> warnings;
};
Reading read_video(const std::string& file, const std::vector<std::pair<std::string, std::string>>& params = {});

}  // namespace weft::testing
