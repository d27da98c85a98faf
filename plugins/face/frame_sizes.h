#pragma once

#include "framework/node/params.h"
#include "framework/spec/node_spec.h"
#include "framework/vision/resize.h"
#include "plugins/face/crop_window.h"

#include <ATen/core/Tensor.h>

#include <optional>
#include <vector>

namespace weft::face {

/// Height and width in pixels.
struct Size {
  int64_t height = 0;
  int64_t width = 0;

  bool operator==(const Size&) const = default;
};

/// The size at which a face is drawn and the size of the resulting map; shared by the nodes that draw.
///
/// Maps are drawn over the whole frame, cropped to the window, and then resized.
class FrameSizes {
 public:
  /// Declares `frame_size` and `size`.
  void params(Params& p);

  /// Sets Y and X, the size of the map, from the parameters and the inputs `image` and `window`.
  /// @throws Error  (Graph) when they do not say the size, or `window` is wired and `size` is left out
  void shape(Shapes& shapes) const;

  /// The size of the frame that the landmarks belong to.
  /// @param image  [3, H, W], or nothing
  /// @throws Error  (Graph) when it is not known, or image and parameter differ
  Size frame(const std::optional<at::Tensor>& image) const;

  /// Cuts out and resizes.
  /// @param picture  [H, W] uint8
  /// @param corners  of the window, [2, 3], or nothing for the whole frame
  at::Tensor fit(const at::Tensor& picture, const std::optional<at::Tensor>& corners, Outside outside,
                 vision::Filter filter) const;

  /// Resizes, and mirrors as the window is.
  /// @param picture  [H, W] uint8, the content of the window
  at::Tensor sized(const at::Tensor& picture, const Window& window, vision::Filter filter) const;

 private:
  std::optional<std::vector<int64_t>> frame_size_;
  std::optional<std::vector<int64_t>> size_;
};

/// One sample of the batch at an optional port, or nothing where nothing is wired.
template <typename Port>
std::optional<at::Tensor> sample_of(const Port& port, int64_t sample) {
  return port ? std::optional<at::Tensor>(port->select(0, sample)) : std::nullopt;
}

}  // namespace weft::face
