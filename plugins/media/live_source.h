#pragma once

#include "framework/node/context.h"
#include "plugins/media/frame_size.h"
#include "plugins/media/live_frames.h"
#include "plugins/media/shown_image.h"

#include <memory>
#include <optional>
#include <string>

namespace weft::media {

/// A live stream as the only sequence of a source; shared by media.camera and media.stream.
class LiveSource {
 public:
  explicit LiveSource(OnDamage on_damage) : on_damage_(on_damage) {}

  /// Declares `queue`, `on_full`, `patience`, `on_damage`, `size`, `scale`, `load_size`, `filter` and `hdr`.
  void params(Params& p);
  void shape(Shapes& shapes) const { size_.shape(shapes); }
  double patience() const { return patience_; }

  /// Begins to read.
  /// @throws Error  (Data) when the stream cannot be opened
  void open(const LivePlace& place);
  bool is_open() const { return frames_ != nullptr; }
  /// Waits for the next image, [1, 3, H, W] in [-1, 1]; nothing at the end. Says once that frames are dropped, how many
  /// they were at the end, and whether the stream fell silent.
  /// @throws Error  (Data) where the stream is damaged
  std::optional<at::Tensor> next(Context& context);
  /// The rate that the stream claims to have.
  Recording recording() const;

 private:
  void end(Context& context);

  int64_t queue_ = 4;
  OnFull on_full_ = OnFull::Drop;
  double patience_ = 10;
  OnDamage on_damage_;
  FrameSize size_;
  ShownImage image_;

  std::unique_ptr<LiveFrames> frames_;
  int64_t count_ = 0;  ///< frames that were given
  bool has_warned_ = false, is_at_end_ = false;
};

}  // namespace weft::media
