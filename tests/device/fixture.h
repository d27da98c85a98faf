#pragma once

#include "framework/base/text.h"
#include "tests/device/simulated/device.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace weft::simulated {

/// Tests that run on the simulated device, each of which fails where a GPU would, too.
class OnSimulatedDevice : public ::testing::Test {
 protected:
  static void SetUpTestSuite() { install(); }
  void SetUp() override { take_faults(); }
  void TearDown() override { EXPECT_EQ(join(take_faults(), "\n"), ""); }
};

}  // namespace weft::simulated
