#pragma once

#include <c10/core/Device.h>
#include <gtest/gtest.h>

namespace weft::testing {

/// Where the tests of this folder compute: on the simulated device, or on what the environment variable WEFT_TEST_DEVICE names,
/// `cuda` or `cuda:N`. There TF32 is off, since float32 is compared with that of the CPU. The first call opens the device; main()
/// makes it before anything else asks LibTorch about devices.
/// @throws Error  when there is no such device
at::Device device();

/// Whether device() is the simulated one, which has the kernels of the CPU: its numbers, to the bit, and its random numbers.
bool is_simulated();

/// Tests on device(). On the simulated one each fails where a GPU would, too.
class OnDevice : public ::testing::Test {
 protected:
  void SetUp() override;
  void TearDown() override;
};

/// Tests of what the simulated device alone can tell, such as how often something is copied.
class OnSimulatedDevice : public OnDevice {
 protected:
  void SetUp() override;
};

}  // namespace weft::testing
