#pragma once

#include <ATen/core/Tensor.h>

#include <memory>
#include <optional>
#include <string>
#include <variant>
#include <vector>

namespace weft {

/// The output of a discriminator for one image or clip at one resolution.
struct Verdict {
  std::vector<at::Tensor> features;  ///< of the inner layers, shallow to deep, each [B, C, h, w]
  at::Tensor score;                  ///< [B, 1, h, w]
};

/// The outputs of a discriminator for the real value and for each fake value; finest resolution first.
struct Judgement {
  std::vector<Verdict> real;
  std::vector<std::vector<Verdict>> fakes;
};

/// Frames of one stream, oldest first, that a node sees together. Joined forms are made when first asked for, once.
class FrameWindow {
 public:
  explicit FrameWindow(std::vector<at::Tensor> frames) : frames_(std::move(frames)) {}

  const std::vector<at::Tensor>& frames() const { return frames_; }
  /// [B, T, C, H, W].
  const at::Tensor& stacked() const;
  /// Along the channels, frame by frame: [B, T*C, H, W].
  const at::Tensor& channels() const;

 private:
  std::vector<at::Tensor> frames_;
  mutable at::Tensor stacked_;
  mutable at::Tensor channels_;
};

/// The value of an edge at one time. It is shared and never changed, so that several readers need no copies.
class Value {
 public:
  Value() = default;
  Value(at::Tensor tensor) : held_(std::move(tensor)) {}                                          // NOLINT
  Value(std::string text) : held_(std::make_shared<const std::string>(std::move(text))) {}        // NOLINT
  Value(Judgement judgement) : held_(std::make_shared<const Judgement>(std::move(judgement))) {}  // NOLINT
  Value(std::vector<at::Tensor> frames)                                                           // NOLINT
      : held_(std::make_shared<const FrameWindow>(std::move(frames))) {}

  bool has_value() const { return held_.index() != 0; }
  void clear() { held_ = std::monostate(); }

  bool is_window() const { return std::holds_alternative<std::shared_ptr<const FrameWindow>>(held_); }
  bool is_judgement() const { return std::holds_alternative<std::shared_ptr<const Judgement>>(held_); }
  bool is_text() const { return std::holds_alternative<std::shared_ptr<const std::string>>(held_); }
  /// The tensor; a window stacked.
  const at::Tensor& tensor() const;
  /// The frames of a window, or of a [B, T, ...] tensor.
  std::vector<at::Tensor> frames() const;
  /// The frames along the channels: [B, T*C, H, W].
  at::Tensor channels() const;
  const std::string& text() const { return *std::get<std::shared_ptr<const std::string>>(held_); }
  const Judgement& judgement() const { return *std::get<std::shared_ptr<const Judgement>>(held_); }

  /// The value with `change` applied to every tensor in it.
  template <typename Change>
  Value map(const Change& change) const;

  /// "image [1, 3, 256, 512]"-like description of the shape, for messages.
  std::string describe() const;

 private:
  std::variant<std::monostate, at::Tensor, std::shared_ptr<const FrameWindow>, std::shared_ptr<const Judgement>,
               std::shared_ptr<const std::string>>
      held_;
};

template <typename Change>
Value Value::map(const Change& change) const {
  if (const auto* tensor = std::get_if<at::Tensor>(&held_)) return Value(change(*tensor));
  if (is_window()) {
    std::vector<at::Tensor> changed;
    for (const at::Tensor& frame : frames()) changed.push_back(change(frame));
    return Value(std::move(changed));
  }
  if (const auto* judgement_ = std::get_if<std::shared_ptr<const Judgement>>(&held_)) {
    Judgement changed = **judgement_;
    const auto change_all = [&](std::vector<Verdict>& verdicts) {
      for (Verdict& verdict : verdicts) {
        for (at::Tensor& feature : verdict.features) feature = change(feature);
        verdict.score = change(verdict.score);
      }
    };
    change_all(changed.real);
    for (auto& fake : changed.fakes) change_all(fake);
    return Value(std::move(changed));
  }
  return *this;
}

}  // namespace weft
