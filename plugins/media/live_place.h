#pragma once

#include "plugins/media/libav.h"

#include <atomic>
#include <chrono>
#include <map>
#include <string>

namespace weft::media {

/// Where a stream comes from while it is made: an address of a network, or a device.
struct LivePlace {
  std::string url;                                  ///< as libav takes it
  std::string name;                                 ///< in messages
  std::string protocols = {};                       ///< of libav that may be used, with commas between them
  const AVInputFormat* format = nullptr;            ///< of a device
  std::map<std::string, std::string> options = {};  ///< for libav
  double patience = 10;                             ///< seconds in which something must come
};

/// Lets libav wait only so long, and no longer than until it is told to end.
class Patience {
 public:
  explicit Patience(double seconds) : seconds_(seconds) { begin(); }
  Patience(const Patience&) = delete;
  Patience& operator=(const Patience&) = delete;

  /// From now on it waits for the next bytes. What has run out stays so: a demuxer may give what it still has first.
  void begin() {
    const std::chrono::duration<double> seconds(seconds_);
    if (!has_run_out_) until_ = Clock::now() + std::chrono::duration_cast<Clock::duration>(seconds);
  }
  bool is_over() {
    has_run_out_ = has_run_out_ || Clock::now() > until_;
    return is_ended_ || has_run_out_;
  }
  double seconds() const { return seconds_; }

  /// From another thread: waiting ends now.
  void end() { is_ended_ = true; }
  bool is_ended() const { return is_ended_; }

  /// What libav asks while it waits.
  AVIOInterruptCB callback() {
    return {[](void* patience) { return static_cast<int>(static_cast<Patience*>(patience)->is_over()); }, this};
  }

 private:
  using Clock = std::chrono::steady_clock;

  double seconds_;
  Clock::time_point until_;
  bool has_run_out_ = false;
  std::atomic<bool> is_ended_ = false;
};

}  // namespace weft::media
