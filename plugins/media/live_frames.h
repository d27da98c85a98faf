#pragma once

#include "plugins/media/live_queue.h"
#include "plugins/media/video_input.h"

#include <cstdint>
#include <optional>
#include <thread>

namespace weft::media {

/// The frames of a live stream, which a thread of its own decodes into a queue of bounded length.
class LiveFrames {
 public:
  /// @param capacity  frames that may wait, at least 1
  /// @throws Error  (Data) when the stream cannot be opened
  LiveFrames(const LivePlace& place, OnDamage on_damage, int64_t capacity, OnFull on_full);
  /// Ends the reading, also while it waits.
  ~LiveFrames();
  LiveFrames(const LiveFrames&) = delete;
  LiveFrames& operator=(const LiveFrames&) = delete;

  /// Waits for the next frame; nullptr at the end. It lasts until the next call.
  /// @throws Error  (Data) where the stream is damaged, or breaks off
  const AVFrame* next();
  /// Frames that made room for others so far.
  int64_t dropped() const { return waiting_.dropped(); }

  const VideoInput& input() const { return input_; }

 private:
  void read();

  VideoInput input_;
  LiveQueue<TimedFrame> waiting_;
  std::optional<TimedFrame> shown_;
  std::thread reader_;
};

}  // namespace weft::media
