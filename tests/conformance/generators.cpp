#include "tests/conformance/cases.h"

namespace weft::conformance {

void add_generator_cases(Cases&) {}

}  // namespace weft::conformance
