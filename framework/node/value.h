#pragma once

#include "framework/nn/one_hot.h"
#include "framework/node/record.h"

#include <ATen/core/Tensor.h>

#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <variant>
#include <vector>

namespace weft {

/// Frames of one stream, oldest first, that a node sees together. It never changes: joined forms are made when first asked
/// for, once, and are the same whichever thread asks first, with gradients or without, in whatever precision it computes.
class FrameWindow {
 public:
  explicit FrameWindow(std::vector<nn::MapOrIds> frames) : frames_(std::move(frames)) {}

  const std::vector<nn::MapOrIds>& kept() const { return frames_; }
  std::vector<at::Tensor> frames() const;
  /// [B, T, C, H, W].
  const at::Tensor& stacked() const;
  /// Along the channels, frame by frame: [B, T*C, H, W]; by ids where all frames are one-hot maps by ids, of the same classes.
  const nn::MapOrIds& channels() const;

 private:
  nn::MapOrIds joined() const;

  const std::vector<nn::MapOrIds> frames_;
  mutable std::once_flag is_stacked_, has_channels_;
  mutable at::Tensor stacked_;
  mutable std::optional<nn::MapOrIds> channels_;
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
  Value(nn::MapOrIds entry);                           // NOLINT
  Value(std::vector<nn::MapOrIds> frames)              // NOLINT: a window
      : held_(std::make_shared<const FrameWindow>(std::move(frames))) {}
  Value(const std::vector<at::Tensor>& frames)  // NOLINT: a window
      : Value(std::vector<nn::MapOrIds>(frames.begin(), frames.end())) {}

  bool has_value() const { return held_.index() != 0; }
  void clear() { held_ = std::monostate(); }

  bool is_window() const { return std::holds_alternative<std::shared_ptr<const FrameWindow>>(held_); }
  bool is_record() const { return std::holds_alternative<std::shared_ptr<const Record>>(held_); }
  bool is_one_hot() const { return std::holds_alternative<std::shared_ptr<const nn::OneHot>>(held_); }
  bool is_text() const { return std::holds_alternative<std::shared_ptr<const std::string>>(held_); }
  /// The tensor; a window stacked, the map of ids.
  const at::Tensor& tensor() const;
  /// Its sizes; those of a map of which there are only ids are known without making it.
  at::IntArrayRef sizes() const;
  /// The frames of a window, or of a [B, T, ...] tensor.
  std::vector<at::Tensor> frames() const;
  /// The frames of a window, as they are kept.
  const std::vector<nn::MapOrIds>& kept() const { return std::get<std::shared_ptr<const FrameWindow>>(held_)->kept(); }
  /// The frames along the channels: [B, T*C, H, W].
  at::Tensor channels() const;
  /// What a network takes in: a map, or its ids; the frames of a window, or of a [B, T, C, H, W] tensor, along the channels.
  nn::MapOrIds map_or_ids() const;
  const std::shared_ptr<const nn::OneHot>& one_hot() const {
    return std::get<std::shared_ptr<const nn::OneHot>>(held_);
  }
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

  /// Every tensor in it with its path: "" for a tensor, "/ids" for a one-hot map by its ids, "/frame/0" (or "/frame/0/ids") in
  /// a window, "/real/0/score" in a record. All that is done
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
               std::shared_ptr<const std::string>, std::shared_ptr<const nn::OneHot>>
      held_;
};

namespace detail {

/// A map or its ids with `change` applied to the tensor.
template <typename Change>
nn::MapOrIds changed(const nn::MapOrIds& entry, const Change& change) {
  if (!entry.is_one_hot()) return change(entry.map());
  const nn::OneHot& own = *entry.one_hot();
  return std::make_shared<const nn::OneHot>(change(own.ids()), own.channels(), own.type());
}

template <typename Visit>
void visit_entry(const std::string& path, const nn::MapOrIds& entry, const Visit& visit) {
  entry.is_one_hot() ? visit(path + "/ids", entry.one_hot()->ids()) : visit(path, entry.map());
}

}  // namespace detail

template <typename Visit>
void Value::visit(const Visit& visit) const {
  if (const auto* tensor = std::get_if<at::Tensor>(&held_)) visit(std::string(), *tensor);
  if (is_one_hot()) detail::visit_entry("", one_hot(), visit);
  if (is_window()) {
    size_t frame = 0;
    for (const nn::MapOrIds& entry : kept()) detail::visit_entry("/frame/" + std::to_string(frame++), entry, visit);
  }
  if (is_record()) {
    for (const auto& [path, tensor] : record().tensors()) visit('/' + path, tensor);
  }
}

template <typename Change>
Value Value::map(const Change& change) const {
  if (const auto* tensor = std::get_if<at::Tensor>(&held_)) return Value(change(*tensor));
  if (is_record()) return Value(record().map(change));
  if (is_one_hot()) return Value(detail::changed(one_hot(), change));
  if (!is_window()) return *this;
  std::vector<nn::MapOrIds> changed;
  for (const nn::MapOrIds& entry : kept()) changed.push_back(detail::changed(entry, change));
  return Value(std::move(changed));
}

}  // namespace weft
