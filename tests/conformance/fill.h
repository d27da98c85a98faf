#pragma once

#include "framework/nn/module.h"
#include "tests/conformance/fixture.h"

namespace weft::conformance {

/// Sets all tensors of a network. Its parameters share the memory of `params`.
/// @throws Error  that names the tensor which `params` lacks, or has in another shape
void fill(nn::Module& module, const Tensors& params);

}  // namespace weft::conformance
