#include "framework/weights/npy.h"

#include "tests/fuzz/fuzz.h"

void weft::fuzz::read_input(std::string_view input) {
  for (const auto& [name, tensor] : weights::read_npy(weights::map_file(file_of(input)), {}).tensors) tensor.clone();
}
