#include "plugins/media/load_size.h"

#include "framework/base/text.h"

#include <algorithm>

namespace weft::media {
namespace {

/// The nearest multiple of `unit`, at least one; a half goes to the even multiple, as Python's round() does.
int64_t nearest_multiple(int64_t length, int64_t unit) {
  const int64_t whole = length / unit;
  const int64_t twice_rest = 2 * (length % unit);
  const bool goes_up = twice_rest > unit || (twice_rest == unit && whole % 2 == 1);
  return std::max<int64_t>(whole + (goes_up ? 1 : 0), 1) * unit;
}

Size nearest_multiples(Size size, int64_t unit) {
  return {nearest_multiple(size.height, unit), nearest_multiple(size.width, unit)};
}

Size with_width(Size source, int64_t width) {
  return {width * source.height / source.width, width};
}

Size with_height(Size source, int64_t height) {
  return {height, height * source.width / source.height};
}

}  // namespace

std::string size_text(Size size) {
  return text(size.width, 'x', size.height);
}

Size size_to_crop(Size source, Scale scale, int64_t load_size) {
  switch (scale) {
    case Scale::None:
      return source;
    case Scale::Round:
      return nearest_multiples(source, 4);
    case Scale::Square:
      return nearest_multiples({load_size, load_size}, 4);
    case Scale::Width:
      return nearest_multiples(with_width(source, load_size), 4);
    case Scale::Height:
      return nearest_multiples(with_height(source, load_size), 4);
  }
  return source;
}

Size size_to_load(Size source, Scale scale, int64_t load_size) {
  if (scale == Scale::None) return source;
  return nearest_multiples(size_to_crop(source, scale, load_size), 32);
}

Size size_of_crop(Size source, Crop crop, int64_t fine_size) {
  switch (crop) {
    case Crop::Square:
      return nearest_multiples({fine_size, fine_size}, 32);
    case Crop::Width:
      return nearest_multiples(with_width(source, fine_size), 32);
    case Crop::Height:
      return nearest_multiples(with_height(source, fine_size), 32);
  }
  return source;
}

}  // namespace weft::media
