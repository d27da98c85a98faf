#pragma once

#include <c10/core/Device.h>
#include <c10/core/ScalarType.h>

namespace weft::run {

/// Until the end of the block, operations that gain from it compute in `type`, whatever the type of the weights. For
/// float nothing changes.
class Autocast {
 public:
  Autocast(at::Device device, at::ScalarType type);
  ~Autocast();
  Autocast(const Autocast&) = delete;
  Autocast& operator=(const Autocast&) = delete;

 private:
  c10::DeviceType device_;
  bool is_on_ = false;
  bool was_enabled_ = false;
  at::ScalarType earlier_ = at::kFloat;
};

}  // namespace weft::run
