#pragma once

#include "framework/testing/node_runner.h"
#include "framework/testing/random_inputs.h"

#include <string>
#include <vector>

namespace weft::testing {

/// What a node is tried with.
struct TrialSetting {
  const NodeSpec* spec = nullptr;
  const plugin::Plugins* plugins = nullptr;
  ParamValues params;
  TrialSizes sizes;
  at::Device device = at::kCPU;
  at::ScalarType precision = at::kFloat;
  uint64_t seed = 1;          ///< of the context
  uint64_t inputs_seed = 11;  ///< of inputs and weights
};

/// One node, fresh, with random weights and random inputs that differ from frame to frame.
class TrialSubject {
 public:
  /// @throws Error, or what the node throws  when it cannot be made of these sizes
  explicit TrialSubject(TrialSetting setting);

  /// The inputs of frame t, on the device and in the precision of the setting.
  InputValues inputs(int64_t t) const;
  /// Runs the node on `inputs` as frame t.
  std::vector<Value> run(int64_t t, const InputValues& inputs);
  std::vector<Value> run(int64_t t) { return run(t, inputs(t)); }
  /// Begins a sequence.
  void reset() { runner_.node().reset(); }

  /// Why the check of a graph would refuse these sizes, or empty.
  std::string size_fault();
  /// What is wrong with the dimensions or the type of an output, or empty.
  std::string output_fault(size_t output, const Value& value);
  /// Whether an output holds numbers that are none; empty when it does not.
  std::string number_fault(size_t output, const Value& value) const;

  NodeRunner& runner() { return runner_; }
  const TrialSetting& setting() const { return setting_; }
  /// The inputs' shapes, for messages: "image [1, 3, 32, 48], flow [1, 2, 32, 48]".
  std::string shapes_text() const;

 private:
  /// The size that a dimension of an output must have; nothing where any will do.
  std::optional<Dim> expected(const DimSpec& dim);

  TrialSetting setting_;
  NodeRunner runner_;
};

/// The same bytes in all tensors.
bool are_same(const std::vector<Value>& a, const std::vector<Value>& b);

}  // namespace weft::testing
