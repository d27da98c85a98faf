#include "plugins/media/live_source.h"

#include "framework/base/text.h"

#include <utility>

namespace weft::media {

void LiveSource::params(Params& p) {
  p("queue", queue_, "decoded frames that wait for the graph, at most").min(1).max(1000);
  p("on_full", on_full_,
    "where the graph is slower than the stream: drop the frames that have waited longest, or let the sender wait, as "
    "far as it can",
    {{"drop", OnFull::Drop}, {"wait", OnFull::Wait}});
  p("patience", patience_, "seconds in which something must come; the stream ends, or is not opened, when nothing does")
      .above(0)
      .max(86400);
  p("on_damage", on_damage_,
    "what to do where frames cannot be decoded: skip them, or stop with an error after the frames before",
    {{"stop", OnDamage::Stop}, {"skip", OnDamage::Skip}});
  size_.params(p);
  image_.params(p);
}

void LiveSource::open(const LivePlace& place) {
  size_.check();
  frames_ = std::make_unique<LiveFrames>(place, on_damage_, queue_, on_full_);
}

std::optional<at::Tensor> LiveSource::next(Context& context) {
  const AVFrame* frame = is_at_end_ ? nullptr : frames_->next();
  if (!frame) {
    if (!std::exchange(is_at_end_, true)) end(context);
    return {};
  }
  const VideoInput& input = frames_->input();
  if (frames_->dropped() > 0 && !std::exchange(has_warned_, true)) {
    context.log().warn(text(input.name(), ": the graph is slower than the stream; frames are dropped ",
                            "(`on_full = \"wait\"` keeps them, as far as the sender waits)"));
  }
  const Size own = input.shown_size(*frame);
  if (count_ == 0) size_.begin(own, "the first frame");
  const Size wanted = size_.size_for(own, text("frame ", count_, " of ", input.name()));
  ++count_;
  return image_.read(*frame, input.turn(*frame), wanted, input.name());
}

void LiveSource::end(Context& context) {
  const VideoInput& input = frames_->input();
  if (input.fell_silent())
    context.log().warn(text(input.name(), ": nothing came for ", number_text(patience_), " s; the stream ends here"));
  if (frames_->dropped() > 0)
    context.log().warn(
        text(input.name(), ": ", count_text(frames_->dropped(), "frame"), " dropped, ", count_, " read"));
}

Recording LiveSource::recording() const {
  Recording recording;
  recording.rate = frames_->input().rate();
  return recording;
}

}  // namespace weft::media
