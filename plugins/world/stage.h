#pragma once

#include "plugins/world/camera.h"
#include "plugins/world/house_style.h"
#include "plugins/world/surface.h"

#include <array>
#include <deque>
#include <span>
#include <vector>

namespace weft::world {

/// Where a rigid thing is, now and one frame ago.
struct Body {
  Pose now, before;
  uint32_t key = 0;  ///< its own, in all frames
  float sunlit = 1;  ///< share of the sun that comes through to it

  static Body still(const Pose& pose, uint32_t key, float sunlit = 1) { return {pose, pose, key, sunlit}; }
};

/// A plane of a body with directions of length 1 in it; it faces to where along x across points.
struct Patch {
  Vec origin, along, across;
};

/// The two times of a frame, and the position of the sun.
struct View {
  Camera now, before;
  Vec to_sun;
};

/// Collects the surfaces that a camera sees. Things put themselves on it part by part.
class Stage {
 public:
  explicit Stage(const View& view) : view_(view) {}

  const View& view() const { return view_; }
  /// Whether any of a ball may be in the picture.
  bool sees(const Vec& centre, double radius) const;

  /// Keeps a skin for the surfaces of this stage.
  int32_t skin(const Skin& skin);
  const HouseStyle* style(const HouseStyle& style);

  /// The body of all parts that follow. They are numbered whether they are seen or not, so that each keeps its number.
  void enter(const Body& body);
  /// A convex piece of a plane.
  /// @param outline  at least 3 points, in order
  /// @param extent   see Surface
  void polygon(const Patch& patch, std::span<const Point> outline, int32_t skin, std::array<float, 3> extent = {});
  /// The rectangle from `corner`, facing to where along x across points.
  void rectangle(const Vec& corner, const Vec& along, const Vec& across, int32_t skin);
  /// Upright, from a point of the ground to another; it faces to the right of who goes from one to the other.
  void wall(const Vec& from, const Vec& to, double height, int32_t skin);
  /// Without its bottom; `top` is the skin of the upper side.
  void box(const Vec& low, const Vec& high, int32_t sides, int32_t top);

  enum class Ends { Flat, Round };
  /// A rod with a radius at either end, which turns with the camera, so that it always looks round.
  void rod(const Vec& from, const Vec& to, double from_radius, double to_radius, int32_t skin, Ends ends = Ends::Round);
  /// A ball, which turns with the camera too.
  void ball(const Vec& centre, double radius, int32_t skin);
  /// The background.
  void sky(int32_t skin);

  const std::vector<Surface>& surfaces() const { return surfaces_; }
  const std::vector<Edge>& edges() const { return edges_; }
  const Skin& skin_of(const Surface& surface) const { return skins_[static_cast<size_t>(surface.skin)]; }

 private:
  struct Pair {
    Patch now, before;  ///< in the world
  };

  void add(const Pair& patches, std::span<const Point> outline, int32_t skin, const std::array<float, 3>& extent);
  bool outline_on_picture(const Patch& seen, std::span<const Point> outline, Surface& surface);
  void add_edge(const Vec& a, const Vec& b);
  void light(const Patch& patch, Surface& surface) const;

  View view_;
  Body body_;
  uint32_t part_ = 0;
  std::vector<Surface> surfaces_;
  std::vector<Edge> edges_;
  std::vector<Skin> skins_;
  std::deque<HouseStyle> styles_;
};

}  // namespace weft::world
