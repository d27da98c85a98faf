#pragma once

#include "plugins/world/band.h"
#include "plugins/world/drive.h"
#include "plugins/world/ground.h"
#include "plugins/world/layout.h"
#include "plugins/world/lighting.h"
#include "plugins/world/look.h"
#include "plugins/world/scene.h"
#include "plugins/world/stage.h"
#include "plugins/world/traffic.h"

#include <cstdint>
#include <memory>
#include <vector>

namespace weft::world {

/// The options of a rendering: the street, its look, and the lens.
struct StreetOptions {
  uint64_t seed = 0;
  Look look;
  const Scene* scene = nullptr;
  Lens lens;
  double speed = 0;  ///< of the nominal drive, by which others plan; metres a frame
  bool has_traffic = true;
};

/// Where a frame goes: maps of height x width, row by row.
struct FrameMaps {
  float* image = nullptr;  ///< three maps: red, green, blue in [-1, 1]
  int64_t* labels = nullptr;
  int64_t* instances = nullptr;
  float* flow = nullptr;       ///< two maps: x and y
  float* occlusion = nullptr;  ///< 1 where the frame before does not show the place
  float* depth = nullptr;      ///< metres
};

/// A camera on the street at some moment.
struct Shot {
  Moment moment;
  Pose camera;

  bool operator==(const Shot&) const = default;
};

/// Renders the street. A frame depends only on the options and on two shots; the values kept from the last call are only
/// kept to save time when it is the next call's shot before.
class Renderer {
 public:
  explicit Renderer(const StreetOptions& options);
  ~Renderer();

  const Road& road() const { return road_; }
  const Drive& drive() const { return drive_; }
  /// The shot of the nominal drive.
  Shot shot_at(double time) const;

  void render(const Shot& now, const Shot& before, const FrameMaps& maps);

 private:
  /// The surfaces that a shot shows, and which of them is seen at each pixel's centre.
  struct Seen {
    Seen(const Shot& shot, const View& view) : shot(shot), stage(view) {}

    Shot shot;
    Stage stage;
    std::vector<int32_t> centres;
  };

  View view_of(const Shot& now, const Shot& before) const;
  void populate(Stage& stage, Ground& ground, const Shot& now, const Shot& before) const;
  std::unique_ptr<Seen> look_back(const Shot& before) const;
  void draw(Seen& seen, size_t samples, const Ground& ground, const FrameMaps* maps) const;

  StreetOptions options_;
  Road road_;
  Layout layout_;
  Drive drive_;
  Lighting lighting_;
  std::unique_ptr<Seen> last_;
};

}  // namespace weft::world
