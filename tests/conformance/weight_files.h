#pragma once

#include "tests/conformance/compare.h"

namespace weft::conformance {

/// Reads a .pth and compares names, shapes, types and sums of its tensors with the `expected.json` beside it;
/// for a file that it says to refuse, an Error is what passes.
Result run_weight_file(const std::string& file);

}  // namespace weft::conformance
