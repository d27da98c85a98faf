#include "framework/data/instance_colours.h"
#include <weft/node.h>

#include <ATen/ops/scalar_tensor.h>

#include <cmath>

namespace weft::metric {
namespace {

double distance_between(const data::InstanceColours::Colour& a, const data::InstanceColours::Colour& b) {
  return std::hypot(a[0] - b[0], a[1] - b[1], a[2] - b[2]);
}

/// Colour constancy of instances.
///
/// The mean colour of each instance is stored at the first frame that shows enough of it. The value is the mean over
/// known instances of the distance between the current and the stored mean colour, of images in [0, 1].
struct ColourConstancy {
  static constexpr auto about =
      "Colour constancy of instances: the distance between the mean colour of an instance now and at its first "
      "appearance, 0 where it is the same; the mean over instances of the distance in RGB, of images in [0, 1]. "
      "Instances must keep their ids from frame to frame";
  static constexpr bool on_host = true;

  void params(Params& p) { colours_.params(p); }

  std::tuple<Out<"value", "scalar">, Out<"instances", "scalar">> run(In<"image", "image[B,3,H,W]"> image,
                                                                     In<"instances", "instances[B,1,H,W]"> instances) {
    double distance = 0;
    int64_t compared = 0;
    for (const data::InstanceColours::Seen& seen : colours_.look(*image, *instances)) {
      if (seen.is_new) continue;
      distance += distance_between(seen.first, seen.now);
      ++compared;
    }
    const double mean = compared == 0 ? 0 : distance / static_cast<double>(compared);
    return {at::scalar_tensor(mean, at::kDouble), at::scalar_tensor(compared, at::kLong)};
  }

  void reset() { colours_.clear(); }
  void state(Archive& archive) { colours_.state(archive); }

 private:
  data::InstanceColours colours_;
};

}  // namespace

void add_colour_constancy(Registry& registry) {
  registry.add<ColourConstancy>("metric.colour_constancy");
}

}  // namespace weft::metric
