#pragma once

#include "plugins/world/camera.h"
#include "plugins/world/colour.h"
#include "plugins/world/figure/coverage.h"
#include "plugins/world/figure/mesh.h"

#include <optional>
#include <vector>

namespace weft::world {

/// A place on a figure that a pixel shows.
struct Spotted {
  uint8_t piece = 0;
  Anchor anchor;
  float reach = 0;  ///< half the pixel on the surface, in metres
  Ray normal;       ///< out of the surface, in the world
  Ray to_eye;       ///< of length 1
};

/// What a figure and its surroundings look like.
class Subject {
 public:
  virtual ~Subject() = default;
  /// The light that comes from a place on the figure.
  virtual Colour light(const Spotted& place) const = 0;
  /// Takes note of what a pixel's centre shows of the figure: `pixel` counts row by row.
  virtual void note(size_t pixel, const Spotted& place) = 0;
};

/// Where a frame goes: maps of height x width, row by row.
struct FigureMaps {
  float* image = nullptr;      ///< three maps: red, green, blue in [-1, 1]
  float* flow = nullptr;       ///< two maps: x and y in pixels, to the frame before
  float* occlusion = nullptr;  ///< 1 where the frame before does not show the place
  float* mask = nullptr;       ///< 1 where the centre of a pixel shows the figure
};

/// Where the points of a mesh are at one time, and what of it is seen at the centre of each pixel.
struct Glimpse {
  std::vector<Vec> points;           ///< in the world
  std::vector<float> inverse_depth;  ///< of each pixel; 0 where the background is
};

/// Draws meshes before a background that stands still.
class Easel {
 public:
  explicit Easel(const Camera& camera) : camera_(camera) {}

  const Camera& camera() const { return camera_; }
  /// Pixels from the centre of the first one.
  Dot dot(const Vec& point) const;
  /// Whether the pixel that shows a point shows nothing that is nearer by more than `tolerance` metres.
  bool shows(const Glimpse& glimpse, const Vec& point, double tolerance) const;

  /// What is seen of a mesh.
  Glimpse glimpse(const Mesh& mesh, std::vector<Vec> points) const;
  /// Draws a frame.
  /// @param background  the light behind the figure, of each pixel
  /// @param before      the frame before
  Glimpse draw(const Mesh& mesh, std::vector<Vec> points, const Glimpse& before, const std::vector<Colour>& background,
               Subject& subject, const FigureMaps& maps) const;

 private:
  Camera camera_;
};

}  // namespace weft::world
