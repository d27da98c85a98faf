// The operators of FlowNet2 have kernels of weft's own on a GPU; the simulated device has a composition of LibTorch's operations.
#include "tests/device/fixture.h"
#include "tests/plugins/flow/operators.h"

#include <ATen/TensorOperators.h>

namespace weft::testing {
namespace {

class FlowOperators : public OnDevice {
 protected:
  /// Outputs and gradients of the CPU and of the device, in `type`.
  static void expect_those_of_the_cpu(const Operator& op, at::ScalarType type, double bound) {
    std::map<std::string, at::Tensor> here, there;
    for (const auto& [name, value] : op.inputs) {
      here[name] = value.to(type, /*non_blocking=*/false, /*copy=*/true).requires_grad_();
      there[name] = value.to(device(), type).requires_grad_();
    }
    const at::Tensor of_cpu = op.run(here), of_device = op.run(there);
    ASSERT_TRUE(of_device.device() == device());
    const at::Tensor weights = named_numbers("weights", of_cpu.sizes()).to(type);
    (of_cpu * weights).sum().backward();
    (of_device * weights.to(device())).sum().backward();
    EXPECT_LE((of_cpu - of_device.cpu()).abs().max().item<double>(), bound);
    for (const auto& [name, value] : here)
      EXPECT_LE((value.grad() - there[name].grad().cpu()).abs().max().item<double>(), bound) << name;
  }
};

// Sums of about 40 numbers, in another order.
constexpr double kFloatBound = 1e-5;

/// The composition of the simulated device rounds more often than the kernels.
double double_bound() {
  return is_simulated() ? 1e-12 : 1e-13;
}

TEST_F(FlowOperators, CorrelateAsOnTheCpu) {
  expect_those_of_the_cpu(correlation(), at::kFloat, kFloatBound);
  expect_those_of_the_cpu(correlation(), at::kDouble, double_bound());
}

TEST_F(FlowOperators, ResampleAsOnTheCpu) {
  expect_those_of_the_cpu(resample(), at::kFloat, kFloatBound);
  expect_those_of_the_cpu(resample(), at::kDouble, double_bound());
}

TEST_F(FlowOperators, TakeLengthsAsOnTheCpu) {
  expect_those_of_the_cpu(channel_norm(), at::kFloat, kFloatBound);
}

}  // namespace
}  // namespace weft::testing
