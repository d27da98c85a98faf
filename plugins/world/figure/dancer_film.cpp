#include "plugins/world/figure/dancer_film.h"

#include "plugins/world/chance.h"
#include "plugins/world/figure/mimic.h"
#include "plugins/world/figure/pieces.h"

#include <algorithm>

namespace weft::world {
namespace {

constexpr double kRoomHeight = 2.3, kRoomWidth = 2.0, kMiddle = 1.04;  // metres that the picture shows

Camera camera_of(const FilmOptions& options) {
  Chance chance(options.seed, Matter::View, 0);
  const double bearing = chance.between(-0.2, 0.2), height = chance.between(0.9, 1.35), far = chance.between(4.8, 6.2);
  Camera camera;
  camera.pose = upright({-far * std::cos(bearing), -far * std::sin(bearing), height}, bearing);
  Lens& lens = camera.lens;
  lens.height = options.height, lens.width = options.width;
  lens.focal = std::min(options.height / kRoomHeight, options.width / kRoomWidth) * far;
  lens.middle_x = (options.width - 1) / 2.0;
  lens.horizon = (options.height - 1) / 2.0 - lens.focal * (height - kMiddle) / far;
  return camera;
}

/// Numbers of DensePose's parts: front and back, of the left and of the right.
int part_of(Piece piece, const Anchor& anchor, bool is_front, bool is_upper) {
  const auto side = [&](int left, int right, bool is_left) { return is_left ? left : right; };
  switch (piece) {
    case Piece::Torso:
      return is_front ? 2 : 1;
    case Piece::RightHand:
      return 3;
    case Piece::LeftHand:
      return 4;
    case Piece::LeftShoe:
      return 5;
    case Piece::RightShoe:
      return 6;
    case Piece::Skirt:
      return is_front ? side(10, 9, anchor.around > 0) : side(8, 7, anchor.around > 0);
    case Piece::LeftLeg:
      return is_upper ? (is_front ? 10 : 8) : (is_front ? 14 : 12);
    case Piece::RightLeg:
      return is_upper ? (is_front ? 9 : 7) : (is_front ? 13 : 11);
    case Piece::LeftArm:
      return is_upper ? (is_front ? 15 : 17) : (is_front ? 19 : 21);
    case Piece::RightArm:
      return is_upper ? (is_front ? 16 : 18) : (is_front ? 20 : 22);
    default:
      return anchor.around > 0 ? 24 : 23;
  }
}

/// The extent of the anchors of a piece.
struct Extent {
  Anchor low = {1e6F, 1e6F}, high = {-1e6F, -1e6F};
};
using Extents = std::array<Extent, 32>;

Extents extents_of(const Mesh& mesh) {
  Extents extents;
  for (const Triangle& triangle : mesh.triangles()) {
    Extent& extent = extents[triangle.piece];
    for (const int32_t corner : triangle.corners) {
      const Anchor& anchor = mesh.anchors()[static_cast<size_t>(corner)];
      extent.low = {std::min(extent.low.along, anchor.along), std::min(extent.low.around, anchor.around)};
      extent.high = {std::max(extent.high.along, anchor.along), std::max(extent.high.around, anchor.around)};
    }
  }
  return extents;
}

/// Where `value` is between two others, from 0 to 1.
float share(float from, float to, float value) {
  return std::clamp((value - from) / std::max(to - from, 1e-6F), 0.0F, 1.0F);
}

/// The person, and the map of parts.
class Model : public Sitter {
 public:
  Model(const Identity& person, const Studio& studio, const Build& build, const Extents& extents, size_t area,
        float* parts)
      : Sitter(person, studio, build.upper_arm, build.forearm, build.thigh, build.shin),
        build_(build),
        extents_(extents),
        area_(area),
        parts_(parts) {}

  void note(size_t pixel, const Spotted& place) override {
    const auto piece = static_cast<Piece>(place.piece);
    const Extent& extent = extents_[place.piece];
    const float turn = share(extent.low.around, extent.high.around, place.anchor.around);  // 0.5: ahead
    const bool is_front = turn > 0.25F && turn < 0.75F;
    const bool is_arm = piece == Piece::LeftArm || piece == Piece::RightArm;
    const auto joint = static_cast<float>(is_arm ? build_.upper_arm : build_.thigh);
    const bool is_upper = place.anchor.along < joint;
    const bool has_joint = is_arm || piece == Piece::LeftLeg || piece == Piece::RightLeg;
    const float low = has_joint && !is_upper ? joint : extent.low.along;
    const float high = has_joint && is_upper ? joint : extent.high.along;
    const bool has_halves = has_joint || piece == Piece::Torso;
    const float around = !has_halves ? turn
                         : is_front  ? 2 * (turn - 0.25F)
                                     : 2 * (turn < 0.5F ? turn + 0.25F : turn - 0.75F);
    parts_[pixel] = 2 * std::clamp(around, 0.0F, 1.0F) - 1;
    parts_[area_ + pixel] = 2 * share(low, high, place.anchor.along) - 1;
    parts_[2 * area_ + pixel] = static_cast<float>(part_of(piece, place.anchor, is_front, is_upper)) / 12 - 1;
  }

 private:
  const Build& build_;
  const Extents& extents_;
  size_t area_;
  float* parts_;
};

/// Points of BODY_25 that a detector does not see through the head.
bool is_of_the_face(size_t point) {
  return point == 0 || (point >= 15 && point <= 18);
}

/// BODY_25, in the world.
std::array<Vec, 25> body_points(const Build& build, const Bones& bones) {
  std::array<Vec, 25> points;
  points[1] = bones.chest.at({0, 0, build.shoulder_height});
  points[8] = bones.pelvis.origin;
  constexpr std::array<size_t, 2> kShoulder = {5, 2}, kHip = {12, 9}, kToes = {19, 22};
  for (size_t side = 0; side < 2; ++side) {
    points[kShoulder[side]] = bones.upper_arm[side].origin;
    points[kShoulder[side] + 1] = bones.forearm[side].origin;
    points[kShoulder[side] + 2] = bones.hand[side].origin;
    points[kHip[side]] = bones.thigh[side].origin;
    points[kHip[side] + 1] = bones.shin[side].origin;
    points[kHip[side] + 2] = bones.foot[side].origin;
    const double y = kSides[side], h = build.height, sole = -build.ankle + 0.012 * h;
    points[kToes[side]] = bones.foot[side].at({0.70 * build.foot, -0.008 * y * h, sole});
    points[kToes[side] + 1] = bones.foot[side].at({0.58 * build.foot, 0.019 * y * h, sole});
    points[kToes[side] + 2] = bones.foot[side].at({-0.26 * build.foot, 0, sole});
  }
  return points;
}

}  // namespace

/// What is kept of a frame for the next one.
struct DancerFilm::Moment {
  double time;
  Glimpse glimpse;
};

DancerFilm::DancerFilm(const FilmOptions& options)
    : person_(identity_of(options.identity)),
      studio_(studio_of(options.identity)),
      build_(build_of(person_)),
      dance_(options.motion),
      motion_(options.motion),
      easel_(camera_of(options)),
      room_(studio_, easel_, 2.1, 0),
      body_(person_, build_),
      head_(person_, 1) {
  body_.add_to(mesh_);
  head_.add_to(mesh_);
}

DancerFilm::~DancerFilm() = default;

Expression DancerFilm::expression_at(double time) const {
  Expression expression = Mimic(motion_).face_at(time / kFramesPerSecond);
  expression.jaw *= 0.3;
  return expression;
}

std::vector<Vec> DancerFilm::points_at(double time) const {
  std::vector<Vec> points(mesh_.points());
  const Stance stance = dance_.at(time / kFramesPerSecond);
  const Bones bones = bones_of(build_, stance);
  body_.place(bones, stance, points);
  Pose chest = bones.chest;
  chest.origin = bones.head.origin;
  head_.place(bones.head, chest, build_.head, expression_at(time), points);
  return points;
}

Joints DancerFilm::joints(double time, const Glimpse& glimpse) const {
  const Stance stance = dance_.at(time / kFramesPerSecond);
  const Bones bones = bones_of(build_, stance);
  const Expression expression = expression_at(time);
  Pose chest = bones.chest;
  chest.origin = bones.head.origin;
  Joints joints;
  const Lens& lens = easel_.camera().lens;
  const auto set = [&](size_t index, const Vec& point, double tolerance, double hidden) {
    const Dot dot = easel_.dot(point);
    const bool is_inside = dot.x >= -0.5F && dot.y >= -0.5F && dot.x < static_cast<float>(lens.width) - 0.5F &&
                           dot.y < static_cast<float>(lens.height) - 0.5F;
    const double confidence = !is_inside ? 0 : easel_.shows(glimpse, point, tolerance) ? 1 : hidden;
    if (confidence > 0) joints[index] = {dot.x, dot.y, confidence};
  };
  const std::vector<Vec> face = head_.landmarks(bones.head, chest, build_.head, expression);
  std::array<Vec, 25> body = body_points(build_, bones);
  body[0] = face[30];
  for (size_t side = 0; side < 2; ++side) {
    body[16 - side] = head_.pupil(bones.head, build_.head, expression, side);
    body[18 - side] = head_.ear(bones.head, build_.head, side);
  }
  const double pixel = 1.5 * length(easel_.camera().pose.origin) / lens.focal;
  const auto thickness = [](size_t point) {
    return point == 1 || point == 2 || point == 5 || point == 8 || point == 9 || point == 12 ? 0.17 : 0.09;
  };
  for (size_t i = 0; i < body.size(); ++i)
    set(i, body[i], pixel + (is_of_the_face(i) ? 0.03 : thickness(i)), is_of_the_face(i) ? 0 : 0.5);
  for (size_t i = 0; i < face.size(); ++i) set(25 + i, face[i], pixel + 0.02, 0);
  for (size_t side = 0; side < 2; ++side) {
    set(25 + 69 - side, head_.pupil(bones.head, build_.head, expression, side), pixel + 0.02, 0);
    const HandPoints hand = hand_points(build_, bones.hand[side], stance.arms[side].fingers, side);
    for (size_t i = 0; i < hand.size(); ++i) set(95 + 21 * side + i, hand[i], pixel + 0.035, 0.5);
  }
  return joints;
}

Joints DancerFilm::draw(double time, const DancerMaps& maps) {
  if (!last_ || last_->time != time - 1)
    last_ = std::make_unique<Moment>(Moment{time - 1, easel_.glimpse(mesh_, points_at(time - 1))});
  const Lens& lens = easel_.camera().lens;
  const size_t area = static_cast<size_t>(lens.width) * static_cast<size_t>(lens.height);
  std::fill_n(maps.parts, 3 * area, -1.0F);
  const Extents extents = extents_of(mesh_);
  Model model(person_, studio_, build_, extents, area, maps.parts);
  std::vector<Vec> points = points_at(time);
  const std::vector<Colour> background = room_.with_shadow(mesh_, points);
  last_ = std::make_unique<Moment>(
      Moment{time, easel_.draw(mesh_, std::move(points), last_->glimpse, background, model, maps.figure)});
  return joints(time, last_->glimpse);
}

}  // namespace weft::world
