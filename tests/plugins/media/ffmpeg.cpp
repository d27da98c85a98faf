#include "tests/plugins/media/ffmpeg.h"

#include "framework/base/text.h"
#include "framework/testing/node_runner.h"

#include <ATen/TensorOperators.h>

#include <cstdlib>
#include <fstream>

namespace weft::testing {
namespace {

std::string quoted(const std::string& word) {
  std::string quoted = "'";
  for (const char c : word) quoted += c == '\'' ? "'\\''" : std::string(1, c);
  return quoted + "'";
}

TestFilm::Colour colour_of(int n, int y, int x, int height, int width) {
  constexpr int kSide = 16;
  const bool is_left = x < kSide, is_right = x >= width - kSide, is_top = y < kSide, is_bottom = y >= height - kSide;
  if ((is_left || is_right) && (is_top || is_bottom))
    return TestFilm::kCorners[static_cast<size_t>((is_bottom ? 2 : 0) + (is_right ? 1 : 0))];
  return {film_level(n), film_level(n), film_level(n)};
}

}  // namespace

bool has_ffmpeg() {
  static const bool is_there = std::system("ffmpeg -version >/dev/null 2>&1") == 0;
  return is_there;
}

std::string ffmpeg(const std::vector<std::string>& arguments) {
  const TemporaryFolder folder;
  std::string command = "ffmpeg -hide_banner -nostdin -v error -y";
  for (const std::string& argument : arguments) command += ' ' + quoted(argument);
  const std::string said = folder / "said";
  if (std::system((command + " >/dev/null 2>" + quoted(said)).c_str()) == 0) return {};
  return "ffmpeg failed: " + content_of(said);
}

TestFilm::TestFilm(const TemporaryFolder& folder, int width, int height)
    : raw_(folder / text("film_", width, 'x', height, ".rgb")), width_(width), height_(height) {
  std::string bytes;
  for (int n = 0; n < kFilmFrames; ++n) {
    for (int y = 0; y < height; ++y) {
      for (int x = 0; x < width; ++x) {
        for (const int value : colour_of(n, y, x, height, width)) bytes += static_cast<char>(value);
      }
    }
  }
  std::ofstream(raw_, std::ios::binary) << bytes;
}

std::vector<std::string> TestFilm::input(const std::string& rate) const {
  return {"-f", "rawvideo", "-pix_fmt", "rgb24", "-s", text(width_, 'x', height_), "-r", rate, "-i", raw_};
}

std::string TestFilm::write(const std::string& file, const std::vector<std::string>& arguments) const {
  std::vector<std::string> all = input();
  all.insert(all.end(), arguments.begin(), arguments.end());
  all.push_back(file);
  return ffmpeg(all);
}

std::array<double, 3> colour_at(const at::Tensor& image, int64_t y, int64_t x) {
  const at::Tensor square = image.select(0, 0).slice(1, y - 4, y + 4).slice(2, x - 4, x + 4);
  std::array<double, 3> colour{};
  for (size_t i = 0; i < 3; ++i)
    colour[i] = (square.select(0, static_cast<int64_t>(i)).mean().item<double>() + 1) / 2 * 255;
  return colour;
}

int film_number(const at::Tensor& image) {
  const auto middle = colour_at(image, image.size(2) / 2, image.size(3) / 2);
  for (int n = 0; n < kFilmFrames; ++n) {
    if (std::abs(middle[1] - film_level(n)) < 7) return n;
  }
  return -1;
}

Reading read_video(const std::string& file, const std::vector<std::pair<std::string, std::string>>& params) {
  Reading reading;
  reading.error = error_of([&] {
    NodeRunner node("media.video");
    node.set("path", file);
    node.context().log().listen([&](const std::string& level, const std::string& line) {
      if (level == "warning") reading.warnings.push_back(line);
    });
    for (const auto& [name, value] : params) {
      const bool is_count = name == "start" || name == "stop";
      node.set(name, is_count ? ParamValue(static_cast<int64_t>(std::stoi(value))) : ParamValue(value));
    }
    while (node.run().has_values()) reading.frames.push_back(node.tensor("image"));
  });
  return reading;
}

}  // namespace weft::testing
