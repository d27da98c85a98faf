#pragma once

#include <string>

namespace weft::simulated {

/// Notes a fault for take_faults().
void add_fault(std::string fault);

/// From now on an access of the host to protected memory is a fault, after which it goes on as if nothing were protected.
void watch_accesses();

/// Protects the memory of the device again after such an access.
void protect_again();

}  // namespace weft::simulated
