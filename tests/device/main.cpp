#include "framework/base/error.h"
#include "framework/base/text.h"
#include "framework/run/device.h"
#include "tests/device/fixture.h"
#include "tests/device/simulated/device.h"

#include <ATen/Context.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <iostream>

namespace weft::testing {
namespace {

at::Device open() {
  const char* named = std::getenv("WEFT_TEST_DEVICE");
  const std::string name = named && *named ? named : "simulated";
  if (name == "simulated") simulated::install();
  const at::Device opened = run::open_device(name);
  if (opened.is_cpu()) throw Error(Exit::Usage, "these tests compare a device with the CPU");
  at::globalContext().setAllowTF32CuDNN(false);
  at::globalContext().setAllowTF32CuBLAS(false);
  return opened;
}

}  // namespace

at::Device device() {
  static const at::Device opened = open();
  return opened;
}

bool is_simulated() {
  return device() == simulated::device();
}

void OnDevice::SetUp() {
  simulated::take_faults();
}

void OnDevice::TearDown() {
  EXPECT_EQ(join(simulated::take_faults(), "\n"), "");
}

void OnSimulatedDevice::SetUp() {
  if (!is_simulated()) GTEST_SKIP() << "asks the simulated device";
  OnDevice::SetUp();
}

}  // namespace weft::testing

int main(int argc, char** argv) {
  try {
    weft::testing::device();
  } catch (const weft::Error& error) {
    std::cerr << "WEFT_TEST_DEVICE=" << std::getenv("WEFT_TEST_DEVICE")
              << ": these tests have no device: " << error.what() << '\n';
    return 1;
  }
  ::testing::InitGoogleTest(&argc, argv);
  return RUN_ALL_TESTS();
}
