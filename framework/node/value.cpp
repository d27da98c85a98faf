#include "framework/node/value.h"

#include "framework/weights/shape_text.h"

#include <ATen/ops/cat.h>
#include <ATen/ops/stack.h>

namespace weft {

const at::Tensor& FrameWindow::stacked() const {
  if (!stacked_.defined()) stacked_ = at::stack(frames_, 1);
  return stacked_;
}

const at::Tensor& FrameWindow::channels() const {
  if (!channels_.defined()) channels_ = frames_.size() == 1 ? frames_.front() : at::cat(frames_, 1);
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

std::string Value::describe() const {
  if (const auto* tensor = std::get_if<at::Tensor>(&held_)) return weights::shape_text(*tensor);
  if (is_window()) {
    const auto& frames = std::get<std::shared_ptr<const FrameWindow>>(held_)->frames();
    return weft::text(count_text(static_cast<int64_t>(frames.size()), "frame"), " of ",
                      weights::shape_text(frames.front()));
  }
  if (std::holds_alternative<std::shared_ptr<const Judgement>>(held_)) return "a judgement";
  return has_value() ? weft::text('"', text(), '"') : "nothing";
}

}  // namespace weft
