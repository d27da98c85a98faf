#pragma once

#include <ATen/CPUGeneratorImpl.h>
#include <ATen/core/Generator.h>

namespace weft::simulated {

/// Random numbers of the device: those of the CPU from the same seed.
class Generator final : public c10::GeneratorImpl {
 public:
  explicit Generator(at::Generator of_host = at::make_generator<at::CPUGeneratorImpl>());

  const at::Generator& of_host() const { return of_host_; }

  void set_current_seed(uint64_t seed) override { of_host_.set_current_seed(seed); }
  void set_offset(uint64_t offset) override { of_host_.set_offset(offset); }
  uint64_t get_offset() const override { return of_host_.get_offset(); }
  uint64_t current_seed() const override { return of_host_.current_seed(); }
  uint64_t seed() override { return of_host_.seed(); }
  void set_state(const c10::TensorImpl& state) override { of_host_.unsafeGetGeneratorImpl()->set_state(state); }
  c10::intrusive_ptr<c10::TensorImpl> get_state() const override {
    return of_host_.unsafeGetGeneratorImpl()->get_state();
  }
  /// LibTorch asks for it by this name where a kernel checks the kind of a generator.
  static c10::DeviceType device_type() { return c10::DeviceType::PrivateUse1; }

 private:
  Generator* clone_impl() const override { return new Generator(of_host_.clone()); }

  at::Generator of_host_;
};

}  // namespace weft::simulated
