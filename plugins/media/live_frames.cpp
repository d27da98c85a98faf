#include "plugins/media/live_frames.h"

#include <exception>
#include <utility>

namespace weft::media {

LiveFrames::LiveFrames(const LivePlace& place, OnDamage on_damage, int64_t capacity, OnFull on_full)
    : input_(place, on_damage), waiting_(capacity, on_full), reader_([this] { read(); }) {}

LiveFrames::~LiveFrames() {
  waiting_.give_up();
  input_.end();
  reader_.join();
}

void LiveFrames::read() {
  std::exception_ptr fault;
  try {
    for (;;) {
      std::optional<TimedFrame> frame = input_.next();
      if (!frame || !waiting_.push(std::move(*frame))) break;
    }
  } catch (const std::exception&) {
    fault = std::current_exception();
  }
  waiting_.end(fault);
}

const AVFrame* LiveFrames::next() {
  shown_ = waiting_.pop();
  return shown_ ? shown_->frame.get() : nullptr;
}

}  // namespace weft::media
