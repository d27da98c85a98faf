#include "framework/weights/safetensors.h"

#include "framework/weights/weight_file.h"
#include "tests/fuzz/fuzz.h"

void weft::fuzz::read_input(std::string_view input) {
  for (const auto& [name, tensor] : weights::read_weights(file_of(input)).tensors) tensor.clone();
}
