#pragma once

#include "framework/node/value.h"
#include "framework/spec/kind.h"

#include <vector>

namespace weft::report {

/// A stream that [run] `show` or `best` names, with its values in the last chunk.
struct ShownStream {
  Kind kind = Kind::Feature;
  std::vector<Value> values;  ///< at the times at which it was present
};

}  // namespace weft::report
