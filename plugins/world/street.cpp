#include "plugins/world/frame.h"

namespace weft::world {
namespace {

/// The procedural street as a source.
///
/// A frame is a function of seed, look, scene and t: where things are does not depend on the look, so that one seed in two
/// looks is a pair. The flow of the first frame leads to the frame that would have been before it.
struct Street {
  static constexpr auto about =
      "Procedural street: an endless, seeded drive with exact ground truth for every pixel: image, labels (Cityscapes' "
      "ids), instances (as in Cityscapes' files: label * 1000 + number), backward flow, occlusion (1: not visible in "
      "the previous frame), depth in metres (sky: 1000), and the camera as two matrices: its pose (from x right, y "
      "down, z ahead to the world, in metres) and its projection (from there to pixels)";

  StreetParams street;
  double speed = kPlannedSpeed;
  SequenceCount count;

  void params(Params& p) {
    street.params(p);
    p("speed", speed, "mean speed in metres per frame; curves add up to a sixth").min(0).max(2);
    declare_drives(p, count);
  }

  void shape(Shapes& shapes) const { street.shape(shapes); }

  std::optional<int64_t> frame_count() const { return count.frame_count(); }
  std::optional<int64_t> frames() { return frame_count(); }

  std::optional<std::string> next_sequence(Context&) {
    const auto number = count.begin();
    if (!number) return {};
    options_ = street.options(*number, speed);
    renderer_ = std::make_unique<Renderer>(options_);
    return text("street-", street.seed + *number);
  }

  bool skip() { return count.advance().has_value(); }

  std::optional<FrameOut> run() {
    const auto frame = count.advance();
    if (!frame) return {};
    const auto time = static_cast<double>(*frame);
    return frame_of(*renderer_, options_.lens, renderer_->shot_at(time), renderer_->shot_at(time - 1));
  }

 private:
  StreetOptions options_;
  std::unique_ptr<Renderer> renderer_;
};

}  // namespace

void add_street(Registry& registry) {
  registry.add<Street>("world.street");
}

}  // namespace weft::world
