#pragma once

#include <weft/nn.h>
#include <weft/node.h>

namespace weft::vid2vid {

/// The parameters `norm`, `statistics` and `update_statistics`, which all networks of this family have.
struct NormParams {
  nn::NormOptions options;
  void declare(Params& p);
};

}  // namespace weft::vid2vid
