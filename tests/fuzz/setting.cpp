#include "framework/graph/overlay.h"
#include "tests/fuzz/fuzz.h"

void weft::fuzz::read_input(std::string_view input) {
  graph::read_setting(std::string(input));
}
