#include "plugins/flow/flow_file.h"
#include "tests/fuzz/fuzz.h"

void weft::fuzz::read_input(std::string_view input) {
  const std::string& file = file_of(input);
  attempt([&] { flow::read_flo(file); });
  attempt([&] { flow::read_pgm(file, 2, 3); });
}
