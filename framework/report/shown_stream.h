#pragma once

#include "framework/node/value.h"
#include "framework/spec/kind.h"

#include <vector>

namespace weft::report {

/// A stream that [run] `show` or `best` names, as the last chunk had it.
struct ShownStream {
  Kind kind = Kind::Feature;
  std::vector<Value> values;  ///< at the times at which it was present
};

}  // namespace weft::report
