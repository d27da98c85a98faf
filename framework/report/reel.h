#pragma once

#include "framework/report/shown_stream.h"

#include <deque>
#include <map>
#include <string>
#include <vector>

namespace weft::report {

/// A short clip for the report page.
struct PlayedClip {
  std::string stream;
  size_t frames = 0;
  int64_t height = 0, width = 0;
  std::string png;
};

/// Keeps the last frames of the streams that [run] `show` names: of the current clip, or of the previous clip as long as
/// that has more frames. The frames are kept small and on their device until they are encoded.
class Reel {
 public:
  static constexpr size_t kFrames = 16;        ///< of each stream
  static constexpr int64_t kWidth = 320;       ///< pixels; wider frames are reduced by an integer factor
  static constexpr size_t kBytes = 4'000'000;  ///< of all clips together
  static constexpr double kFramesPerSecond = 8;

  /// @param clip         the name of the first clip of the batch; only its frames are kept
  /// @param begins_clip  whether these are its first frames
  void add(const std::map<std::string, ShownStream>& watched, const std::string& clip, bool begins_clip);

  /// The name of the clip that clips() shows.
  const std::string& name() const { return shown().name; }
  /// The streams in the order of their names; large streams have fewer frames.
  /// @param bytes  of all clips together; each has two frames at least
  std::vector<PlayedClip> clips(size_t bytes = kBytes) const;

 private:
  struct Track {
    Kind kind = Kind::Feature;
    std::deque<Value> frames;
  };
  struct Shot {
    std::string name;
    std::map<std::string, Track> tracks;
    size_t length() const;
  };
  const Shot& shown() const { return now_.length() >= before_.length() ? now_ : before_; }

  Shot now_, before_;
};

}  // namespace weft::report
