#include "framework/run/trace.h"

#include <gtest/gtest.h>

namespace weft::run {
namespace {

TEST(Trace, SumsWhatHasOneNameAndLaneLongestFirst) {
  using std::chrono::seconds;
  for (const Trace::Keeps keeps : {Trace::Keeps::Events, Trace::Keeps::Sums}) {
    Trace trace(keeps);
    const Trace::Clock::time_point start;
    trace.add("a", kComputeLane, 0, start, start + seconds(1));
    trace.add("b", kComputeLane, 0, start + seconds(1), start + seconds(6));
    trace.add("a", kComputeLane, 1, start + seconds(6), start + seconds(8));
    trace.add("a", "read a", 0, start, start + seconds(4));
    const std::vector<Trace::Sum> sums = trace.sums();
    ASSERT_EQ(sums.size(), 3U);
    EXPECT_EQ(sums[0].name, "b");
    EXPECT_EQ(sums[1].lane, "read a");
    EXPECT_EQ(sums[2].name, "a");
    EXPECT_EQ(sums[2].lane, kComputeLane);
    EXPECT_EQ(sums[2].calls, 2);
    EXPECT_DOUBLE_EQ(sums[2].seconds, 3);
  }
}

}  // namespace
}  // namespace weft::run
