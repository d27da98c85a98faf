#pragma once

#include "plugins/world/figure/body.h"
#include "plugins/world/figure/dance.h"
#include "plugins/world/figure/easel.h"
#include "plugins/world/figure/film_options.h"
#include "plugins/world/figure/head.h"
#include "plugins/world/figure/room.h"
#include "plugins/world/figure/sitter.h"

#include <array>
#include <memory>

namespace weft::world {

/// A joint in the picture: pixels from the centre of the first one.
struct Joint {
  double x = 0, y = 0;
  double confidence =
      0;  ///< 1: in view; 0.5: hidden by the person; 0: outside of the picture, or on the far side of the head
};

/// BODY_25, the face's 70, the left hand's and the right hand's 21 points, as OpenPose orders them.
using Joints = std::array<Joint, 137>;

/// Maps of a frame.
struct DancerMaps {
  FigureMaps figure;
  float* parts = nullptr;  ///< three maps: v, u, and the number of the DensePose part, in [-1, 1]; -1 in the background
};

/// A person who dances before a camera that stands still.
class DancerFilm {
 public:
  explicit DancerFilm(const FilmOptions& options);
  ~DancerFilm();

  /// Draws the frame of a time, counted in frames; what is kept of the last call only saves time.
  Joints draw(double time, const DancerMaps& maps);

 private:
  struct Moment;

  std::vector<Vec> points_at(double time) const;
  Joints joints(double time, const Glimpse& glimpse) const;
  Expression expression_at(double time) const;

  Identity person_;
  Studio studio_;
  Build build_;
  Dance dance_;
  uint64_t motion_;
  Easel easel_;
  Room room_;
  Mesh mesh_;
  Body body_;
  Head head_;
  std::unique_ptr<Moment> last_;
};

}  // namespace weft::world
