#pragma once

#include <weft/nn.h>
#include <weft/node.h>

namespace weft::pix2pixhd {

/// The parameters `norm` and `statistics`, which all networks of this family have.
///
/// Instance norms have no tensors here: files of pix2pixHD hold no running statistics, or ones that nothing reads.
struct NormParams {
  enum class Kind { Instance, Batch };
  Kind kind = Kind::Instance;
  nn::NormOptions::Statistics statistics = nn::NormOptions::Statistics::Batch;

  void declare(Params& p) {
    using Statistics = nn::NormOptions::Statistics;
    p("norm", kind, "normalisation of the layers", {{"instance", Kind::Instance}, {"batch", Kind::Batch}});
    p("statistics", statistics,
      "of batch norms: normalises with the statistics of the current values, as the original does at test time too, or "
      "with the running statistics of the weights",
      {{"batch", Statistics::Batch}, {"running", Statistics::Running}});
  }

  nn::NormOptions options() const {
    if (kind == Kind::Instance) return {.kind = nn::NormOptions::Kind::Instance, .running = false};
    return {.kind = nn::NormOptions::Kind::Batch, .statistics = statistics};
  }
};

}  // namespace weft::pix2pixhd
