#pragma once

#include "framework/testing/trial_subject.h"

#include <string>

namespace weft::testing {

/// What differs between a node on a device and the same node on the CPU.
struct DeviceVerdict {
  std::string fault;    ///< where, and by how much; empty when nothing differs
  std::string way_out;  ///< of a fault
};

enum class Compared {
  Outputs,
  OutputsAndGradients  ///< also those of a random sum of all outputs, for inputs and weights
};

/// Runs a node for three frames on the CPU and on `device`, with the same weights and inputs, and compares.
/// @param tolerance  of the largest number of a tensor
/// @throws what the node throws
DeviceVerdict compare_devices(const TrialSetting& setting, at::Device device, Compared compared, double tolerance);

}  // namespace weft::testing
