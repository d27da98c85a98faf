#pragma once

#include "framework/spec/node_spec.h"

#include <string>

namespace weft::testing {

/// Adds to `params` what a trial of the node needs: a value within its range for each parameter that must be given, and 8
/// for those of a network that are larger integers, which is faster.
/// @returns why the node cannot be tried, such as a file that it wants; else empty
std::string choose_params(const NodeSpec& spec, ParamValues& params);

/// "features = 8, norm = \"batch\"".
std::string params_text(const ParamValues& params);

}  // namespace weft::testing
