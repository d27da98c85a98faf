#include "framework/node/context.h"

#include "framework/base/seed.h"

#include <ATen/CPUGeneratorImpl.h>
#include <ATen/Context.h>

namespace weft {

at::Generator Context::generator(at::Device device) const {
  const uint64_t of_sequence = derive_seed(derive_seed(seed_, node_), sequence_index_);
  const uint64_t seed = derive_seed(of_sequence, static_cast<uint64_t>(frame_));
  if (device.is_cpu()) return at::make_generator<at::CPUGeneratorImpl>(seed);
  at::Generator generator = at::globalContext().defaultGenerator(device).clone();
  generator.set_current_seed(seed);
  return generator;
}

const std::string& Context::frame_name() const {
  static const std::string none;
  const auto frame = static_cast<size_t>(frame_);
  return frame_names_ && frame < frame_names_->size() ? (*frame_names_)[frame] : none;
}

std::string Context::origin(const std::string& port) const {
  if (!origins_) return "";
  const auto found = origins_->find(port);
  return found == origins_->end() ? "" : found->second;
}

void Context::set_sequence(std::string name, uint64_t index) {
  sequence_ = std::move(name);
  sequence_index_ = index;
}

}  // namespace weft
