#pragma once

#include "framework/node/record.h"

#include <ATen/core/Tensor.h>

#include <memory>
#include <mutex>
#include <string>
#include <variant>
#include <vector>

namespace weft {

/// Frames of one stream, oldest first, that a node sees together. It never changes: joined forms are made when first asked
/// for, once, and are the same whichever thread asks first, with gradients or without, in whatever precision it computes.
class FrameWindow {
 public:
  explicit FrameWindow(std::vector<at::Tensor> frames) : frames_(std::move(frames)) {}

  const std::vector<at::Tensor>& frames() const { return frames_; }
  /// [B, T, C, H, W].
  const at::Tensor& stacked() const;
  /// Along the channels, frame by frame: [B, T*C, H, W].
  const at::Tensor& channels() const;

 private:
  const std::vector<at::Tensor> frames_;
  mutable std::once_flag is_stacked_, has_channels_;
  mutable at::Tensor stacked_, channels_;
};

/// The value of an edge at one time. It is shared and never changed, so that several readers need no copies.
class Value {
 public:
  Value() = default;
  Value(at::Tensor tensor) : held_(std::move(tensor)) {}                                    // NOLINT
  Value(std::string text) : held_(std::make_shared<const std::string>(std::move(text))) {}  // NOLINT
  Value(Record record) : held_(std::make_shared<const Record>(std::move(record))) {}        // NOLINT
  template <RecordType T>
  Value(const T& typed) : Value(Record::of(typed)) {}  // NOLINT
  Value(std::vector<at::Tensor> frames)                // NOLINT
      : held_(std::make_shared<const FrameWindow>(std::move(frames))) {}

  bool has_value() const { return held_.index() != 0; }
  void clear() { held_ = std::monostate(); }

  bool is_window() const { return std::holds_alternative<std::shared_ptr<const FrameWindow>>(held_); }
  bool is_record() const { return std::holds_alternative<std::shared_ptr<const Record>>(held_); }
  bool is_text() const { return std::holds_alternative<std::shared_ptr<const std::string>>(held_); }
  /// The tensor; a window stacked.
  const at::Tensor& tensor() const;
  /// The frames of a window, or of a [B, T, ...] tensor.
  std::vector<at::Tensor> frames() const;
  /// The frames along the channels: [B, T*C, H, W].
  at::Tensor channels() const;
  const std::string& text() const { return *std::get<std::shared_ptr<const std::string>>(held_); }
  const Record& record() const { return *std::get<std::shared_ptr<const Record>>(held_); }
  /// A record as a struct.
  template <RecordType T>
  T as() const {
    return record().as<T>();
  }
  /// Whether it is an output that a source leaves out, such as instances of a data set that has none: an undefined tensor,
  /// or a record without any.
  bool is_left_out() const;

  /// Every tensor in it with its path: "" for a tensor, "/frame/0" in a window, "/real/0/score" in a record. All that is done
  /// with values of any form goes through here, and through map(), which has the same order.
  template <typename Visit>
  void visit(const Visit& visit) const;
  /// The value with `change` applied to every tensor in it.
  template <typename Change>
  Value map(const Change& change) const;

  /// "image [1, 3, 256, 512]"-like description of the shape, for messages.
  std::string describe() const;

 private:
  std::variant<std::monostate, at::Tensor, std::shared_ptr<const FrameWindow>, std::shared_ptr<const Record>,
               std::shared_ptr<const std::string>>
      held_;
};

template <typename Visit>
void Value::visit(const Visit& visit) const {
  if (const auto* tensor = std::get_if<at::Tensor>(&held_)) visit(std::string(), *tensor);
  if (is_window()) {
    size_t frame = 0;
    for (const at::Tensor& tensor : frames()) visit("/frame/" + std::to_string(frame++), tensor);
  }
  if (is_record()) {
    for (const auto& [path, tensor] : record().tensors()) visit('/' + path, tensor);
  }
}

template <typename Change>
Value Value::map(const Change& change) const {
  if (const auto* tensor = std::get_if<at::Tensor>(&held_)) return Value(change(*tensor));
  if (is_record()) return Value(record().map(change));
  if (!is_window()) return *this;
  std::vector<at::Tensor> changed;
  for (const at::Tensor& frame : frames()) changed.push_back(change(frame));
  return Value(std::move(changed));
}

}  // namespace weft
