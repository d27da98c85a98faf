#pragma once

namespace weft::cli {

/// Begins the program anew with GOMP_SPINCOUNT set, unless the environment says how threads wait: then it returns. To be
/// called before OpenMP's library is ready, which reads the variable once.
///
/// Threads that share a layer wait for each other at its end. By default they do so at full speed for some milliseconds. Where
/// other programs compute too, one of the threads often waits for a core that the others keep busy by waiting for it.
void let_waiting_threads_sleep(char** words, char** environment);

}  // namespace weft::cli
