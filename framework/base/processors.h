#pragma once

/// Before a function: a version of it for each of these generations of processors, of which the loader picks one, as in
/// WEFT_FOR_EACH_PROCESSOR("arch=x86-64-v3", "default"). There is only one version where the compiler makes no others, and
/// under sanitizers, which are not ready when the loader picks.
#if defined(__x86_64__) && defined(__GNUC__) && !defined(__clang__) && !defined(__SANITIZE_ADDRESS__) && \
    !defined(__SANITIZE_THREAD__)
#define WEFT_FOR_EACH_PROCESSOR(...) __attribute__((target_clones(__VA_ARGS__)))
#else
#define WEFT_FOR_EACH_PROCESSOR(...)
#endif
