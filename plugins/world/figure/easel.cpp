#include "plugins/world/figure/easel.h"

#include <algorithm>
#include <cmath>

namespace weft::world {
namespace {

constexpr int kBandRows = 16;  // so many that a band stays in the cache

/// A point of the mesh as the camera has it, now and one frame ago: x and y times the focal length, and depth.
struct Corner {
  Dot dot;
  Ray before;
};

/// The rows of the picture that a triangle spans, and whether its outside was seen.
struct Facet {
  float top, bottom;
  bool faced_before;
};

/// Of what a pixel shows of a triangle: how much of each corner, and 1 / depth.
struct Weights {
  std::array<float, 3> of;
  float inverse_depth;
};

/// The exact share of each corner at a place of the picture, which may be a little outside of the triangle.
Weights weights_at(const std::array<Dot, 3>& corners, float x, float y) {
  const auto& [a, b, c] = corners;
  const float area = (b.x - a.x) * (c.y - a.y) - (b.y - a.y) * (c.x - a.x);
  const float of_b = ((x - a.x) * (c.y - a.y) - (y - a.y) * (c.x - a.x)) / area;
  const float of_c = ((b.x - a.x) * (y - a.y) - (b.y - a.y) * (x - a.x)) / area;
  const float wa = (1 - of_b - of_c) * a.inverse_depth, wb = of_b * b.inverse_depth, wc = of_c * c.inverse_depth;
  const float sum = wa + wb + wc;
  return {{wa / sum, wb / sum, wc / sum}, sum};
}

/// One frame in the making.
class Drawing {
 public:
  Drawing(const Easel& easel, const Mesh& mesh, const std::vector<Vec>& points)
      : easel_(easel), lens_(easel.camera().lens), mesh_(mesh), points_(points), corners_(points.size()) {
    for (size_t i = 0; i < points.size(); ++i) corners_[i].dot = easel.dot(points[i]);
  }

  /// The triangles that show their outside.
  void face(const Glimpse* before) {
    const Vec& eye = easel_.camera().pose.origin;
    const auto faces = [&](const std::vector<Vec>& points, const Triangle& triangle) {
      const Vec& a = points[static_cast<size_t>(triangle.corners[0])];
      const Vec& b = points[static_cast<size_t>(triangle.corners[1])];
      const Vec& c = points[static_cast<size_t>(triangle.corners[2])];
      return weft::world::dot(weft::world::cross(b - a, c - a), eye - a) > 0;
    };
    const std::vector<Triangle>& triangles = mesh_.triangles();
    facets_.resize(triangles.size());
    for (size_t i = 0; i < triangles.size(); ++i) {
      if (!faces(points_, triangles[i])) continue;
      const std::array<Dot, 3> dots = dots_of(triangles[i]);
      const auto [top, bottom] = std::minmax({dots[0].y, dots[1].y, dots[2].y});
      facets_[i] = {top, bottom, !before || faces(before->points, triangles[i])};
      seen_.push_back(static_cast<int32_t>(i));
    }
  }

  void set_before(const Glimpse& before) {
    const auto focal = lens_.focal;
    for (size_t i = 0; i < corners_.size(); ++i) {
      const Vec seen = easel_.camera().seen(before.points[i]);
      corners_[i].before = ray({focal * seen.x, focal * seen.y, seen.z});
    }
    normals_ = mesh_.normals(points_);
  }

  void cover(Coverage& coverage, int top, int end, size_t looks) const {
    coverage.begin(top);
    for (const int32_t i : seen_) {
      const Facet& facet = facets_[static_cast<size_t>(i)];
      if (facet.top >= static_cast<float>(end) || facet.bottom <= static_cast<float>(top - 1)) continue;
      coverage.draw(dots_of(mesh_.triangles()[static_cast<size_t>(i)]), i, looks);
    }
  }

  /// What a place of the picture shows of a triangle.
  Spotted spotted(int32_t triangle, float x, float y) const {
    const Triangle& shown = mesh_.triangles()[static_cast<size_t>(triangle)];
    const Weights weights = weights_at(dots_of(shown), x, y);
    Spotted place;
    place.piece = shown.piece;
    for (size_t i = 0; i < 3; ++i) {
      const auto corner = static_cast<size_t>(shown.corners[i]);
      const float share = weights.of[i];
      place.anchor.along += share * mesh_.anchors()[corner].along;
      place.anchor.around += share * mesh_.anchors()[corner].around;
      place.normal = place.normal + share * normals_[corner];
    }
    place.normal = unit(place.normal);
    place.to_eye = to_eye(x, y);
    const auto focal = static_cast<float>(lens_.focal);
    const float towards = std::max(weft::world::dot(place.normal, place.to_eye), 0.25F);
    place.reach = 0.62F / (focal * weights.inverse_depth * std::sqrt(towards));
    return place;
  }

  /// Flow and occlusion of what a pixel's centre shows.
  void move(int x, int y, int32_t triangle, const Spotted& place, const Glimpse& before, const FigureMaps& maps) const {
    const Triangle& shown = mesh_.triangles()[static_cast<size_t>(triangle)];
    const auto px = static_cast<float>(x), py = static_cast<float>(y);
    const Weights weights = weights_at(dots_of(shown), px, py);
    Ray from;
    for (size_t i = 0; i < 3; ++i) from = from + weights.of[i] * corners_[static_cast<size_t>(shown.corners[i])].before;
    const float from_x = from.x / from.z + static_cast<float>(lens_.middle_x);
    const float from_y = from.y / from.z + static_cast<float>(lens_.horizon);
    const size_t area = static_cast<size_t>(lens_.width) * static_cast<size_t>(lens_.height);
    const size_t pixel = static_cast<size_t>(y) * static_cast<size_t>(lens_.width) + static_cast<size_t>(x);
    maps.flow[pixel] = from_x - px;
    maps.flow[area + pixel] = from_y - py;
    // The pixel's width on the surface: between its centre and the exact place the surface may come so much nearer.
    const float towards = std::max(weft::world::dot(place.normal, place.to_eye), 0.3F);
    const float tolerance = 0.004F + 0.7F * from.z / static_cast<float>(lens_.focal) / towards;
    const bool was_seen =
        facets_[static_cast<size_t>(triangle)].faced_before && shows(before, from_x, from_y, from.z, tolerance);
    maps.occlusion[pixel] = was_seen ? 0 : 1;
  }

  /// Whether a glimpse has nothing in front of a place of the picture.
  bool shows(const Glimpse& glimpse, float x, float y, float depth, float tolerance) const {
    const float column = x + 0.5F, row = y + 0.5F;
    const auto width = static_cast<float>(lens_.width), height = static_cast<float>(lens_.height);
    if (!(column >= 0 && row >= 0 && column < width && row < height)) return false;
    const size_t pixel = static_cast<size_t>(row) * static_cast<size_t>(lens_.width) + static_cast<size_t>(column);
    return glimpse.inverse_depth[pixel] * (depth - tolerance) <= 1;
  }

  uint8_t piece_of(int32_t triangle) const { return mesh_.triangles()[static_cast<size_t>(triangle)].piece; }

 private:
  std::array<Dot, 3> dots_of(const Triangle& triangle) const {
    return {corners_[static_cast<size_t>(triangle.corners[0])].dot,
            corners_[static_cast<size_t>(triangle.corners[1])].dot,
            corners_[static_cast<size_t>(triangle.corners[2])].dot};
  }

  Ray to_eye(float x, float y) const {
    const Pose& pose = easel_.camera().pose;
    const Ray ahead = static_cast<float>(lens_.focal) * ray(pose.ahead);
    const Ray left = (x - static_cast<float>(lens_.middle_x)) * ray(pose.left);
    const Ray up = (y - static_cast<float>(lens_.horizon)) * ray(pose.up);
    return unit(left + up - ahead);
  }

  const Easel& easel_;
  const Lens& lens_;
  const Mesh& mesh_;
  const std::vector<Vec>& points_;
  std::vector<Corner> corners_;
  std::vector<Facet> facets_;
  std::vector<int32_t> seen_;
  std::vector<Ray> normals_;
};

/// The samples of a pixel that show the same piece.
struct Share {
  int32_t triangle = -1;
  uint8_t piece = 0;
  float x = 0, y = 0, count = 0;
};

/// The mean light of a pixel in which pieces meet: each is painted once, in the middle of its samples.
Colour mixed(const Drawing& drawing, const int32_t* looks, int x, int y, const Colour& background,
             const Subject& subject) {
  std::array<Share, kLooks> shares;
  size_t count = 0;
  Colour sum;
  for (size_t look = 0; look < kLooks; ++look) {
    if (looks[look] < 0) {
      sum = sum + background;
      continue;
    }
    const uint8_t piece = drawing.piece_of(looks[look]);
    size_t i = 0;
    while (i < count && shares[i].piece != piece) ++i;
    if (i == count) shares[count++] = {looks[look], piece};
    shares[i].x += look_x(look), shares[i].y += look_y(look), shares[i].count += 1;
  }
  for (size_t i = 0; i < count; ++i) {
    const Share& share = shares[i];
    const float px = static_cast<float>(x) + share.x / share.count, py = static_cast<float>(y) + share.y / share.count;
    sum = sum + share.count * subject.light(drawing.spotted(share.triangle, px, py));
  }
  return (1.0F / kLooks) * sum;
}

/// A pixel, and the triangle at its centre, or -1.
struct Pixel {
  int x, y;
  size_t index;
  int32_t triangle;
};

/// All maps but the image, and the light at the centre of a pixel.
Colour at_centre(const Drawing& drawing, const Pixel& pixel, const Glimpse& before, const Colour& background,
                 Subject& subject, const FigureMaps& maps) {
  const size_t area = before.inverse_depth.size();
  maps.mask[pixel.index] = pixel.triangle < 0 ? 0 : 1;
  if (pixel.triangle < 0) {
    maps.flow[pixel.index] = maps.flow[area + pixel.index] = 0;
    maps.occlusion[pixel.index] = before.inverse_depth[pixel.index] > 0 ? 1 : 0;
    return background;
  }
  const Spotted place = drawing.spotted(pixel.triangle, static_cast<float>(pixel.x), static_cast<float>(pixel.y));
  drawing.move(pixel.x, pixel.y, pixel.triangle, place, before, maps);
  subject.note(pixel.index, place);
  return subject.light(place);
}

/// Whether all samples show one piece, or all the background.
bool is_whole(const Drawing& drawing, const int32_t* looks) {
  int32_t differs = 0;
  for (size_t look = 1; look < kLooks; ++look) differs |= looks[look] ^ looks[0];
  if (differs == 0) return true;
  const auto piece = [&](size_t look) {
    return looks[look] < 0 ? -1 : static_cast<int>(drawing.piece_of(looks[look]));
  };
  for (size_t look = 1; look < kLooks; ++look) {
    if (looks[look] != looks[0] && piece(look) != piece(0)) return false;
  }
  return true;
}

}  // namespace

Dot Easel::dot(const Vec& point) const {
  const Lens& lens = camera_.lens;
  const Vec seen = camera_.seen(point);
  const double depth = std::max(seen.z, 0.05);
  return {static_cast<float>(lens.focal * seen.x / depth + lens.middle_x),
          static_cast<float>(lens.focal * seen.y / depth + lens.horizon), static_cast<float>(1 / depth)};
}

bool Easel::shows(const Glimpse& glimpse, const Vec& point, double tolerance) const {
  const Dot place = dot(point);
  const float column = place.x + 0.5F, row = place.y + 0.5F;
  const Lens& lens = camera_.lens;
  if (!(column >= 0 && row >= 0 && column < static_cast<float>(lens.width) && row < static_cast<float>(lens.height)))
    return false;
  const size_t pixel = static_cast<size_t>(row) * static_cast<size_t>(lens.width) + static_cast<size_t>(column);
  return glimpse.inverse_depth[pixel] * (1 / place.inverse_depth - static_cast<float>(tolerance)) <= 1;
}

Glimpse Easel::glimpse(const Mesh& mesh, std::vector<Vec> points) const {
  Glimpse glimpse = {std::move(points), {}};
  const Lens& lens = camera_.lens;
  Drawing drawing(*this, mesh, glimpse.points);
  drawing.face(nullptr);
  Coverage coverage(lens.width, kBandRows);
  glimpse.inverse_depth.reserve(static_cast<size_t>(lens.width) * static_cast<size_t>(lens.height));
  for (int top = 0; top < lens.height; top += kBandRows) {
    const int end = std::min(top + kBandRows, lens.height);
    drawing.cover(coverage, top, end, 1);
    for (int y = top; y < end; ++y) {
      for (int x = 0; x < lens.width; ++x) glimpse.inverse_depth.push_back(*coverage.inverse_depth(x, y));
    }
  }
  return glimpse;
}

Glimpse Easel::draw(const Mesh& mesh, std::vector<Vec> points, const Glimpse& before,
                    const std::vector<Colour>& background, Subject& subject, const FigureMaps& maps) const {
  Glimpse now = {std::move(points), {}};
  const Lens& lens = camera_.lens;
  Drawing drawing(*this, mesh, now.points);
  drawing.face(&before);
  drawing.set_before(before);
  Coverage coverage(lens.width, kBandRows);
  const size_t area = static_cast<size_t>(lens.width) * static_cast<size_t>(lens.height);
  now.inverse_depth.resize(area);
  size_t pixel = 0;
  for (int top = 0; top < lens.height; top += kBandRows) {
    const int end = std::min(top + kBandRows, lens.height);
    drawing.cover(coverage, top, end, kLooks);
    for (int y = top; y < end; ++y) {
      for (int x = 0; x < lens.width; ++x, ++pixel) {
        const int32_t* looks = coverage.at(x, y);
        now.inverse_depth[pixel] = *coverage.inverse_depth(x, y);
        const Colour centre = at_centre(drawing, {x, y, pixel, looks[0]}, before, background[pixel], subject, maps);
        const Colour light =
            is_whole(drawing, looks) ? centre : mixed(drawing, looks, x, y, background[pixel], subject);
        maps.image[pixel] = 2 * shown(light.red) - 1;
        maps.image[area + pixel] = 2 * shown(light.green) - 1;
        maps.image[2 * area + pixel] = 2 * shown(light.blue) - 1;
      }
    }
  }
  return now;
}

}  // namespace weft::world
