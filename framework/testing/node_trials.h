#pragma once

#include "framework/testing/trial_subject.h"

#include <optional>
#include <string>
#include <vector>

namespace weft::testing {

/// One question put to a node, and its answer.
struct Trial {
  enum class Outcome {
    Good,
    Failed,
    Skipped  ///< it does not apply, or could not be tried here
  };

  std::string name;  ///< "sizes", "inputs", "seed", "reset", "state", "gradients", "GPU"
  Outcome outcome = Outcome::Good;
  std::string word;     ///< for a table: "ok", "not differentiable", "no GPU here"
  std::string fault;    ///< of a failed one: what is wrong, and where
  std::string way_out;  ///< of a failed one
};

/// What all trials of a node came to.
struct NodeTrials {
  std::string type;
  std::string not_tried;  ///< why there are no trials; empty when there are
  std::string changed;    ///< parameters that were chosen for the trials, as in "features = 8"
  std::vector<Trial> trials;

  bool has_failed() const;
};

struct TrialOptions {
  ParamValues params;             ///< instead of the defaults
  std::optional<at::Device> gpu;  ///< to compare the CPU with; nothing where there is none
};

/// Tries one node with random inputs of several sizes, odd ones among them:
///
///   sizes      it runs, and its outputs are what it declares
///   inputs     it does not change what it is given
///   seed       twice the same from the same seed; from another seed too, unless it says that it is random
///   reset      after reset() it is as a fresh one
///   state      what state() names is enough to go on
///   gradients  they agree with finite differences (finite_differences.h)
///   GPU        it gives there what it gives on the CPU, within 1e-3 of the largest number
///
/// After a failure no more is asked, since others would follow from it. Sources and writers, and nodes that want a file or a text, are not tried. Parameters that must be given get a value
/// within their range; those of networks that are integers above 8 are tried with 8, which is faster.
NodeTrials try_node(const std::string& type, const plugin::Plugins& plugins, const TrialOptions& options);

}  // namespace weft::testing
