#include "plugins/world/maps.h"

#include <algorithm>
#include <array>
#include <cmath>

namespace weft::world {
namespace {

constexpr size_t kColours = kSamples.size() - 1;  // the centre is no sample of the colour

/// The samples of one pixel that show the same surface.
struct Share {
  int32_t surface = -1;
  float x = 0, y = 0;  ///< sum of their places
  float count = 0;
};

/// The mean colour of a pixel in which several surfaces meet: each is painted once, in the middle of its samples.
Colour mixed(const Stage& stage, const Painter& painter, const std::array<const int32_t*, kSamples.size()>& rows, int x,
             float px, float py) {
  std::array<Share, kColours> shares;
  size_t count = 0;
  for (size_t sample = 1; sample < kSamples.size(); ++sample) {
    const int32_t surface = rows[sample][x];
    size_t i = 0;
    while (i < count && shares[i].surface != surface) ++i;
    if (i == count) shares[count++].surface = surface;
    shares[i].x += kSamples[sample].x, shares[i].y += kSamples[sample].y;
    shares[i].count += 1;
  }
  Colour sum;
  for (size_t i = 0; i < count; ++i) {
    const Share& share = shares[i];
    const Surface& surface = stage.surfaces()[static_cast<size_t>(share.surface)];
    sum = sum + share.count * painter.colour(surface, px + share.x / share.count, py + share.y / share.count);
  }
  return (1.0F / kColours) * sum;
}

/// A position in the previous frame: pixels from the one that looks straight ahead, and the surface there.
struct Place {
  float x, y, inverse_depth;
};

/// Whether the frame before shows the surface of this key there.
bool was_seen(const Glance& before, uint32_t key, const Place& place) {
  const Lens& lens = before.stage.view().now.lens;
  // The nearest pixel, once the fraction is cut off.
  const float column = place.x + static_cast<float>(lens.middle_x) + 0.5F;
  const float row = place.y + static_cast<float>(lens.horizon) + 0.5F;
  const auto width = static_cast<float>(lens.width), height = static_cast<float>(lens.height);
  if (!(column >= 0 && row >= 0 && column < width && row < height)) return false;
  const size_t pixel = static_cast<size_t>(row) * static_cast<size_t>(lens.width) + static_cast<size_t>(column);
  const Surface& seen = before.stage.surfaces()[static_cast<size_t>(before.centres[pixel])];
  // The surface that the pixel shows, continued to the exact position, must not be nearer than the expected one.
  constexpr float kTolerance = 1.01F;
  return seen.key == key || place.inverse_depth * kTolerance > seen.inverse_depth.at(place.x, place.y);
}

}  // namespace

void paint_row(const Stage& stage, const Painter& painter, const Band& band, int y, float* image) {
  const Lens& lens = stage.view().now.lens;
  const auto width = static_cast<size_t>(lens.width), area = width * static_cast<size_t>(lens.height);
  std::array<const int32_t*, kSamples.size()> rows;
  for (size_t sample = 0; sample < kSamples.size(); ++sample) rows[sample] = band.row(sample, y);
  std::vector<int32_t> differs(width, 0);
  for (size_t sample = 2; sample < kSamples.size(); ++sample) {
    for (size_t x = 0; x < width; ++x) differs[x] |= rows[sample][x] ^ rows[1][x];
  }
  const float py = static_cast<float>(y) - static_cast<float>(lens.horizon);
  float* pixel = image + static_cast<size_t>(y) * width;
  for (size_t x = 0; x < width; ++x, ++pixel) {
    const float px = static_cast<float>(x) - static_cast<float>(lens.middle_x);
    const Colour light = differs[x] != 0 ? mixed(stage, painter, rows, static_cast<int>(x), px, py)
                                         : painter.colour(stage.surfaces()[static_cast<size_t>(rows[1][x])], px, py);
    pixel[0] = 2 * shown(light.red) - 1;
    pixel[area] = 2 * shown(light.green) - 1;
    pixel[2 * area] = 2 * shown(light.blue) - 1;
  }
}

void map_classes(const Glance& now, int64_t* labels, int64_t* instances) {
  for (size_t i = 0; i < now.centres.size(); ++i) {
    const Skin& skin = now.stage.skin_of(now.stage.surfaces()[static_cast<size_t>(now.centres[i])]);
    labels[i] = static_cast<int64_t>(skin.label);
    instances[i] = skin.instance;
  }
}

void map_motion(const Glance& now, const Glance& before, float* flow, float* occlusion, float* depth) {
  const Lens& lens = now.stage.view().now.lens;
  const size_t area = now.centres.size();
  size_t i = 0;
  for (int row = 0; row < lens.height; ++row) {
    const float y = static_cast<float>(row) - static_cast<float>(lens.horizon);
    for (int column = 0; column < lens.width; ++column, ++i) {
      const float x = static_cast<float>(column) - static_cast<float>(lens.middle_x);
      const Surface& surface = now.stage.surfaces()[static_cast<size_t>(now.centres[i])];
      const float inverse_depth = surface.inverse_depth.at(x, y), before_z = std::max(surface.before_z.at(x, y), 1e-4F);
      const Place from = {surface.before_x.at(x, y) / before_z, surface.before_y.at(x, y) / before_z,
                          inverse_depth / before_z};
      depth[i] = 1 / inverse_depth;
      flow[i] = from.x - x;
      flow[area + i] = from.y - y;
      occlusion[i] = was_seen(before, surface.key, from) ? 0 : 1;
    }
  }
}

}  // namespace weft::world
