#include "plugins/media/steady_frames.h"

#include "framework/base/error.h"
#include "framework/base/text.h"

#include <utility>

namespace weft::media {
namespace {

/// Frames that are made of one: more than an hour of a still picture, at usual rates.
constexpr int64_t kMostOfOne = 100'000;

}  // namespace

SteadyFrames::SteadyFrames(std::unique_ptr<VideoInput> input, std::optional<Fraction> rate)
    : input_(std::move(input)), rate_(rate ? *rate : input_->rate()), is_own_rate_(!rate) {
  if (rate_.value() <= kMostRate) return;
  throw Error(Exit::Data,
              text(input_->name(), " claims to have ", rate_, " frames a second; at most ", kMostRate, " are read"))
      .hint("`fps` says at which rate it is read");
}

const AVFrame* SteadyFrames::next() {
  if (!shown_) {
    shown_ = input_->next();
    if (!shown_) return nullptr;
    start_ = shown_->time;
    look_ahead();
  }
  const int64_t before = number_;
  while (ahead_ && has_ahead_begun()) {
    shown_ = std::exchange(ahead_, {});
    ++number_;
    look_ahead();
  }
  if (!ahead_ && count_ > 0 && is_over()) {
    if (fault_) std::rethrow_exception(std::exchange(fault_, nullptr));
    return nullptr;
  }
  is_unsteady_ = is_unsteady_ || (count_ > 0 && number_ != before + 1);
  ++count_;
  return shown_->frame.get();
}

void SteadyFrames::look_ahead() {
  if (fault_) return;
  try {
    ahead_ = input_->next();
    check_stay(ahead_ ? ahead_->time - shown_->time : shown_->duration);
  } catch (const Error&) {
    fault_ = std::current_exception();
    ahead_.reset();
    if (frames_in(shown_->duration) > kMostOfOne) shown_->duration = input_->usual_duration();
  }
}

double SteadyFrames::frames_in(int64_t time) const {
  return static_cast<double>(time) * av_q2d(input_->time_base()) * rate_.value();
}

/// @throws Error  when a frame that is shown for `time` makes more frames than a sound file asks for
void SteadyFrames::check_stay(int64_t time) const {
  if (frames_in(time) <= kMostOfOne) return;
  const double seconds = static_cast<double>(time) * av_q2d(input_->time_base());
  throw Error(Exit::Data, text(input_->name(), " shows frame ", number_, " for ", number_text(seconds),
                               " s, but of one frame at most ", kMostOfOne, " are made, which at ", rate_,
                               " a second last ", number_text(kMostOfOne / rate_.value()), " s"))
      .hint("a smaller `fps` makes fewer; `stop` ends the reading before");
}

/// Whether the next frame is on screen at the wanted time, exactly.
bool SteadyFrames::has_ahead_begun() const {
  const AVRational base = input_->time_base();
  const auto scaled = [&](int64_t time) { return static_cast<__int128>(time) * rate_.numerator * base.num; };
  const __int128 of_frame = static_cast<__int128>(rate_.denominator) * base.den;  // the time of one, as scaled
  const __int128 twice_wanted = 2 * count_ * of_frame;
  const bool is_nearer = scaled(shown_->time + ahead_->time - 2 * start_) < twice_wanted;
  return is_nearer && scaled(2 * (ahead_->time - start_)) < twice_wanted + of_frame;
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
