#pragma once

#include "framework/base/error.h"
#include "framework/base/text.h"
#include "framework/nn/module.h"
#include "framework/weights/shape_text.h"

#include <ATen/CPUGeneratorImpl.h>
#include <ATen/TensorOperators.h>
#include <ATen/ops/randn.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <functional>
#include <string>
#include <vector>

namespace weft {

/// Random numbers in double, the same in each run.
class Draws {
 public:
  at::Tensor operator()(at::IntArrayRef shape) { return at::randn(shape, generator_, at::kDouble); }

 private:
  at::Generator generator_ = at::make_generator<at::CPUGeneratorImpl>(7);
};

/// A layer with random weights in double, whose tensors are found by their keys.
template <typename Layer>
class Trial {
 public:
  template <typename... Arguments>
  explicit Trial(Arguments&&... arguments) : layer_(root_, "", std::forward<Arguments>(arguments)...) {
    for (const auto& [key, parameter] : root_.tensors()) {
      at::Tensor values = draw(parameter->shape());
      if (key.ends_with("running_var")) values = values.square() + 0.5;
      if (parameter->type() == at::kLong) values = values.zero_().to(at::kLong);
      parameter->set(values);
    }
  }

  const Layer& operator*() const { return layer_; }
  const Layer* operator->() const { return &layer_; }
  nn::Module& root() { return root_; }

  const at::Tensor& operator[](const std::string& wanted) {
    for (const auto& [key, parameter] : root_.tensors()) {
      if (key == wanted) return **parameter;
    }
    throw Error(Exit::Failed, "there is no tensor " + wanted);
  }

  /// `weight [4, 3, 3, 3]` and so on, in their order.
  std::vector<std::string> keys() {
    std::vector<std::string> keys;
    for (const auto& [key, parameter] : root_.tensors())
      keys.push_back(text(key, ' ', weights::shape_text(parameter->shape())));
    return keys;
  }

  /// What optimisers change.
  std::vector<at::Tensor> learnt() {
    std::vector<at::Tensor> learnt;
    for (const auto& [key, parameter] : root_.tensors()) {
      if (parameter->role() == nn::Parameter::Role::Learnt) learnt.push_back(**parameter);
    }
    return learnt;
  }

  Draws draw;

 private:
  nn::Module root_;
  Layer layer_;
};

/// @param tolerance  a share of the largest number; 1e-12 is a few roundings in double
inline void expect_near(const at::Tensor& is, const at::Tensor& expected, double tolerance = 1e-12) {
  ASSERT_EQ(is.sizes(), expected.sizes());
  EXPECT_LE((is - expected).abs().max().item<double>(), tolerance * expected.abs().max().item<double>());
}

/// The slope of `compute`'s output along random directions of `tensors`, by gradients and by differences of e = 1e-6. What
/// differences leave out is of the order e^2, what they round of the order 1e-16 / e.
inline void expect_gradients(const std::vector<at::Tensor>& tensors, const std::function<at::Tensor()>& compute) {
  Draws draw;
  constexpr double kStep = 1e-6;
  for (const at::Tensor& tensor : tensors) {
    at::Tensor learning = tensor;
    learning.mutable_grad().reset();
    learning.requires_grad_(true);
    const at::Tensor slopes = draw(compute().sizes()), direction = draw(tensor.sizes());
    (compute() * slopes).sum().backward();
    const double by_gradient = (learning.grad() * direction).sum().item<double>();
    learning.requires_grad_(false);
    const auto moved = [&](double step) {
      learning.add_(direction, step);
      const double sum = (compute() * slopes).sum().item<double>();
      learning.add_(direction, -step);
      return sum;
    };
    EXPECT_NEAR(by_gradient, (moved(kStep) - moved(-kStep)) / (2 * kStep), 1e-7 * std::max(1.0, std::abs(by_gradient)));
  }
}

}  // namespace weft
