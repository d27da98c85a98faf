#include "framework/run/paired_source.h"

#include <ATen/ops/zeros.h>

#include <algorithm>

namespace weft::run {

bool PairedSource::has_nobody() const {
  return std::all_of(outputs_.begin(), outputs_.end(),
                     [](const PortSpec& port) { return port.kind == Kind::Keypoints; });
}

void PairedSource::choose(std::vector<Frame> frames) {
  frames_ = std::move(frames);
  is_chosen_ = true;
  next_ = 0;
  position_ = 0;
}

std::optional<std::string> PairedSource::next_sequence(Context& context) {
  is_chosen_ = false;
  return node_->next_sequence(context);
}

std::vector<std::string> PairedSource::frame_names() {
  if (!is_chosen_) return node_->frame_names();
  std::vector<std::string> names;
  for (const Frame& frame : frames_) names.push_back(frame.name);
  return names;
}

std::optional<int64_t> PairedSource::frames() {
  return is_chosen_ ? static_cast<int64_t>(frames_.size()) : node_->frames();
}

bool PairedSource::run(std::span<const PortInput> inputs, std::span<Value> outputs, Context& context) {
  if (!is_chosen_) return node_->run(inputs, outputs, context);
  if (is_at_end()) return false;
  const Frame& frame = frames_[next_++];
  if (frame.index == Frame::kNobody) {
    fill(outputs);
    return true;
  }
  if (!skip_to(frame.index, context)) return false;
  ++position_;
  return node_->run(inputs, outputs, context);
}

bool PairedSource::skip(Context& context) {
  if (!is_chosen_) return node_->skip(context);
  if (is_at_end()) return false;
  const Frame& frame = frames_[next_++];
  return frame.index == Frame::kNobody || skip_to(frame.index + 1, context);
}

/// Skips frames of the node until it has given or skipped `index` of them.
bool PairedSource::skip_to(int64_t index, Context& context) {
  for (; position_ < index; ++position_) {
    if (!node_->skip(context)) return false;
  }
  return true;
}

/// One sample with as many points as the port says, or none where any number is allowed; no point was found.
void PairedSource::fill(std::span<Value> outputs) const {
  for (size_t i = 0; i < outputs.size(); ++i) {
    std::vector<int64_t> sizes;
    for (const DimSpec& dim : outputs_[i].shape.dims)
      sizes.push_back(dim.form == DimSpec::Form::Number ? dim.number : 0);
    if (!sizes.empty()) sizes.front() = 1;  // B
    outputs[i] = at::zeros(sizes, at::kDouble);
  }
}

}  // namespace weft::run
