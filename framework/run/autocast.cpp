#include "framework/run/autocast.h"

#include <ATen/autocast_mode.h>

namespace weft::run {

Autocast::Autocast(at::Device device, at::ScalarType type) : device_(device.type()), is_on_(type != at::kFloat) {
  if (!is_on_) return;
  was_enabled_ = at::autocast::is_autocast_enabled(device_);
  earlier_ = at::autocast::get_autocast_dtype(device_);
  at::autocast::set_autocast_enabled(device_, true);
  at::autocast::set_autocast_dtype(device_, type);
  at::autocast::increment_nesting();
}

Autocast::~Autocast() {
  if (!is_on_) return;
  // Casted weights are kept until the outermost block ends; then they may change.
  if (at::autocast::decrement_nesting() == 0) at::autocast::clear_cache();
  at::autocast::set_autocast_enabled(device_, was_enabled_);
  at::autocast::set_autocast_dtype(device_, earlier_);
}

}  // namespace weft::run
