#include "plugins/media/id_video.h"

#include "framework/base/error.h"
#include "framework/base/text.h"
#include "framework/vision/resize.h"
#include "plugins/media/frame_image.h"
#include "plugins/media/picture.h"

namespace weft::media {

std::optional<std::string> IdVideo::next_sequence(Context&) {
  const std::optional<std::string> name = video.open();
  if (!name) return {};
  const AVCodecDescriptor* codec = avcodec_descriptor_get(video.codec());
  const int loss = codec ? codec->props & (AV_CODEC_PROP_LOSSY | AV_CODEC_PROP_LOSSLESS) : 0;
  if (loss == AV_CODEC_PROP_LOSSLESS) return name;
  throw Error(Exit::Data, text(video.name(), " is ", avcodec_get_name(video.codec()),
                               ", which may change numbers, so it cannot hold ids"))
      .hint("give PNG files, or grey frames in a lossless codec: ffmpeg -i %06d.png -c:v ffv1 -pix_fmt gray FILE.mkv");
}

std::optional<at::Tensor> IdVideo::next(Context& context) {
  const AVFrame* frame = video.next(context);
  if (!frame) return {};
  const Size wanted = video.size_for(*frame);
  at::Tensor ids = turned(read(*frame), video.turn(*frame));  // [H, W]
  if (!(wanted == Size{ids.size(0), ids.size(1)}))
    ids = vision::resize_pil(ids, wanted.height, wanted.width, vision::Filter::Nearest);
  return ids.view({1, 1, ids.size(0), ids.size(1)});
}

/// @returns [H, W] int64, as the frame is stored
at::Tensor IdVideo::read(const AVFrame& frame) const {
  if (!palette) return ids_of_frame(frame, video.name());
  const at::Tensor rgb = bytes_of_image(image_of_frame(frame, video.name()).select(0, 0));
  return palette->ids_of(rgb, video.name()).to(at::kLong).bitwise_and_(0xFFFF);
}

}  // namespace weft::media
