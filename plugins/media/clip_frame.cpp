#include "plugins/media/clip_frame.h"

#include "framework/base/error.h"
#include "plugins/media/picture.h"

#include <ATen/ops/empty.h>
#include <ATen/ops/tensor.h>

#include <cstddef>
#include <utility>

namespace weft::media {
namespace {

constexpr size_t kIds = 65536;

at::Tensor scaled(const at::Tensor& pixels, const FrameRules& rules, vision::Filter filter, const std::string& file) {
  const Size own = {pixels.size(0), pixels.size(1)};
  if (rules.keeps_size && !(own == rules.source)) {
    throw Error(Exit::Data, text("the files of a clip differ in size: ", file, " is ", size_text(own), ", but ",
                                 rules.source_file, " is ", size_text(rules.source)))
        .hint("`size = [height, width]` or `scale` resizes all to one size");
  }
  const Size wanted = rules.view.scaled;
  return wanted == own ? pixels : vision::resize_pil(pixels, wanted.height, wanted.width, filter);
}

/// Calls `take(from, to)` for each visible pixel, with its position in the scaled picture and in the crop.
template <typename Take>
void for_each_pixel(const View& view, const Take& take) {
  const int64_t last = view.cut.width - 1;
  for (int64_t y = 0; y < view.cut.height; ++y) {
    const int64_t row = (view.y + y) * view.scaled.width + view.x;
    for (int64_t x = 0; x <= last; ++x) take(row + (view.is_mirrored ? last - x : x), y * view.cut.width + x);
  }
}

/// [H, W, 3] uint8 of the scaled size becomes [1, 3, h, w].
at::Tensor image_of(const at::Tensor& pixels, const View& view) {
  at::Tensor part = at::empty({view.cut.height, view.cut.width, 3}, at::kByte);
  const uint8_t* from = pixels.const_data_ptr<uint8_t>();
  uint8_t* to = part.mutable_data_ptr<uint8_t>();
  for_each_pixel(view, [&](int64_t there, int64_t here) {
    for (int64_t c = 0; c < 3; ++c) to[3 * here + c] = from[3 * there + c];
  });
  return image_of_bytes(part);
}

int64_t id_of(uint16_t id, const IdLookup& lookup, const std::string& file) {
  if (lookup.empty()) return id;
  if (lookup[id] >= 0) return lookup[id];
  throw Error(Exit::Data, text(file, " has the label id ", id, ", which is not in the table of `remap`"))
      .hint("`weft data check` lists such files; a table with `other` takes all ids");
}

/// [H, W] uint8 or int16 of the scaled size becomes [1, 1, h, w].
at::Tensor ids_of(const at::Tensor& ids, const View& view, const IdLookup& lookup, const std::string& file) {
  at::Tensor part = at::empty({1, 1, view.cut.height, view.cut.width}, at::kLong);
  int64_t* to = part.mutable_data_ptr<int64_t>();
  const auto take = [&](const auto* from) {
    for_each_pixel(
        view, [&](int64_t there, int64_t here) { to[here] = id_of(static_cast<uint16_t>(from[there]), lookup, file); });
  };
  if (ids.scalar_type() == at::kByte) {
    take(ids.const_data_ptr<uint8_t>());
  } else {
    take(ids.const_data_ptr<int16_t>());
  }
  return part;
}

}  // namespace

IdLookup id_lookup(const RemapTable* remap) {
  if (!remap) return {};
  IdLookup lookup(kIds, static_cast<int32_t>(remap->other.value_or(-1)));
  for (const auto& [from, to] : remap->pairs) lookup[static_cast<size_t>(from)] = static_cast<int32_t>(to);
  return lookup;
}

at::Tensor window_of(const View& view, Size source) {
  const auto place = [](int64_t pixel, int64_t scaled, int64_t whole) {
    return static_cast<double>(pixel * whole) / static_cast<double>(scaled);
  };
  double left = place(view.x, view.scaled.width, source.width);
  double right = place(view.x + view.cut.width, view.scaled.width, source.width);
  if (view.is_mirrored) std::swap(left, right);
  const double top = place(view.y, view.scaled.height, source.height);
  const double bottom = place(view.y + view.cut.height, view.scaled.height, source.height);
  return at::tensor({left, top, 1.0, right, bottom, 1.0}, at::kDouble).view({1, 2, 3});
}

at::Tensor read_stored(const std::string& file, Modality modality, const data::Palette* palette) {
  if (!holds_ids(modality)) return read_picture(file);
  return modality == Modality::Labels && palette ? read_painted_ids(file, *palette) : read_ids(file);
}

std::array<at::Tensor, kModalities> read_frame(const FrameFilesOf& files, const FrameRules& rules) {
  static const IdLookup unchanged;
  std::array<at::Tensor, kModalities> values;
  for (const Modality modality : kAllModalities) {
    const auto at = static_cast<size_t>(modality);
    const std::string& file = files[at];
    if (file.empty()) continue;
    const at::Tensor pixels = read_stored(file, modality, rules.palette.get());
    const at::Tensor whole = scaled(pixels, rules, rules.filters[at], file).contiguous();
    const IdLookup& lookup = modality == Modality::Labels ? rules.lookup : unchanged;
    values[at] = holds_ids(modality) ? ids_of(whole, rules.view, lookup, file) : image_of(whole, rules.view);
  }
  return values;
}

}  // namespace weft::media
