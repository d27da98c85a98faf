#include "framework/testing/finite_differences.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace weft::testing {
namespace {

GradientVerdict verdict_of(const std::string& type, uint64_t seed) {
  static const plugin::Plugins plugins({WEFT_BUILD_DIR "/tests/faulty", WEFT_BUILD_DIR "/plugins"});
  TrialSetting setting;
  setting.spec = plugins.find(type);
  setting.plugins = &plugins;
  setting.inputs_seed = seed;
  return compare_gradients(setting);
}

// One draw in a thousand may meet a kink; of twenty times three none may be called a fault.
TEST(FiniteDifferences, AgreeWithBilinearSamplingWhateverIsDrawn) {
  for (uint64_t seed = 0; seed < 20; ++seed) {
    EXPECT_EQ(verdict_of("flow.warp", seed).outcome, GradientVerdict::Outcome::Agree) << "seed " << seed;
  }
}

TEST(FiniteDifferences, FindALostGradientWhateverIsDrawn) {
  for (uint64_t seed = 0; seed < 20; ++seed) {
    EXPECT_EQ(verdict_of("faulty.wrong_gradient", seed).outcome, GradientVerdict::Outcome::Differ) << "seed " << seed;
  }
}

}  // namespace
}  // namespace weft::testing
