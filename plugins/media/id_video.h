#pragma once

#include "framework/data/palette.h"
#include "framework/node/context.h"
#include "plugins/media/video_source.h"

#include <ATen/core/Tensor.h>

namespace weft::media {

/// Maps of ids from a lossless video; shared by the readers of labels and instances.
struct IdVideo {
  VideoSource video;
  /// Of the classes in whose colours the frames are painted; nothing: they hold ids.
  std::optional<data::Palette> palette;

  void params(Params& p) { video.params(p); }
  void shape(Shapes& shapes) const { video.shape(shapes); }
  std::vector<std::string> sequences() { return video.sequences(); }
  /// @throws Error  (Data) when the video's codec does not keep numbers exactly
  std::optional<std::string> next_sequence(Context&);
  bool skip_sequence() { return video.skip_sequence(); }
  bool skip() { return video.skip(); }
  std::optional<Recording> recording() { return video.recording(); }

  /// The map of the next frame, resized by nearest neighbour.
  /// @returns [1, 1, H, W] int64; nothing at the end
  /// @throws Error  (Data) when the frame does not hold one id a pixel
  std::optional<at::Tensor> next(Context& context);

 private:
  at::Tensor read(const AVFrame& frame) const;
};

}  // namespace weft::media
