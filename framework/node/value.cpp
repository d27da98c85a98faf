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

const at::Tensor& FrameWindow::stacked() const {
  std::call_once(is_stacked_, [this] {
    const JoiningModes modes;
    stacked_ = at::stack(frames_, 1);
  });
  return stacked_;
}

const at::Tensor& FrameWindow::channels() const {
  std::call_once(has_channels_, [this] {
    const JoiningModes modes;
    channels_ = frames_.size() == 1 ? frames_.front() : at::cat(frames_, 1);
  });
  return channels_;
}

const at::Tensor& Value::tensor() const {
  if (is_window()) return std::get<std::shared_ptr<const FrameWindow>>(held_)->stacked();
  return std::get<at::Tensor>(held_);
}

std::vector<at::Tensor> Value::frames() const {
  if (is_window()) return std::get<std::shared_ptr<const FrameWindow>>(held_)->frames();
  return std::get<at::Tensor>(held_).unbind(1);
}

at::Tensor Value::channels() const {
  if (is_window()) return std::get<std::shared_ptr<const FrameWindow>>(held_)->channels();
  return std::get<at::Tensor>(held_).flatten(1, 2);  // [B, T, C, H, W] -> [B, T*C, H, W]
}

bool Value::is_left_out() const {
  const auto* tensor = std::get_if<at::Tensor>(&held_);
  return tensor ? !tensor->defined() : is_record() && record().is_left_out();
}

std::string Value::describe() const {
  if (const auto* tensor = std::get_if<at::Tensor>(&held_)) return weights::shape_text(*tensor);
  if (is_window()) {
    const auto& frames = std::get<std::shared_ptr<const FrameWindow>>(held_)->frames();
    return weft::text(count_text(static_cast<int64_t>(frames.size()), "frame"), " of ",
                      weights::shape_text(frames.front()));
  }
  if (is_record()) return record().describe();
  return has_value() ? weft::text('"', text(), '"') : "nothing";
}

}  // namespace weft
