#include "framework/base/log.h"

#include <gtest/gtest.h>

namespace weft {
namespace {

TEST(Log, ColoursTheWordsThatSayHowBadItIs) {
  EXPECT_EQ(Log::coloured("g.toml:3:7: error E201: no such type"),
            "g.toml:3:7: \033[1;31merror E201\033[0m: no such type");
  EXPECT_EQ(Log::coloured("g.toml:3:7: warning W302: not used"), "g.toml:3:7: \033[1;33mwarning W302\033[0m: not used");
  EXPECT_EQ(Log::coloured("warning: slow"), "\033[1;33mwarning\033[0m: slow");
  EXPECT_EQ(Log::coloured("weft: there is no folder"), "\033[1;31mweft:\033[0m there is no folder");
}

TEST(Log, LeavesAllElseAsItIs) {
  EXPECT_EQ(Log::coloured("done: 3 frames, weft: no warning"), "done: 3 frames, weft: no warning");
}

}  // namespace
}  // namespace weft
