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

/// Calls `visit` with the atoms of what a step reads but zeros, and the alternative in which each stands: of a window
/// with those of its oldest and of its newest frame, between which the others lie.
template <typename Visit>
void for_each_atom(const Step& step, const Visit& visit) {
  for_each_alternative(step, [&](const Alternative& alternative) {
    for (const Atom& atom : alternative.oldest.atoms) {
      if (atom.slot == Atom::kZeros) continue;
      visit(atom, alternative);
      if (alternative.frames > 1) visit(alternative.atom_of(atom, alternative.frames - 1), alternative);
    }
  });
}

}  // namespace weft::graph
