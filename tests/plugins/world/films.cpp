#include "tests/plugins/world/films.h"

#include "framework/vision/warp.h"

#include <ATen/TensorOperators.h>

#include <algorithm>
#include <cmath>

namespace weft {
namespace {

double mean_steps(const at::Tensor& a, const at::Tensor& b, const at::Tensor& where) {
  const at::Tensor error = (a - b).abs().mean(1, /*keepdim=*/true) * where;
  return (error.sum() / where.sum()).item<double>() * 127.5;
}

}  // namespace

Film::Film(const FilmSetting& setting) : NodeRunner(setting.node) {
  set("seed", setting.seed).set("identity", setting.identity).set("motion", setting.motion);
  set("size", setting.size).set("start", setting.start);
}

FilmFrame next_frame(Film& film) {
  film.run();
  const bool is_dancer = film.spec().type == "world.dancer";
  FilmFrame frame;
  frame.image = film.tensor("image"), frame.keypoints = film.tensor("keypoints"), frame.flow = film.tensor("flow");
  frame.occlusion = film.tensor("occlusion"), frame.mask = film.tensor("mask");
  (is_dancer ? frame.parts : frame.labels) = film.tensor(is_dancer ? "parts" : "labels");
  return frame;
}

std::vector<FilmFrame> frames_of(const FilmSetting& setting, int64_t count) {
  Film film(setting);
  std::vector<FilmFrame> frames;
  for (int64_t t = 0; t < count; ++t) frames.push_back(next_frame(film));
  return frames;
}

bool is_equal(const FilmFrame& a, const FilmFrame& b) {
  const auto same = [](const at::Tensor& x, const at::Tensor& y) { return x.defined() ? x.equal(y) : !y.defined(); };
  return same(a.image, b.image) && same(a.keypoints, b.keypoints) && same(a.parts, b.parts) &&
         same(a.labels, b.labels) && same(a.flow, b.flow) && same(a.occlusion, b.occlusion) && same(a.mask, b.mask);
}

double warp_error(const FilmFrame& before, const FilmFrame& now, const at::Tensor& where) {
  return mean_steps(vision::warp(before.image, now.flow), now.image, where);
}

double still_error(const FilmFrame& before, const FilmFrame& now, const at::Tensor& where) {
  return mean_steps(before.image, now.image, where);
}

Point3 keypoint(const FilmFrame& frame, int64_t index) {
  const auto rows = frame.keypoints.accessor<double, 3>();
  return {rows[0][index][0], rows[0][index][1], rows[0][index][2]};
}

double at_place(const at::Tensor& map, int64_t channel, double x, double y) {
  const auto column = std::clamp<int64_t>(std::lround(x), 0, map.size(3) - 1);
  const auto row = std::clamp<int64_t>(std::lround(y), 0, map.size(2) - 1);
  return map[0][channel][row][column].item<double>();
}

}  // namespace weft
