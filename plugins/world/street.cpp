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
  double speed = 0.235;
  int64_t frame_limit = 200;
  int64_t start = 0;
  int64_t sequences = 1;

  void params(Params& p) {
    street.params(p);
    p("speed", speed, "mean speed in metres per frame; curves add up to a sixth").min(0).max(2);
    p("frames", frame_limit, "frames of a sequence; 0: the drive never ends").min(0);
    p("start", start, "the time on the street at t = 0").min(0);
    p("sequences", sequences, "number of drives; each has the next seed").min(1);
  }

  void shape(Shapes& shapes) const { street.shape(shapes); }

  std::optional<int64_t> frame_count() const {
    if (frame_limit == 0) return {};
    return frame_limit;
  }
  std::optional<int64_t> frames() { return frame_count(); }

  std::optional<std::string> next_sequence(Context&) {
    if (begun_ == sequences) return {};
    const int64_t number = begun_++;
    options_ = street.options(number, speed);
    renderer_ = std::make_unique<Renderer>(options_);
    next_ = 0;
    return text("street-", street.seed + number);
  }

  bool skip() { return advance(); }

  std::optional<FrameOut> run() {
    const auto time = static_cast<double>(start + next_);
    if (!advance()) return {};
    return frame_of(*renderer_, options_.lens, renderer_->shot_at(time), renderer_->shot_at(time - 1));
  }

 private:
  bool advance() {
    if (frame_limit != 0 && next_ >= frame_limit) return false;
    ++next_;
    return true;
  }

  StreetOptions options_;
  std::unique_ptr<Renderer> renderer_;
  int64_t begun_ = 0;
  int64_t next_ = 0;
};

}  // namespace

void add_street(Registry& registry) {
  registry.add<Street>("world.street");
}

}  // namespace weft::world
