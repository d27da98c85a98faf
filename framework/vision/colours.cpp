#include "framework/vision/colours.h"

#include "framework/base/error.h"
#include "framework/base/text.h"
#include "framework/nn/layers.h"

#include <ATen/TensorOperators.h>
#include <ATen/ops/atan2.h>
#include <ATen/ops/cat.h>
#include <ATen/ops/empty.h>
#include <ATen/ops/hypot.h>
#include <ATen/ops/maximum.h>
#include <ATen/ops/minimum.h>
#include <ATen/ops/stack.h>
#include <ATen/ops/where.h>
#include <ATen/ops/zeros.h>

#include <algorithm>
#include <array>
#include <numbers>
#include <span>
#include <tuple>

namespace weft::vision {
namespace {

using Colour = std::array<uint8_t, 3>;

// By label id, 0 … 33, and the licence plate last.
constexpr std::array<Colour, 35> kCityscapesIds = {{
    {0, 0, 0},       {0, 0, 0},       {0, 0, 0},       {0, 0, 0},       {0, 0, 0},       {111, 74, 0},
    {81, 0, 81},     {128, 64, 128},  {244, 35, 232},  {250, 170, 160}, {230, 150, 140}, {70, 70, 70},
    {102, 102, 156}, {190, 153, 153}, {180, 165, 180}, {150, 100, 100}, {150, 120, 90},  {153, 153, 153},
    {153, 153, 153}, {250, 170, 30},  {220, 220, 0},   {107, 142, 35},  {152, 251, 152}, {70, 130, 180},
    {220, 20, 60},   {255, 0, 0},     {0, 0, 142},     {0, 0, 70},      {0, 60, 100},    {0, 0, 90},
    {0, 0, 110},     {0, 80, 100},    {0, 0, 230},     {119, 11, 32},   {0, 0, 142},
}};

// By training id, 0 … 18, and void last.
constexpr std::array<Colour, 20> kCityscapesTrainIds = {{
    {128, 64, 128}, {244, 35, 232}, {70, 70, 70},    {102, 102, 156}, {190, 153, 153}, {153, 153, 153}, {250, 170, 30},
    {220, 220, 0},  {107, 142, 35}, {152, 251, 152}, {70, 130, 180},  {220, 20, 60},   {255, 0, 0},     {0, 0, 142},
    {0, 0, 70},     {0, 60, 100},   {0, 80, 100},    {0, 0, 230},     {119, 11, 32},   {0, 0, 0},
}};

/// The fixed colours for a number of classes; none where Cityscapes has no such number.
std::span<const Colour> cityscapes_colours(int64_t classes) {
  if (classes == 35) return kCityscapesIds;
  const bool are_training_ids = classes == 19 || classes == 20;
  return std::span(kCityscapesTrainIds).first(are_training_ids ? static_cast<size_t>(classes) : 0);
}

/// Bits 0, 1, 2 of the id are the highest bits of red, green and blue, bits 3, 4, 5 the next ones, and so on.
Colour colour_of_bits(int64_t id) {
  Colour colour{};
  for (int bit = 7; bit > 0; --bit, id >>= 3) {
    for (int c = 0; c < 3; ++c) colour[c] |= static_cast<uint8_t>(((id >> c) & 1) << bit);
  }
  return colour;
}

/// 0 at `begin`, 1 at `end` (which may lie before it), straight between them, constant outside.
at::Tensor ramp(const at::Tensor& x, double begin, double end) {
  return ((x - begin) / (end - begin)).clamp(0, 1);
}

}  // namespace

at::Tensor class_colours(int64_t classes, Palette palette) {
  const std::span<const Colour> fixed =
      palette == Palette::Bits ? std::span<const Colour>() : cityscapes_colours(classes);
  if (fixed.empty() && palette == Palette::Cityscapes) {
    throw Error(Exit::Graph, text("the Cityscapes colours are for 35, 20 or 19 classes, not for ", classes))
        .hint("`palette = \"bits\"` has colours for any number");
  }
  at::Tensor colours = at::empty({classes, 3}, at::kByte);
  uint8_t* next = colours.mutable_data_ptr<uint8_t>();
  for (int64_t id = 0; id < classes; ++id) {
    const Colour colour = fixed.empty() ? colour_of_bits(id) : fixed[static_cast<size_t>(id)];
    next = std::copy(colour.begin(), colour.end(), next);
  }
  return colours;
}

at::Tensor colour_ids(const at::Tensor& ids, const at::Tensor& colours) {
  const int64_t classes = colours.size(0);
  const at::Tensor with_black = at::cat({colours, at::zeros({1, 3}, colours.options())});
  // The same expression by which readers turn bytes into values, so that writers find the bytes again.
  const at::Tensor values = (with_black.to(at::kFloat) / 255.0F - 0.5F) / 0.5F;
  const at::Tensor has_none = (ids < 0).logical_or_(ids >= classes);
  const at::Tensor rows = ids.to(at::kLong).masked_fill(has_none, classes);
  return values.to(ids.device())
      .index_select(0, rows.flatten())
      .view({ids.size(0), ids.size(2), ids.size(3), 3})
      .permute({0, 3, 1, 2})
      .contiguous();
}

at::Tensor colour_classes(const at::Tensor& maps, std::optional<int64_t> classes, Palette palette) {
  constexpr int64_t kCityscapesLabels = 35;
  if (!maps.is_floating_point()) {
    return colour_ids(maps, class_colours(classes.value_or(kCityscapesLabels), palette));
  }
  return colour_classes(maps, class_colours(classes.value_or(maps.size(1)), palette));
}

at::Tensor colour_classes(const at::Tensor& maps, const at::Tensor& colours) {
  if (!maps.is_floating_point()) return colour_ids(maps, colours);
  // max() is twice as fast as argmax() on a CPU.
  return colour_ids(std::get<1>(maps.max(1, /*keepdim=*/true)), colours);
}

at::Tensor colour_flow(const at::Tensor& flow, double longest) {
  const at::Tensor scaled = nn::widened(flow) / longest;
  const at::Tensor x = scaled.select(1, 0), y = scaled.select(1, 1);  // [B, H, W]
  // The wheel has 55 colours: 15 steps from red to yellow, 6 to green, 4 to cyan, 11 to blue, 13 to magenta,
  // 6 to red.
  const at::Tensor place = (at::atan2(-y, -x) / std::numbers::pi + 1) / 2 * 54;
  const at::Tensor red = at::maximum(ramp(place, 21, 15), ramp(place, 36, 49));
  const at::Tensor green = at::minimum(ramp(place, 0, 15), ramp(place, 36, 25));
  const at::Tensor blue = at::minimum(ramp(place, 21, 25), ramp(place, 55, 49));
  const at::Tensor hue = at::stack({red, green, blue}, 1);  // [B, 3, H, W]
  const at::Tensor length = at::hypot(x, y).unsqueeze(1);   // [B, 1, H, W]
  const at::Tensor colour = at::where(length <= 1, 1 - length * (1 - hue), hue * 0.75);
  return (colour * 2 - 1).nan_to_num_(-1);
}

}  // namespace weft::vision
