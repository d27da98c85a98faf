#pragma once

#include "framework/node/params.h"
#include "plugins/media/libav.h"
#include "plugins/media/load_size.h"
#include "plugins/media/upright.h"
#include <weft/vision.h>

#include <string>

namespace weft::media {

/// How decoded frames become the images of a node: HDR, turns and sizes; shared by the readers of videos and live streams.
class ShownImage {
 public:
  /// Declares `filter` and `hdr`.
  void params(Params& p);
  /// @param wanted  height and width
  /// @param name    of the video, for messages
  /// @returns [1, 3, H, W] float in [-1, 1]
  /// @throws Error  (Data) when the frame's colours cannot be converted
  at::Tensor read(const AVFrame& frame, const Turn& turn, Size wanted, const std::string& name) const;

 private:
  /// What becomes of frames in PQ or HLG.
  enum class Hdr { ToneMap, AsCoded };

  vision::Filter filter_ = vision::Filter::Bicubic;
  Hdr hdr_ = Hdr::ToneMap;
};

}  // namespace weft::media
