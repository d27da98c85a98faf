#include "framework/base/text.h"
#include "framework/testing/node_runner.h"
#include "tests/plugins/text_files.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace weft {
namespace {

using testing::error_of;
using testing::NodeRunner;

class Reader : public NodeRunner {
 public:
  explicit Reader(const std::string& file) : NodeRunner("world.steering_file") { set("path", file); }
};

class WorldSteeringFile : public testing::TextFiles {
 protected:
  /// What is said of a file, without its name.
  std::string fault(const std::string& content) const {
    const std::string all = error_of([&] { Reader(write("drive.txt", content)).run(); }), name = path("drive.txt");
    EXPECT_EQ(all.substr(0, name.size()), name);
    return all.substr(std::min(all.size(), name.size()));
  }
};

TEST_F(WorldSteeringFile, GivesARowAFrame) {
  Reader rows(write("drive.txt", "# speed steering\n0.25 -0.5\n\n1, 2e-1\r\n\t3\t4 \n"));
  const double expected[3][2] = {{0.25, -0.5}, {1, 0.2}, {3, 4}};
  for (const auto& [speed, steering] : expected) {
    rows.run();
    EXPECT_FLOAT_EQ(rows.tensor("speed").item<float>(), speed);
    EXPECT_FLOAT_EQ(rows.tensor("steering").item<float>(), steering);
    EXPECT_EQ(rows.tensor("speed").dim(), 0);
  }
  EXPECT_FALSE(rows.run().has_values());
}

TEST_F(WorldSteeringFile, KnowsItsLengthAndPassesOverRows) {
  Reader rows(write("drive.txt", "1 0\n2 0\n3 0\n"));
  EXPECT_EQ(rows.source().frames(), 3);
  EXPECT_TRUE(rows.source().skip(rows.context()));
  EXPECT_FLOAT_EQ(rows.run().tensor("speed").item<float>(), 2);
  EXPECT_TRUE(rows.source().skip(rows.context()));
  EXPECT_FALSE(rows.source().skip(rows.context()));
}

TEST_F(WorldSteeringFile, RefusesWhatIsNoRow) {
  const std::string hint = "\n  each row has two numbers: metres per frame, and radians to the left per metre";
  EXPECT_EQ(fault("0.2 0\n0.2\n"), ", line 2: \"0.2\" is not a row `speed steering`" + hint);
  EXPECT_EQ(fault("0.2 0 1\n"), ", line 1: \"0.2 0 1\" is not a row `speed steering`" + hint);
  EXPECT_EQ(fault("fast 0\n"), ", line 1: \"fast 0\" is not a row `speed steering`" + hint);
  EXPECT_EQ(fault("1e999 0\n"), ", line 1: \"1e999 0\" is not a row `speed steering`" + hint);
}

TEST_F(WorldSteeringFile, TellsThatItEndsEarly) {
  const std::string file = write("drive.txt", "0.2 0\n0.2 0\n");
  Reader enough(file);
  enough.set("least", int64_t{2});
  EXPECT_TRUE(enough.run().has_values());
  EXPECT_EQ(
      error_of([&] {
        Reader reader(file);
        reader.set("least", int64_t{3}).run();
      }),
      file + " ends early: it has 2 rows, and 3 are needed, one for each frame\n  add rows, or ask for fewer frames");
}

TEST_F(WorldSteeringFile, RefusesWhatCannotBeDriven) {
  const std::string most = " metres per frame, 0 radians per metre; at most 100 and 10 are driven";
  EXPECT_EQ(fault("0.2 0\n1e30 0\n"), ", line 2: 1e30" + most);
  EXPECT_THAT(fault("0 11\n"), ::testing::HasSubstr("11 radians per metre; at most"));
  const std::string line(100'000, 'x');
  EXPECT_LT(fault(line).size(), 300U);
}

TEST_F(WorldSteeringFile, RefusesAFileWithoutRows) {
  EXPECT_EQ(fault("# nothing\n"), " has no rows `speed steering`\n  write one row for each frame, such as 0.25 0");
}

}  // namespace
}  // namespace weft
