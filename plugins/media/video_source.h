#pragma once

#include "framework/node/context.h"
#include "plugins/media/frame_size.h"
#include "plugins/media/steady_frames.h"
#include "plugins/media/upright.h"

#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace weft::media {

/// One or more videos as sequences; shared by the readers of videos.
class VideoSource {
 public:
  /// Declares `path`, `fps`, `start`, `stop`, `on_damage`, `size`, `scale` and `load_size`.
  void params(Params& p);
  void shape(Shapes& shapes) const { size_.shape(shapes); }

  std::vector<std::string> sequences();
  /// Opens the next video. @returns its name, without folder and ending; nothing after the last one
  /// @throws Error  (Data) when it cannot be read, (Graph) when `stop` comes before `start`
  std::optional<std::string> open();
  bool skip_sequence();
  /// Passes over a frame. @returns false at the end
  bool skip() { return next() != nullptr; }

  /// The next frame as it is stored; nullptr at the end. It lasts until the next call. Warns once of a rate that varies, and of damage.
  /// @throws Error  (Data) where the video is damaged
  const AVFrame* next(Context& context);
  /// The last frame's number in the video; where a frame is repeated, the same as before.
  int64_t number() const { return frames_->number(); }
  /// How the frame is turned to be seen.
  Turn turn(const AVFrame& frame) const { return frames_->input().turn(frame); }
  /// The size to which the frame is resized, after its rotation.
  /// @throws Error  (Data) when its own size counts and is not that of the first frame
  Size size_for(const AVFrame& frame);
  /// Rate and sound of the current video. Sound of standard input cannot be read twice.
  Recording recording() const;
  /// The video's name in messages.
  const std::string& name() const { return frames_->input().name(); }
  AVCodecID codec() const { return frames_->input().codec(); }

 private:
  void find_files();
  const AVFrame* next();
  [[noreturn]] void fail_at_start() const;

  Path path_;
  std::optional<Fraction> fps_;
  int64_t start_ = 0;
  std::optional<int64_t> stop_;
  OnDamage on_damage_ = OnDamage::Stop;
  FrameSize size_;

  std::vector<std::string> files_;
  size_t next_file_ = 0;
  std::unique_ptr<SteadyFrames> frames_;
  int64_t position_ = 0;   ///< of the next frame, from the video's beginning
  bool has_size_ = false;  ///< whether the first frame was seen
  bool has_warned_of_rate_ = false, has_warned_of_damage_ = false;
};

}  // namespace weft::media
