#pragma once

#include "tests/conformance/fixture.h"

#include <string>

namespace weft::conformance {

/// What a name such as "spectralspadesyncbatch" says.
struct FewShotNorm {
  explicit FewShotNorm(const std::string& name);

  bool is_spectral = false, is_spade = false, is_instance = false;
  const char* kind() const { return is_instance ? "instance" : "batch"; }
};

/// The parameters of a net of few-shot vid2vid by the rule, ready to compute with: the vectors of spectral norms follow
/// their matrix for `sn_refine` steps, and modules that are one hold what the last of their names says.
/// @param net  the prefix in the file, "netG:", which is no part of the name that the rule takes
Tensors fewshot_params(const Fixture& fixture, const std::string& net = "");

/// A label map input: by the rule, or one-hot by its largest channel where classes are counted.
at::Tensor fewshot_labels(const Fixture& fixture, const std::string& name);

/// The text of a graph with its tables [stream] joined to one, since TOML allows but one.
std::string with_one_stream_table(const std::string& toml);

}  // namespace weft::conformance
