#pragma once

#include "plugins/fewshot/reference.h"

namespace weft::fewshot {

/// The parameters that both parts of the encoder of examples share.
struct ReferenceParams {
  ReferenceTowers::Options towers;
  int64_t attention_down = 2;

  void declare(Params& p) {
    towers.pyramid.declare(p);
    towers.norms.declare(p);
    declare_labels(p, towers.labels);
    p("residual", towers.residual, "residual blocks instead of convolutions");
    p("attention_down", attention_down,
      "halvings before the attention over several examples; the rest follows it. For one example any number computes "
      "the "
      "same")
        .min(0)
        .max(10);
  }
  /// The halvings before the attention.
  int64_t split() const { return std::min(attention_down, towers.pyramid.down); }
  /// Channels of both towers' maps after so many halvings.
  int64_t channels(int64_t level) const {
    return ReferenceTowers::towers(towers.labels) * towers.pyramid.channels(level);
  }
};

}  // namespace weft::fewshot
