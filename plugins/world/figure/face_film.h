#pragma once

#include "plugins/world/figure/body.h"
#include "plugins/world/figure/easel.h"
#include "plugins/world/figure/film_options.h"
#include "plugins/world/figure/head.h"
#include "plugins/world/figure/mimic.h"
#include "plugins/world/figure/room.h"
#include "plugins/world/figure/sitter.h"

#include <array>
#include <memory>
#include <vector>

namespace weft::world {

/// The 68 landmarks of dlib's predictor, in pixels from the centre of the first one: exact, whether they are seen or not.
using Landmarks = std::array<Dot, 68>;

/// Maps of a frame.
struct FaceMaps {
  FigureMaps figure;
  int64_t* labels = nullptr;  ///< FacePart
};

/// A person who talks to a camera that stands still.
class FaceFilm {
 public:
  explicit FaceFilm(const FilmOptions& options);
  ~FaceFilm();

  /// Draws the frame of a time, counted in frames; what is kept of the last call only saves time.
  Landmarks draw(double time, const FaceMaps& maps);

 private:
  struct Moment;
  struct Held;

  Held held_at(double time) const;
  std::vector<Vec> points_at(double time) const;

  Identity person_;
  Studio studio_;
  Build build_;
  Mimic mimic_;
  Easel easel_;
  Room room_;
  Mesh mesh_;
  Body body_;
  Head head_;
  std::unique_ptr<Moment> last_;
};

}  // namespace weft::world
