#pragma once

#include "framework/vision/curve.h"

#include <ATen/core/Tensor.h>

#include <memory>
#include <string>
#include <vector>

namespace weft::face {

/// dlib's face detector and its predictor of landmarks.
class DlibPredictor {
 public:
  virtual ~DlibPredictor() = default;

  /// The 68 landmarks of the largest face, in pixels; none where nobody is.
  /// @param picture  [H, W, 3] uint8
  virtual std::vector<vision::Point> find(const at::Tensor& picture) = 0;
};

/// Reads a predictor file, such as shape_predictor_68_face_landmarks.dat.
/// @param upsample  how often pictures are doubled before the detector, which finds faces of 80 pixels, looks at them
/// @throws Error  (Data) when it is missing, damaged, or of another number of landmarks; (Plugin) when this weft was built
///                without dlib
std::unique_ptr<DlibPredictor> open_dlib(const std::string& file, int64_t upsample);

}  // namespace weft::face
