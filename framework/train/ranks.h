#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <vector>

namespace weft::train {

/// The processes that train one graph together, each on clips of its own. This one stands for a process that trains alone.
///
/// Whoever connects processes derives from it; training then needs no other change. Each process calls the functions in the
/// same order.
class Ranks {
 public:
  virtual ~Ranks() = default;

  /// The number of this process, from 0. Only rank 0 writes checkpoints, weights and reports.
  virtual int64_t rank() const { return 0; }
  virtual int64_t count() const { return 1; }
  /// Makes each gradient its mean over all processes; undefined ones count as 0. Called once for each update and chunk,
  /// before the norm of the gradients is taken.
  virtual void average(std::vector<at::Tensor>&) {}
  /// Whether it is so in any process: a loss that is not finite ends training in all.
  virtual bool any(bool here) { return here; }
};

}  // namespace weft::train
