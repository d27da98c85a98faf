#pragma once

#include "framework/node/value.h"
#include "framework/spec/node_spec.h"

#include <map>
#include <string>
#include <vector>

namespace weft::testing {

/// The sizes of one trial of a node.
struct TrialSizes {
  int64_t batch = 1;
  int64_t height = 32;
  int64_t width = 48;
  int64_t channels = 4;        ///< of maps that do not say how many
  int64_t frames = 2;          ///< of windows
  bool wires_optional = true;  ///< whether optional inputs have a value
};

/// Values for the inputs of a node, by port; several for a variadic one.
using InputValues = std::map<std::string, std::vector<Value>>;

/// The size of each letter that the inputs declare. B, H and W are those of `sizes`, the last two letters of a map are a
/// height and a width too, the channels of images are 3, all others a few channels, points or frames. A letter of which a
/// declaration takes a part (H/4) is made a multiple of it.
std::map<std::string, int64_t> letter_sizes(const NodeSpec& spec, const TrialSizes& sizes);

/// Random values for all inputs, of the sizes that the node's `shape` sets, and in the range of their kinds: images in [-1, 1], ids from 0 to 7, masks in [0, 1] … The
/// same for the same seed. Windows have a second axis of frames and arrive as FrameWindow, as in a run; lists in
/// records have two items.
InputValues random_inputs(const NodeSpec& spec, const ParamValues& params, const TrialSizes& sizes, uint64_t seed);

/// Each tensor of all values, ports in the order of the node's inputs.
std::vector<at::Tensor> tensors_of(const NodeSpec& spec, const InputValues& inputs);
/// The same inputs with other tensors, in the order of tensors_of().
InputValues with_tensors(const NodeSpec& spec, const InputValues& inputs, const std::vector<at::Tensor>& tensors);
/// The tensors in a value as its readers see them: the map of ids.
std::vector<at::Tensor> tensors_in(const Value& value);

/// Why inputs cannot be made up, such as a text that means something; empty when they can.
std::string why_no_inputs(const NodeSpec& spec);

}  // namespace weft::testing
