#pragma once

#include <string>

namespace weft::simulated {

enum class Work { CopyToDevice, CopyToHost, CopyOnDevice, Kernel, Wait };

/// Counts for counts(), in this thread and in all.
/// @param name  of the operation
void count(Work work, const std::string& name);

}  // namespace weft::simulated
