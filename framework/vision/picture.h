#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <optional>

namespace weft::vision {

/// How a map is drawn as an image.
enum class Manner {
  Image,       ///< its first three channels as they are
  Grey,        ///< [0, 1] from black to white
  Depth,       ///< metres, dark where it is far
  Classes,     ///< ids, or the channel with the largest value, in the colours of classes
  Instances,   ///< each id in its own colour; consecutive ids have very different colours
  Conditions,  ///< by the number of channels: one as Grey, three as Image, others as Classes
  Flow,        ///< by direction and length
  Feature      ///< the first three channels, within two standard deviations of their mean
};

struct PictureRange {
  std::optional<double> max;  ///< Flow: pixels in full colour, else a twentieth of the width; Depth: black, else 100
  std::optional<int64_t> classes;  ///< Classes: how many there are, else 35 for labels and the channels of values
};

/// A map as an image.
///
/// The ranges are fixed and do not depend on the frame, so that a video does not flicker. Only features, whose range is
/// unknown, are scaled by their mean and standard deviation.
/// @param map  [B, C, H, W]; of Flow, C is 2
/// @returns [B, 3, H, W], in [-1, 1]; black where a value is not a number
at::Tensor picture(const at::Tensor& map, Manner manner, const PictureRange& range = {});

}  // namespace weft::vision
