#include "plugins/image/polygon_file.h"
#include "tests/fuzz/fuzz.h"

void weft::fuzz::read_input(std::string_view input) {
  const auto keys = image::read_polygon_file(file_of(input));
  for (const double time : {0.0, 0.5, keys.back().time}) image::polygon_at(keys, time);
}
