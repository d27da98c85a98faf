#include "tests/graphs/clips.h"

#include "framework/base/text.h"
#include "framework/testing/node_runner.h"
#include "framework/weights/fill.h"

#include <ATen/TensorOperators.h>
#include <ATen/ops/full.h>

#include <cmath>
#include <filesystem>
#include <fstream>
#include <numbers>

namespace weft::testing {
namespace {

constexpr int64_t kRoad = 7, kSky = 23, kCar = 26;
constexpr int64_t kHeight = Clips::kHeight, kWidth = Clips::kWidth;

/// Writes each frame that `draw` gives, by weft's own writer.
template <typename Draw>
std::string write_frames(const std::string& writer, const std::string& folder, int64_t frames, const Draw& draw) {
  NodeRunner node(writer);
  node.set("path", folder);
  for (int64_t t = 0; t < frames; ++t) node.input("in", draw(t)).run();
  node.sink().finish(node.context());
  return folder;
}

template <typename Describe>
std::string write_texts(const std::string& folder, int64_t frames, const Describe& describe) {
  std::filesystem::create_directories(folder);
  for (int64_t t = 0; t < frames; ++t) std::ofstream(text(folder, '/', t, ".json")) << describe(t);
  return folder;
}

/// A map of `around` with a rectangle of `inside` that moves 4 pixels a frame.
at::Tensor moving_box(int64_t t, const at::Tensor& around, int64_t inside) {
  const at::Tensor map = around.clone();
  map.narrow(2, 30, 20).narrow(3, 20 + 4 * t, 40).fill_(inside);
  return map;
}

at::Tensor ids(int64_t id) {
  return at::full({1, 1, kHeight, kWidth}, id, at::kLong);
}

at::Tensor street(int64_t t) {
  const at::Tensor around = ids(kSky);
  around.narrow(2, kHeight / 2, kHeight / 2).fill_(kRoad);
  return moving_box(t, around, kCar);
}

/// Red and green say where on the part, blue which one: part 2, the trunk, below part 23, half of the head.
at::Tensor surface(int64_t t) {
  const at::Tensor bytes = at::full({1, 3, kHeight, kWidth}, 0.0, at::kFloat);
  const at::Tensor person = bytes.narrow(2, 16, 40).narrow(3, 44 + 2 * t, 36);
  person.fill_(100);
  person.select(1, 2).fill_(2);
  person.select(1, 2).narrow(1, 0, 8).fill_(23);
  return bytes / 127.5 - 1;
}

std::string person(int64_t t) {
  // BODY_25 in pixels: nose and neck, arms, hip, legs, eyes and ears, feet.
  static constexpr double kPoints[25][2] = {{62, 10}, {62, 18}, {54, 18}, {50, 26}, {47, 33}, {70, 18}, {74, 26},
                                            {77, 33}, {62, 36}, {57, 36}, {56, 46}, {55, 56}, {67, 36}, {68, 46},
                                            {69, 56}, {61, 8},  {63, 8},  {59, 9},  {65, 9},  {71, 59}, {73, 58},
                                            {68, 58}, {53, 59}, {51, 58}, {55, 58}};
  std::vector<std::string> numbers;
  for (const auto& [x, y] : kPoints) numbers.push_back(text(x + 2.0 * static_cast<double>(t), ", ", y, ", 0.9"));
  return text("{\"people\": [{\"pose_keypoints_2d\": [", join(numbers), "]}]}");
}

/// Points on part of an ellipse; angles in turns, from the right, downwards.
void add_arc(std::vector<std::string>& points, int count, double x, double y, double wide, double high, double from,
             double to) {
  for (int i = 0; i < count; ++i) {
    const double angle = 2 * std::numbers::pi * (from + (to - from) * i / (count - 1));
    points.push_back(text('[', x + wide * std::cos(angle), ", ", y + high * std::sin(angle), ']'));
  }
}

/// dlib's 68 points: jaw, brows, nose, eyes, mouth.
std::string face(int64_t t) {
  const double x = 56 + static_cast<double>(t), y = 30;
  std::vector<std::string> points;
  add_arc(points, 17, x, y, 16, 20, 0.5, 0);
  add_arc(points, 5, x - 7, y - 5, 5, 3, 0.5, 1);
  add_arc(points, 5, x + 7, y - 5, 5, 3, 0.5, 1);
  for (int i = 0; i < 4; ++i) points.push_back(text('[', x, ", ", y - 2 + 2 * i, ']'));
  add_arc(points, 5, x, y + 5, 4, 2, 0.5, 0);
  add_arc(points, 6, x - 7, y, 4, 2, 0.5, 1.3);
  add_arc(points, 6, x + 7, y, 4, 2, 0.5, 1.3);
  add_arc(points, 12, x, y + 11, 7, 4, 0.5, 1.4);
  add_arc(points, 8, x, y + 11, 5, 2, 0.5, 1.4);
  return text('[', join(points), ']');
}

}  // namespace

Clips::Clips(const std::string& folder, int64_t frames) {
  labels = write_frames("media.write_labels", folder + "/labels", frames, street);
  instances = write_frames("media.write_labels", folder + "/instances", frames,
                           [](int64_t t) { return moving_box(t, ids(0), 1); });
  images = write_frames("media.write_images", folder + "/images", frames, [](int64_t t) {
    return weights::fill_input(text("image", t), {1, 3, kHeight, kWidth});
  });
  densepose = write_frames("media.write_images", folder + "/densepose", frames, surface);
  openpose = write_texts(folder + "/openpose", frames, person);
  landmarks = write_texts(folder + "/landmarks", frames, face);
}

}  // namespace weft::testing
