#include "framework/weights/pth.h"

#include "framework/weights/weight_file.h"
#include "tests/fuzz/fuzz.h"

void weft::fuzz::read_input(std::string_view input) {
  constexpr int64_t kMost = 1'000'000;  // a stride of 0 makes any number of elements of one
  for (const auto& [name, tensor] : weights::read_weights(file_of(input)).tensors) {
    if (tensor.numel() <= kMost) tensor.clone();
  }
}
