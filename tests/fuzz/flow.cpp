#include "plugins/media/flow_file.h"
#include "tests/fuzz/fuzz.h"

#include <string>

void weft::fuzz::read_input(std::string_view input) {
  const media::FlowFile read = media::decode_flow(input, "the input");
  if (read.flow.size(2) != read.valid.size(2) || read.flow.size(3) != read.valid.size(3)) fail("two sizes");
}
