#pragma once

#include "framework/testing/trial_subject.h"

#include <string>

namespace weft::testing {

/// What a comparison of gradients came to.
struct GradientVerdict {
  enum class Outcome { Agree, Differ, NotDifferentiable };

  Outcome outcome = Outcome::Agree;
  std::string about;  ///< of Differ: where and by how much; of NotDifferentiable: why
};

/// Compares the gradients of a node with finite differences, in double and on the CPU.
///
/// All outputs are summed with random weights to one number L. For each input, and for the weights of a network, the
/// slope of L along a random direction d is computed twice:
///
///   sum(dL/dx * d)    and    (L(x + e d) - L(x - e d)) / 2e,    e = 1e-6
///
/// They agree when they differ by less than 1e-4 of the larger one. A kink of a rectifier or a bilinear sample between x - ed
/// and x + ed moves the second one; so three draws of inputs and directions are made, and two of them count.
/// @throws what the node throws
GradientVerdict compare_gradients(TrialSetting setting);

}  // namespace weft::testing
