#include "plugins/world/chance.h"
#include "plugins/world/frame.h"
#include "plugins/world/steered_camera.h"

#include <ATen/ops/scalar_tensor.h>

#include <algorithm>

namespace weft::world {
namespace {

/// What is done at one frame: metres, and radians to the left per metre.
struct Action {
  double speed = 0, steering = 0;
};

/// Somebody who brakes, accelerates, and steers from one side of the lane to the other.
class Driver {
 public:
  /// @param speed  metres a frame on average
  Driver(uint64_t seed, double speed) : seed_(seed), speed_(speed) {}

  Action act(int64_t frame, const SteeredCamera& camera) const {
    constexpr double kMostTurn = 0.25, kMostSteering = 0.15, kHaste = 0.4;
    const double speed = speed_ * std::max(0.0, between_knots(frame, 0, -0.3, 2.3));
    const double aim = -kLaneMiddle + between_knots(frame, 1, -1.2, 1.2);
    const double turn = std::clamp(kHaste * (aim - camera.left()), -kMostTurn, kMostTurn);
    return {speed, std::clamp(turn - camera.turn(), -kMostSteering, kMostSteering)};
  }

 private:
  /// A smooth curve through random values, one for every 20 frames.
  double between_knots(int64_t frame, int64_t part, double least, double most) const {
    constexpr int64_t kApart = 20;
    const int64_t knot = frame / kApart;
    const double x = static_cast<double>(frame % kApart) / kApart, smooth = x * x * (3 - 2 * x);
    const auto value = [&](int64_t index) { return Chance(seed_, Matter::Driver, index, part).between(least, most); };
    return value(knot) * (1 - smooth) + value(knot + 1) * smooth;
  }

  uint64_t seed_;
  double speed_;
};

using DrivenOut = decltype(std::tuple_cat(
    std::declval<FrameOut>(), std::declval<std::tuple<Out<"speed", "scalar">, Out<"steering", "scalar">>>()));

/// The procedural street as a driver sees it, with what the driver does: frames to learn from how actions move the camera.
struct DrivenStreet {
  static constexpr auto about =
      "Procedural street of world.street, seen by a driver who brakes, accelerates and steers at random: a source of "
      "actions and of the frames that follow from them. `speed` (metres) and `steering` (radians to the left per "
      "metre) "
      "lead from the previous frame to this one; of those of the first drive from its beginning, world.steered_street "
      "makes the same frames";

  StreetParams street;
  double speed = kPlannedSpeed;
  SequenceCount count;

  void params(Params& p) {
    street.params(p);
    p("speed", speed, "mean speed in metres per frame; up to 2.3 times as much is driven").min(0).max(2);
    declare_drives(p, count);
  }

  void shape(Shapes& shapes) const { street.shape(shapes); }

  std::optional<int64_t> frame_count() const { return count.frame_count(); }
  std::optional<int64_t> frames() { return frame_count(); }

  std::optional<std::string> next_sequence(Context&) {
    const auto number = count.begin();
    if (!number) return {};
    options_ = street.options(*number, kPlannedSpeed);
    renderer_ = std::make_unique<Renderer>(options_);
    driver_.emplace(options_.seed, speed);
    camera_ = {};
    before_.reset();
    action_ = {};
    frame_ = 0;
    while (frame_ < count.start) drive();
    return text("street-", street.seed + *number);
  }

  bool skip() {
    if (!count.advance()) return false;
    drive();
    return true;
  }

  std::optional<DrivenOut> run() {
    if (!count.advance()) return {};
    const Shot now = camera_.shot(renderer_->road(), frame_);
    FrameOut frame = frame_of(*renderer_, options_.lens, now, before_.value_or(standing()));
    const Action led_here = action_;
    drive();
    return std::tuple_cat(std::move(frame), std::make_tuple(Out<"speed", "scalar">(scalar(led_here.speed)),
                                                            Out<"steering", "scalar">(scalar(led_here.steering))));
  }

 private:
  static at::Tensor scalar(double value) { return at::scalar_tensor(value, at::kFloat); }

  /// Before its first frame the camera has stood.
  Shot standing() const { return camera_.shot(renderer_->road(), frame_ - 1); }

  void drive() {
    before_ = camera_.shot(renderer_->road(), frame_);
    ++frame_;
    // The outputs are floats, and frames follow from what is output.
    const Action action = driver_->act(frame_, camera_);
    action_ = {static_cast<float>(action.speed), static_cast<float>(action.steering)};
    camera_.drive(action_.speed, action_.steering);
  }

  StreetOptions options_;
  std::unique_ptr<Renderer> renderer_;
  std::optional<Driver> driver_;
  SteeredCamera camera_;
  std::optional<Shot> before_;
  Action action_;      ///< that led to the camera's place
  int64_t frame_ = 0;  ///< of the street, where the camera is
};

}  // namespace

void add_driven_street(Registry& registry) {
  registry.add<DrivenStreet>("world.driven_street");
}

}  // namespace weft::world
