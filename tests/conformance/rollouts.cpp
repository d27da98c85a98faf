#include "tests/conformance/cases.h"

namespace weft::conformance {

void add_rollout_cases(Cases&) {}

}  // namespace weft::conformance
