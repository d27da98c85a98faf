#include "plugins/media/shown_image.h"

#include "framework/vision/resize.h"
#include "plugins/media/frame_image.h"
#include "plugins/media/tone_map.h"

#include <ATen/ops/clamp.h>

namespace weft::media {

void ShownImage::params(Params& p) {
  p("filter", filter_, "interpolation for other sizes",
    {{"bicubic", vision::Filter::Bicubic},
     {"bilinear", vision::Filter::Bilinear},
     {"nearest", vision::Filter::Nearest}});
  p("hdr", hdr_,
    "HDR videos (PQ, HLG) are converted to BT.709 as displays show them, or their numbers are left as coded",
    {{"tone_map", Hdr::ToneMap}, {"as_coded", Hdr::AsCoded}});
}

at::Tensor ShownImage::read(const AVFrame& frame, const Turn& turn, Size wanted, const std::string& name) const {
  at::Tensor stored = image_of_frame(frame, name);
  if (hdr_ == Hdr::ToneMap && is_hdr(frame)) stored = tone_mapped(stored, frame.color_trc, peak_of(frame));
  const at::Tensor image = turned(stored, turn);  // [1, 3, H, W]
  if (wanted == Size{image.size(2), image.size(3)}) return image;
  return vision::resize(image, wanted.height, wanted.width, filter_).clamp(-1, 1);
}

}  // namespace weft::media
