#include "plugins/pix2pixhd/feature_distribution.h"
#include "tests/fuzz/fuzz.h"

#include <ATen/CPUGeneratorImpl.h>

void weft::fuzz::read_input(std::string_view input) {
  const at::Generator generator = at::make_generator<at::CPUGeneratorImpl>();
  for (const auto& [of, features] : pix2pixhd::read_class_features(file_of(input), 1)) features.draw(generator);
}
