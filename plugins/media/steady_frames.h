#pragma once

#include "plugins/media/video_input.h"

#include <exception>
#include <memory>
#include <optional>

namespace weft::media {

/// Frames a second. What claims more has no rate of its own, or is damaged.
constexpr double kMostRate = 1000;

/// The frames of a video at a constant rate.
///
/// Frame n is the one on screen n / rate seconds after the first: each is shown until the next begins. One that begins less
/// than half a frame later counts as begun where it is nearer than the one before, so that rounded times do no harm. So
/// frames of a video with another rate, or a variable one, are repeated or left out. There are as many as fit into the
/// video's length, rounded, and at least one.
class SteadyFrames {
 public:
  /// @param rate  frames a second; nothing: the video's own
  /// @throws Error  (Data) when that is above kMostRate
  SteadyFrames(std::unique_ptr<VideoInput> input, std::optional<Fraction> rate);

  /// The next frame; nullptr at the end. It lasts until the next call.
  /// @throws Error  (Data) where the video is damaged, or would show one frame for ages, after the frames before that
  const AVFrame* next();
  /// The last frame's number in the video; where a frame is repeated, the same as before.
  int64_t number() const { return number_; }
  /// Whether a frame was repeated or left out although the rate is the video's own: its rate varies.
  bool is_unsteady() const { return is_own_rate_ && is_unsteady_; }
  const Fraction& rate() const { return rate_; }

  const VideoInput& input() const { return *input_; }

 private:
  void look_ahead();
  double frames_in(int64_t time) const;
  void check_stay(int64_t time) const;
  bool is_over() const;
  bool has_ahead_begun() const;

  std::unique_ptr<VideoInput> input_;
  Fraction rate_;
  bool is_own_rate_;
  bool is_unsteady_ = false;
  std::optional<TimedFrame> shown_, ahead_;
  std::exception_ptr fault_;  ///< the error after the last good frame
  int64_t start_ = 0;         ///< the time of the first frame
  int64_t count_ = 0;         ///< frames that were given
  int64_t number_ = 0;        ///< of the frame that is shown
};

}  // namespace weft::media
