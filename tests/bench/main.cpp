#include "tests/bench/partner.h"

#include <benchmark/benchmark.h>
#include <climits>
#include <malloc.h>

#include <cstring>

int main(int argc, char** argv) {
  if (argc > 2 && std::strcmp(argv[1], weft::bench::Partner::kFlag) == 0) return weft::bench::Partner::serve(argv[2]);
  mallopt(M_TRIM_THRESHOLD, INT_MAX);  // as in cli/main.cpp
  mallopt(M_MMAP_MAX, 0);
  benchmark::Initialize(&argc, argv);
  if (benchmark::ReportUnrecognizedArguments(argc, argv)) return 2;
  benchmark::RunSpecifiedBenchmarks();
  return 0;
}
