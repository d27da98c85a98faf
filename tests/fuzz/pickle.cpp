#include "framework/weights/pickle.h"

#include "tests/fuzz/fuzz.h"

void weft::fuzz::read_input(std::string_view input) {
  const weights::Pickle pickle = weights::read_pickle("input", input);
  if (pickle.length > input.size()) fail("the pickle is longer than the file");
}
