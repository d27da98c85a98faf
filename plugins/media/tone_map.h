#pragma once

#include "plugins/media/libav.h"

#include <ATen/core/Tensor.h>

namespace weft::media {

/// Whether a frame is coded for a brighter display than that of BT.709: in PQ or HLG.
bool is_hdr(const AVFrame& frame);

/// The light of the brightest point by a frame's metadata, in cd/m²; 1000 without metadata.
double peak_of(const AVFrame& frame);

/// An image in PQ or HLG becomes one of BT.709, as SDR displays show it.
///
///   light = EOTF(image)                          cd/m², BT.2020 primaries
///   light = light * EETF(max) / max              max: the largest of R, G, B; white is 203 cd/m²
///   image = (light in BT.709 primaries)^(1/2.4)
///
/// Source: ITU-R BT.2100 (EOTFs), BT.2390-11, section 5.4 (EETF), BT.2408 (white), BT.2087 (primaries).
/// @param image  [1, 3, H, W] float in [-1, 1], as image_of_frame gives it for such a frame
/// @param trc    AVCOL_TRC_SMPTE2084 or AVCOL_TRC_ARIB_STD_B67
/// @param peak   cd/m², of the brightest point
/// @returns as `image`
at::Tensor tone_mapped(const at::Tensor& image, AVColorTransferCharacteristic trc, double peak);

}  // namespace weft::media
