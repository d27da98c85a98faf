#include "plugins/world/figure/face_film.h"

#include "plugins/world/chance.h"

#include <algorithm>

namespace weft::world {
namespace {

constexpr double kShown = 0.44;  // metres that the picture shows of the place of the face

Camera camera_of(const FilmOptions& options, const Build& build) {
  Chance chance(options.seed, Matter::View, 1);
  const double bearing = chance.between(-0.12, 0.12), far = chance.between(1.1, 1.7);
  const double face = build.leg + build.spine + build.neck + 0.075 * build.head, higher = chance.between(-0.06, 0.08);
  Camera camera;
  camera.pose = upright({-far * std::cos(bearing), -far * std::sin(bearing), face + higher}, bearing);
  Lens& lens = camera.lens;
  lens.height = options.height, lens.width = options.width;
  lens.focal = std::min(options.height, options.width) / kShown * far;
  lens.middle_x = (options.width - 1) / 2.0;
  lens.horizon = (options.height - 1) / 2.0 - lens.focal * higher / far;
  return camera;
}

/// The person, and the map of parts.
class Model : public Sitter {
 public:
  Model(const Identity& person, const Studio& studio, const Build& build, int64_t* labels)
      : Sitter(person, studio, build.upper_arm, build.forearm, build.thigh, build.shin), labels_(labels) {}

  void note(size_t pixel, const Spotted& place) override {
    labels_[pixel] = static_cast<int64_t>(face_part(person(), place));
  }

 private:
  int64_t* labels_;
};

}  // namespace

/// What is kept of a frame for the next one.
struct FaceFilm::Moment {
  double time;
  Glimpse glimpse;
};

/// How a person stands at a moment.
struct FaceFilm::Held {
  Stance stance;
  Bones bones;
  Pose neck;  ///< of the head, if it did not move against the chest
  Expression expression;
};

FaceFilm::FaceFilm(const FilmOptions& options)
    : person_(identity_of(options.identity)),
      studio_(studio_of(options.identity)),
      build_(build_of(person_)),
      mimic_(options.motion),
      easel_(camera_of(options, build_)),
      room_(studio_, easel_, 1.6, 0.035),
      body_(person_, build_),
      head_(person_, 3) {
  body_.add_to(mesh_);
  head_.add_to(mesh_);
}

FaceFilm::~FaceFilm() = default;

FaceFilm::Held FaceFilm::held_at(double time) const {
  const double seconds = time / kFramesPerSecond;
  const HeadStance head = mimic_.head_at(seconds);
  Held held;
  Stance& stance = held.stance;
  stance.place = {-head.ahead, head.aside, 0.01 - 0.3 * head.up};
  stance.head_turn = 0.85 * head.turn, stance.nod = head.nod, stance.head_roll = 0.9 * head.roll;
  stance.twist = 0.15 * head.turn, stance.lean = 0.1 * head.roll, stance.bend = 0.02 + 0.2 * head.ahead;
  for (size_t side = 0; side < 2; ++side) {
    stance.arms[side] = {0.14, 0.3, 0.1, 0.3, 0, 0.4};
    // Facing the camera the left foot is on its right.
    stance.feet[side] = {{0, -0.1 * kSides[side], 0}, 0.1 * kSides[side], 0};
  }
  held.bones = bones_of(build_, stance);
  held.neck = held.bones.chest;
  held.neck.origin = held.bones.head.origin;
  held.expression = mimic_.face_at(seconds);
  return held;
}

std::vector<Vec> FaceFilm::points_at(double time) const {
  std::vector<Vec> points(mesh_.points());
  const Held held = held_at(time);
  body_.place(held.bones, held.stance, points);
  head_.place(held.bones.head, held.neck, build_.head, held.expression, points);
  return points;
}

Landmarks FaceFilm::draw(double time, const FaceMaps& maps) {
  if (!last_ || last_->time != time - 1)
    last_ = std::make_unique<Moment>(Moment{time - 1, easel_.glimpse(mesh_, points_at(time - 1))});
  const Lens& lens = easel_.camera().lens;
  std::fill_n(maps.labels, static_cast<size_t>(lens.width) * static_cast<size_t>(lens.height), 0);
  Model model(person_, studio_, build_, maps.labels);
  last_ = std::make_unique<Moment>(
      Moment{time, easel_.draw(mesh_, points_at(time), last_->glimpse, room_.light(), model, maps.figure)});
  const Held held = held_at(time);
  const std::vector<Vec> points = head_.landmarks(held.bones.head, held.neck, build_.head, held.expression);
  Landmarks landmarks;
  for (size_t i = 0; i < landmarks.size(); ++i) landmarks[i] = easel_.dot(points[i]);
  return landmarks;
}

}  // namespace weft::world
