#pragma once

namespace weft {

/// Whether the process can hardly have more memory: tens of megabytes are refused to it. Tells what to make of a library's
/// failure that does not say that it had none.
bool is_memory_short();

/// Whether the process may have only so much address space (`ulimit -v`).
bool is_memory_limited();

}  // namespace weft
