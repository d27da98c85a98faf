#pragma once

#include "framework/nn/module.h"

#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace weft::nn {

/// Layers one after the other, numbered as PyTorch's Sequential numbers them: layers without tensors count too.
///
///   nn::Sequence up(*this, "up");
///   up.add<nn::Conv2d>(nn::ConvOptions{.in = 64, .out = 128, .padding = 1})            // keys up.0.*
///       .then([](const at::Tensor& x) { return at::pixel_shuffle(x, 2); })              // 1
///       .add<nn::Norm2d>(32, nn::NormOptions{.statistics = nn::NormOptions::Statistics::ByMode});  // keys up.2.*
class Sequence : public Module {
 public:
  using Step = std::function<at::Tensor(const at::Tensor&)>;

  Sequence(Module& parent, std::string name) : Module(parent, std::move(name)) {}

  /// A layer, or any other module that takes a tensor and gives one, made of `arguments`; its name is its number.
  template <typename Layer, typename... Arguments>
  Sequence& add(Arguments&&... arguments) {
    auto layer = std::make_unique<Layer>(*this, std::to_string(steps_.size()), std::forward<Arguments>(arguments)...);
    steps_.emplace_back([&layer = *layer](const at::Tensor& x) { return layer(x); });
    layers_.push_back(std::move(layer));
    return *this;
  }
  /// A step without tensors, such as an activation. A step that is not the first may change its argument in place.
  Sequence& then(Step step);

  at::Tensor operator()(at::Tensor x) const { return part(std::move(x), 0, size()); }
  /// The layers `first` … `end` - 1 alone; of a whole network's parts the results are the same.
  at::Tensor part(at::Tensor x, size_t first, size_t end) const;
  size_t size() const { return steps_.size(); }

 protected:
  const Module& last_layer() const { return *layers_.back(); }

 private:
  std::vector<std::unique_ptr<Module>> layers_;
  std::vector<Step> steps_;
};

}  // namespace weft::nn
