#include "plugins/world/frame.h"
#include "plugins/world/steered_camera.h"

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

  void reset() { t_ = 0, camera_ = {}; }

  void state(Archive& archive) {
    archive("t", t_);
    camera_.state(archive);
  }

  FrameOut run(In<"speed", "scalar"> speed, Opt<"steering", "scalar"> steering) {
    if (!renderer_) make();
    const Shot before = shot();
    if (t_ > 0) camera_.drive(speed->item<double>(), steering ? steering->item<double>() : 0);
    ++t_;
    return frame_of(*renderer_, options_.lens, shot(), before);
  }

 private:
  void make() {
    options_ = street.options(0, kPlannedSpeed);
    renderer_ = std::make_unique<Renderer>(options_);
  }

  /// At t = 0 the camera has stood before.
  Shot shot() const { return camera_.shot(renderer_->road(), t_ - 1); }

  StreetOptions options_;
  std::unique_ptr<Renderer> renderer_;
  SteeredCamera camera_;
  int64_t t_ = 0;  ///< frames that were shown
};

}  // namespace

void add_steered_street(Registry& registry) {
  registry.add<SteeredStreet>("world.steered_street");
}

}  // namespace weft::world
