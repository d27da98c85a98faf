#pragma once

#include "framework/graph/plan.h"

namespace weft::graph {

/// Calls `visit` with each alternative of what a step reads, in the order of the graph.
/// @param step  a Step, const or to be changed
template <typename AnyStep, typename Visit>
void for_each_alternative(AnyStep& step, const Visit& visit) {
  for (auto& input : step.inputs) {
    for (auto& read : input.reads) {
      for (auto& alternative : read.alternatives) visit(alternative);
    }
  }
}

/// Calls `visit` with each atom of what a step reads but zeros, and the alternative in which it stands.
template <typename AnyStep, typename Visit>
void for_each_atom(AnyStep& step, const Visit& visit) {
  for_each_alternative(step, [&](auto& alternative) {
    for (auto& frame : alternative.frames) {
      for (auto& atom : frame.atoms) {
        if (atom.slot != Atom::kZeros) visit(atom, alternative);
      }
    }
  });
}

}  // namespace weft::graph
