#include "plugins/world/frame.h"

#include <algorithm>
#include <cmath>

namespace weft::world {
namespace {

/// The procedural street with a steered camera.
///
/// A source has no inputs, so this is a node of its own. What others do depends on t, as it does in world.street; those who
/// drive ahead keep their distance to the camera.
struct SteeredStreet {
  static constexpr auto about =
      "Procedural street of world.street, driven by streams: `speed` in metres per frame, and `steering` in radians to "
      "the left per metre, relative to the course of the street, so that 0 keeps to the lane; houses stop the camera";
  static constexpr bool on_host = true;

  StreetParams street;

  void params(Params& p) { street.params(p); }
  void shape(Shapes& shapes) const { street.shape(shapes); }

  void reset() { t_ = 0, along_ = 0, left_ = -kLaneMiddle, turn_ = 0; }

  void state(Archive& archive) {
    archive("t", t_);
    archive("along", along_);
    archive("left", left_);
    archive("turn", turn_);
  }

  FrameOut run(In<"speed", "scalar"> speed, Opt<"steering", "scalar"> steering) {
    if (!renderer_) make();
    const Shot before = shot();
    if (t_ > 0) drive(speed->item<double>(), steering ? steering->item<double>() : 0);
    ++t_;
    return frame_of(*renderer_, options_.lens, shot(), before);
  }

 private:
  void make() {
    constexpr double kNominalSpeed = 0.235;  // by which others plan
    options_ = street.options(0, kNominalSpeed);
    renderer_ = std::make_unique<Renderer>(options_);
  }

  void drive(double metres, double steering) {
    // A turn of more than a right angle would take the street out of sight.
    turn_ = std::clamp(turn_ + metres * steering, -kPi / 2, kPi / 2);
    along_ += metres * std::cos(turn_);
    left_ = std::clamp(left_ + metres * std::sin(turn_), -(kHouseLine - 1), kHouseLine - 1);
  }

  /// At t = 0 the camera has stood before.
  Shot shot() const {
    Pose pose = Drive::pose(renderer_->road(), along_);
    const Vec eye = renderer_->road().at({along_, left_}, pose.origin.z);
    const double heading = std::atan2(pose.ahead.y, pose.ahead.x) + turn_;
    return {{static_cast<double>(t_ - 1), along_}, upright(eye, heading)};
  }

  StreetOptions options_;
  std::unique_ptr<Renderer> renderer_;
  int64_t t_ = 0;  ///< frames that were shown
  double along_ = 0, left_ = -kLaneMiddle, turn_ = 0;
};

}  // namespace

void add_steered_street(Registry& registry) {
  registry.add<SteeredStreet>("world.steered_street");
}

}  // namespace weft::world
