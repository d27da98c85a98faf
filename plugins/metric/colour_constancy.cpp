#include <weft/node.h>

#include <ATen/TensorOperators.h>
#include <ATen/ops/_unique2.h>
#include <ATen/ops/empty.h>
#include <ATen/ops/scalar_tensor.h>
#include <ATen/ops/zeros.h>

#include <array>
#include <cmath>
#include <map>

namespace weft::metric {
namespace {

using Colour = std::array<double, 3>;

/// Whether things keep their colours.
///
/// Of each instance the mean colour is remembered from the first frame that shows enough of it. The value is the mean over
/// the instances that were seen before of the distance between the mean colour now and then, of images in [0, 1].
struct ColourConstancy {
  static constexpr auto about =
      "How far the mean colours of instances are from those that they had when they were first seen, 0 where all kept "
      "theirs: "
      "the mean over instances of the distance in RGB, of images in [0, 1]. Instances must keep their ids from frame "
      "to "
      "frame";
  static constexpr bool on_host = true;

  int64_t first_id = 1000;
  int64_t least_pixels = 64;

  void params(Params& p) {
    p("first_id", first_id,
      "the smallest id of an instance; smaller ones stand for whole classes, as in Cityscapes, and are left out")
        .min(0);
    p("least_pixels", least_pixels, "of an instance in a frame: fewer do not count").min(1);
  }

  std::tuple<Out<"value", "scalar">, Out<"instances", "scalar">> run(In<"image", "image[B,3,H,W]"> image,
                                                                     In<"instances", "instances[B,1,H,W]"> instances) {
    double distance = 0;
    int64_t compared = 0;
    for (int64_t sample = 0; sample < image->size(0); ++sample) {
      for (const auto& [id, colour] : mean_colours((*image)[sample], (*instances)[sample])) {
        const auto [first, is_new] = first_colours_.emplace(std::pair(sample, id), colour);
        if (is_new) continue;
        distance += distance_between(first->second, colour);
        ++compared;
      }
    }
    const double mean = compared == 0 ? 0 : distance / static_cast<double>(compared);
    return {at::scalar_tensor(mean, at::kDouble), at::scalar_tensor(compared, at::kLong)};
  }

  void reset() { first_colours_.clear(); }

  void state(Archive& archive) {
    // One row an instance: sample, id, colour.
    at::Tensor rows = at::empty({static_cast<int64_t>(first_colours_.size()), 5}, at::kDouble);
    double* number = rows.mutable_data_ptr<double>();
    for (const auto& [key, colour] : first_colours_) {
      *number++ = static_cast<double>(key.first);
      *number++ = static_cast<double>(key.second);
      for (const double channel : colour) *number++ = channel;
    }
    archive("first_colours", rows);
    rows = rows.to(at::kCPU).contiguous();
    first_colours_.clear();
    const double* row = rows.const_data_ptr<double>();
    for (int64_t i = 0; i < rows.size(0); ++i, row += 5) {
      const std::pair key(static_cast<int64_t>(row[0]), static_cast<int64_t>(row[1]));
      first_colours_[key] = {row[2], row[3], row[4]};
    }
  }

 private:
  static double distance_between(const Colour& a, const Colour& b) {
    double squares = 0;
    for (size_t channel = 0; channel < a.size(); ++channel)
      squares += (a[channel] - b[channel]) * (a[channel] - b[channel]);
    return std::sqrt(squares);
  }

  /// The mean colour, in [0, 1], of each instance that is large enough.
  /// @param image      [3, H, W]
  /// @param instances  [1, H, W]
  std::map<int64_t, Colour> mean_colours(const at::Tensor& image, const at::Tensor& instances) const {
    const auto [ids, place, counts] = at::_unique2(instances.flatten(), true, /*return_inverse=*/true, true);
    const at::Tensor colours = (image.flatten(1).to(at::kDouble) + 1) / 2;  // [3, H*W]
    const at::Tensor sums = at::zeros({3, ids.size(0)}, at::kDouble).index_add_(1, place, colours).contiguous();
    const int64_t count = ids.size(0);
    std::map<int64_t, Colour> means;
    for (int64_t i = 0; i < count; ++i) {
      const int64_t id = ids.const_data_ptr<int64_t>()[i], pixels = counts.const_data_ptr<int64_t>()[i];
      if (id < first_id || pixels < least_pixels) continue;
      Colour& mean = means[id];
      for (int64_t channel = 0; channel < 3; ++channel) {
        mean[static_cast<size_t>(channel)] =
            sums.const_data_ptr<double>()[channel * count + i] / static_cast<double>(pixels);
      }
    }
    return means;
  }

  std::map<std::pair<int64_t, int64_t>, Colour> first_colours_;  ///< by sample and id
};

}  // namespace

void add_colour_constancy(Registry& registry) {
  registry.add<ColourConstancy>("metric.colour_constancy");
}

}  // namespace weft::metric
