#pragma once

#include "framework/testing/node_runner.h"
#include "framework/weights/fill.h"

#include <ATen/TensorOperators.h>

#include <map>
#include <string>

namespace weft::testing {

/// An operator with its inputs by name, of which some are variables.
struct Operator {
  std::string type, output;
  std::map<std::string, ParamValue> params;
  std::map<std::string, at::Tensor> inputs;

  at::Tensor run(const std::map<std::string, at::Tensor>& given) const {
    NodeRunner node(type);
    for (const auto& [name, value] : params) node.set(name, value);
    for (const auto& [name, value] : given) node.input(name, value);
    return node.run().tensor(output);
  }
};

/// Numbers in [-1, 1) by name, in double.
inline at::Tensor named_numbers(const std::string& name, at::IntArrayRef shape) {
  return weights::fill_input(name, shape).to(at::kDouble);
}

/// Flows that stay away from whole pixels, where bilinear sampling has kinks: between 0.2 and 0.8 beside one.
inline at::Tensor flow_between_pixels(int64_t batch, int64_t height, int64_t width) {
  const at::Tensor whole = (named_numbers("whole", {batch, 2, height, width}) * 3).round();
  return whole + 0.5 + named_numbers("part", {batch, 2, height, width}) * 0.3;
}

inline Operator correlation() {
  return {"flow.correlation",
          "volume",
          {{"reach", int64_t{5}}, {"step", int64_t{2}}},
          {{"a", named_numbers("a", {2, 3, 5, 7})}, {"b", named_numbers("b", {2, 3, 5, 7})}}};
}

inline Operator resample() {
  return {"flow.resample",
          "sampled",
          {},
          {{"image", named_numbers("image", {2, 3, 6, 7})}, {"flow", flow_between_pixels(2, 6, 7)}}};
}

inline Operator channel_norm() {
  return {"flow.channel_norm", "length", {}, {{"in", named_numbers("in", {2, 3, 4, 5})}}};
}

}  // namespace weft::testing
