#include "framework/weights/zip.h"

#include "tests/fuzz/fuzz.h"

void weft::fuzz::read_input(std::string_view input) {
  const weights::MappedFile file = weights::map_file(file_of(input));
  for (const auto& [name, entry] : weights::read_zip(file)) {
    if (entry.begin > input.size() || entry.size > input.size() - entry.begin) fail("an entry lies outside");
  }
}
