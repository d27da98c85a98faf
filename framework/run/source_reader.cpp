#include "framework/run/source_reader.h"

#include "framework/base/text.h"
#include "framework/run/frame_pairs.h"
#include "framework/run/node_failure.h"

#include <c10/core/GradMode.h>
#include <c10/core/InferenceMode.h>

namespace weft::run {

SourceReader::SourceReader(Source& node, const graph::FlatNode& description, Context context, Options options)
    : node_(node),
      description_(description),
      context_(std::move(context)),
      options_(options),
      lane_(text("read ", description.path)),
      transfer_(context_.device()) {}

SourceReader::~SourceReader() {
  close();
}

void SourceReader::begin() {
  stop();
  node_.reset();
  failure_ = nullptr;
  queue_ = std::make_unique<BoundedQueue<Frame>>(options_.ahead);
  reading_ = std::async(std::launch::async, [this] { read_ahead(); });
}

void SourceReader::close() {
  if (queue_) queue_->close();
}

void SourceReader::stop() {
  close();
  if (reading_.valid()) wait_for(reading_, options_.stop);
  queue_.reset();
}

void SourceReader::read_ahead() {
  try {
    read_frames();
  } catch (...) {  // to be thrown where the frame is used
    failure_ = std::current_exception();
  }
  queue_->close();
}

void SourceReader::read_frames() {
  // Gradients cannot be taken through what was made in inference mode.
  const c10::InferenceMode inference(!options_.for_training);
  const c10::AutoGradMode no_gradients(false);
  for (int64_t t = 0; t <= options_.last; ++t) {
    Frame frame = read(t);
    const bool is_last = frame.is_end;
    if (!queue_->push(std::move(frame)) || is_last) return;
  }
}

SourceReader::Frame SourceReader::read(int64_t t) {
  const TraceScope scope(options_.trace, description_.path, lane_, t);
  Frame frame;
  frame.t = t;
  std::vector<Value> outputs(description_.spec->outputs.size());
  context_.set_frame(t);
  frame.is_end = !node_.run({}, outputs, context_);
  const bool stays = description_.spec->on_host;
  for (Value& output : outputs) {
    if (!frame.is_end && output.is_left_out()) output.clear();
    if (frame.is_end) continue;
    frame.on_host.push_back(stays || context_.device().is_cpu() ? Value() : output);
    frame.outputs.push_back(stays ? Moving{std::move(output), nullptr} : transfer_.to_device(output));
  }
  return frame;
}

void SourceReader::check_length(int64_t frames) const {
  if (frames >= options_.least) return;
  throw short_beginning(description_, frames, options_.least, "");
}

std::optional<std::vector<SourceReader::Output>> SourceReader::take(int64_t t) {
  for (;;) {
    std::optional<Frame> frame = queue_ ? queue_->pop(options_.stop) : std::nullopt;
    if (!frame && failure_) throw node_failure(failure_, description_, context_.frame(), "");
    if (frame && frame->is_end) check_length(frame->t);
    if (!frame || frame->is_end) return {};
    if (frame->t < t) continue;
    std::vector<Output> outputs;
    for (size_t i = 0; i < frame->outputs.size(); ++i)
      outputs.push_back({transfer_.receive(std::move(frame->outputs[i])), std::move(frame->on_host[i])});
    return outputs;
  }
}

}  // namespace weft::run
