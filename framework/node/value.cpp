#include "framework/node/value.h"

#include "framework/weights/shape_text.h"

#include <ATen/ops/cat.h>
#include <ATen/ops/stack.h>
#include <c10/core/GradMode.h>
#include <c10/core/impl/LocalDispatchKeySet.h>

namespace weft {
namespace {

/// The modes in which frames are joined, whatever those of the reader are: with gradients, where the frames have them, and
/// without autocast, which would cast them for one reader and not for the next.
struct JoiningModes {
  c10::AutoGradMode gradients{true};
  c10::impl::ExcludeDispatchKeyGuard no_autocast{c10::autocast_dispatch_keyset};
};

}  // namespace

std::vector<at::Tensor> FrameWindow::frames() const {
  std::vector<at::Tensor> maps;
  for (const nn::MapOrIds& frame : frames_) maps.push_back(frame.map());
  return maps;
}

const at::Tensor& FrameWindow::stacked() const {
  std::call_once(is_stacked_, [this] {
    const JoiningModes modes;
    stacked_ = at::stack(frames(), 1);
  });
  return stacked_;
}

const nn::MapOrIds& FrameWindow::channels() const {
  std::call_once(has_channels_, [this] {
    const JoiningModes modes;
    channels_ = joined();
  });
  return *channels_;
}

nn::MapOrIds FrameWindow::joined() const {
  if (frames_.size() == 1) return frames_.front();
  std::vector<std::shared_ptr<const nn::OneHot>> by_ids;
  for (const nn::MapOrIds& frame : frames_) {
    if (!frame.is_one_hot() || !frame.one_hot()->is_like(*frames_.front().one_hot())) return at::cat(frames(), 1);
    by_ids.push_back(frame.one_hot());
  }
  return nn::concatenated(by_ids);
}

Value::Value(nn::MapOrIds entry) {
  if (entry.is_one_hot()) {
    held_ = entry.one_hot();
  } else {
    held_ = entry.map();
  }
}

const at::Tensor& Value::tensor() const {
  if (is_window()) return std::get<std::shared_ptr<const FrameWindow>>(held_)->stacked();
  return is_one_hot() ? one_hot()->map() : std::get<at::Tensor>(held_);
}

at::IntArrayRef Value::sizes() const {
  return is_one_hot() ? at::IntArrayRef(one_hot()->sizes()) : tensor().sizes();
}

std::vector<at::Tensor> Value::frames() const {
  if (is_window()) return std::get<std::shared_ptr<const FrameWindow>>(held_)->frames();
  return tensor().unbind(1);
}

at::Tensor Value::channels() const {
  if (is_window()) return std::get<std::shared_ptr<const FrameWindow>>(held_)->channels().map();
  return tensor().flatten(1, 2);  // [B, T, C, H, W] -> [B, T*C, H, W]
}

nn::MapOrIds Value::map_or_ids() const {
  if (is_window()) return std::get<std::shared_ptr<const FrameWindow>>(held_)->channels();
  if (is_one_hot()) return one_hot();
  return tensor().dim() == 5 ? tensor().flatten(1, 2) : tensor();
}

bool Value::is_left_out() const {
  const auto* tensor = std::get_if<at::Tensor>(&held_);
  return tensor ? !tensor->defined() : is_record() && record().is_left_out();
}

std::string Value::describe() const {
  if (const auto* tensor = std::get_if<at::Tensor>(&held_)) return weights::shape_text(*tensor);
  if (is_one_hot()) return weights::shape_text(sizes());
  if (is_window()) {
    return weft::text(count_text(static_cast<int64_t>(kept().size()), "frame"), " of ",
                      weights::shape_text(kept().front().sizes()));
  }
  if (is_record()) return record().describe();
  return has_value() ? weft::text('"', text(), '"') : "nothing";
}

}  // namespace weft
