#pragma once

#include "plugins/world/figure/expression.h"
#include "plugins/world/figure/identity.h"
#include "plugins/world/figure/mesh.h"

#include <span>
#include <vector>

namespace weft::world {

/// A place on a head at rest: radians about its axis from the nose to the left, and metres above the eyes as measured at
/// the front.
struct HeadPlace {
  double angle = 0, height = 0;
};

// Features of every head, in metres from the middle and above the eyes.
constexpr double kEyeAside = 0.032, kEyeWidth = 0.0152, kMouthHeight = -0.072, kMouthWidth = 0.025;
/// How far from their middle lids are drawn out when an eye opens.
constexpr double kLidReach = 0.018;
/// The centre line of a brow.
double brow_height(double aside);
/// How far the red of the lips reaches, above and below the line between them.
double upper_lip(double aside), lower_lip(double aside);
/// Where the hair begins.
double hairline(Hair hair, double angle);

/// The surface of a head and neck, with eyes, mouth, ears and hair, and what an expression does to it.
///
/// x is ahead, y to the left, z up, in metres; the origin is between the eyes' height and the ears.
class Head {
 public:
  /// @param detail  1: for a few dozen pixels, 3: for a picture of a face
  Head(const Identity& person, int detail);

  void add_to(Mesh& mesh);
  /// Sets all points of the head.
  /// @param head  where it is; @param body  where it would be if it did not move against the body, as the neck's foot does
  /// @param scale  of the head by the model
  void place(const Pose& head, const Pose& body, double scale, const Expression& expression,
             std::span<Vec> points) const;

  /// The 68 landmarks of dlib's predictor.
  std::vector<Vec> landmarks(const Pose& head, const Pose& body, double scale, const Expression& expression) const;
  /// The middle of an iris.
  Vec pupil(const Pose& head, double scale, const Expression& expression, size_t side) const;
  Vec ear(const Pose& head, double scale, size_t side) const;

 private:
  /// On which side of a slit, eye or mouth, a point at its height is.
  enum class Edge { Above, Below };
  struct Row {
    double height;
    Edge edge;
  };

  /// The place with this y at rest.
  HeadPlace at(double aside, double height) const;
  /// Half the width at rest.
  double width_at(double height) const;
  Vec rest(const HeadPlace& place) const;
  Vec face_at_rest(const HeadPlace& place) const;
  void move_brow(double aside, double height, const Expression& expression, Vec& p) const;
  void move_lid(double aside, double height, Edge edge, const Expression& expression, Vec& p) const;
  void move_mouth(double aside, double height, Edge edge, const Expression& expression, Vec& p) const;
  Vec moved(const Vec& at_rest, const HeadPlace& place, Edge edge, const Expression& expression) const;
  Vec surface(const HeadPlace& place, Edge edge, const Expression& expression) const;
  double hair_thickness(const HeadPlace& place) const;
  Vec hair_point(const HeadPlace& place) const;
  bool hangs() const { return person_.hair == Hair::Bob || person_.hair == Hair::Long; }
  Vec with_jaw(const Vec& point, double share, const Expression& expression) const;
  Vec eye_centre(size_t side) const;
  Vec eye_point(size_t side, double left, double up, const Expression& expression) const;
  Vec teeth_point(double left, double up, double depth) const;
  std::vector<Row> skin_rows() const;
  std::vector<double> skin_angles() const;
  bool is_slit(double angle, double height) const;
  void add_skin(Mesh& mesh);
  void add_hair(Mesh& mesh);
  void add_inside(Mesh& mesh);
  void add_pockets(Mesh& mesh);
  template <typename Put>
  void place_inside(const Expression& expression, const Put& put) const;
  template <typename Put>
  void place_pockets(const Expression& expression, const Put& put) const;

  Identity person_;
  int detail_;
  std::vector<Row> rows_;
  std::vector<double> angles_;
  std::vector<Vec> skin_at_rest_, rigid_;  ///< points of the skin, and of what no expression moves
  std::vector<double> rigid_heights_;
  Grid skin_;
  int32_t first_rigid_ = 0;
  std::array<Grid, 2> eyes_;
  std::array<Grid, 3> plates_;   ///< behind the lips
  std::array<Grid, 3> pockets_;  ///< behind eyes and mouth
};

/// Where a point of the head model is in the world.
inline Vec placed_head(const Pose& pose, double scale, const Vec& point) {
  return pose.at({scale * (point.x + 0.012), scale * point.y, scale * (point.z + 0.1)});
}

}  // namespace weft::world
