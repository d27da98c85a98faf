#include "plugins/media/layout.h"

#include "tests/fuzz/fuzz.h"

void weft::fuzz::read_input(std::string_view input) {
  media::read_layout(input, "input", "input.toml");
}
