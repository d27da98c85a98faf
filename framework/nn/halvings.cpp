#include "framework/nn/halvings.h"

#include "framework/base/error.h"
#include "framework/base/text.h"

namespace weft::nn {

void check_halvings(std::string_view node, int64_t height, int64_t width, int64_t halvings) {
  const int64_t multiple = int64_t{1} << halvings;
  if (height % multiple == 0 && width % multiple == 0) return;
  throw Error(Exit::Graph, text(node, " needs a height and a width that are multiples of ", multiple,
                                ", since it halves its maps ", halvings, " times, but got ", height, "x", width))
      .hint("resize the input where it is read, or with image.resize");
}

}  // namespace weft::nn
