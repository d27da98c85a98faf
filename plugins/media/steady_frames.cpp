#include "plugins/media/steady_frames.h"

#include "framework/base/error.h"

#include <utility>

namespace weft::media {

SteadyFrames::SteadyFrames(std::unique_ptr<VideoInput> input, std::optional<Fraction> rate)
    : input_(std::move(input)), rate_(rate ? *rate : input_->rate()) {}

const AVFrame* SteadyFrames::next() {
  if (!shown_) {
    shown_ = input_->next();
    if (!shown_) return nullptr;
    start_ = shown_->time;
    look_ahead();
  }
  while (ahead_ && is_ahead_nearer()) {
    shown_ = std::exchange(ahead_, {});
    ++number_;
    look_ahead();
  }
  if (!ahead_ && count_ > 0 && is_over()) {
    if (fault_) std::rethrow_exception(std::exchange(fault_, nullptr));
    return nullptr;
  }
  ++count_;
  return shown_->frame.get();
}

void SteadyFrames::look_ahead() {
  if (fault_) return;
  try {
    ahead_ = input_->next();
  } catch (const Error&) {
    fault_ = std::current_exception();
  }
}

/// Whether the wanted time is past the middle between the two frames, exactly.
bool SteadyFrames::is_ahead_nearer() const {
  const AVRational base = input_->time_base();
  const __int128 wanted = static_cast<__int128>(2 * count_) * rate_.denominator * base.den;
  const __int128 middle = static_cast<__int128>(shown_->time + ahead_->time - 2 * start_) * rate_.numerator * base.num;
  return wanted > middle;
}

/// Whether the wanted time is nearer to that of a frame behind the end, or further.
bool SteadyFrames::is_over() const {
  const AVRational base = input_->time_base();
  const __int128 wanted = static_cast<__int128>(2 * count_ + 1) * rate_.denominator * base.den;
  const __int128 end =
      static_cast<__int128>(2 * (shown_->time + shown_->duration - start_)) * rate_.numerator * base.num;
  return wanted > end;
}

}  // namespace weft::media
