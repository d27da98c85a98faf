#pragma once

#include <cstdint>
#include <optional>

namespace weft::world {

/// Of a source, so that the seeds of its sequences are numbers too.
constexpr double kLargestSeed = 1e15;

/// How many sequences a source has and how long they are, and which frame is the next.
struct SequenceCount {
  int64_t frame_limit = 200;  ///< of a sequence; 0: it never ends
  int64_t start = 0;          ///< the time of the first frame
  int64_t sequences = 1;

  std::optional<int64_t> frame_count() const { return frame_limit == 0 ? std::nullopt : std::optional(frame_limit); }

  /// Begins the next sequence. @returns its number, from 0, or nothing after the last one
  std::optional<int64_t> begin() {
    if (begun_ == sequences) return {};
    next_ = 0;
    return begun_++;
  }

  /// Goes on by one frame. @returns its time, or nothing at the end of the sequence
  std::optional<int64_t> advance() {
    if (frame_limit != 0 && next_ >= frame_limit) return {};
    return start + next_++;
  }

 private:
  int64_t begun_ = 0, next_ = 0;
};

}  // namespace weft::world
