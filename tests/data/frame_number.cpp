#include "framework/data/frame_number.h"

#include "tests/plugins/text_files.h"

namespace weft::data {
namespace {

using Names = std::vector<std::string>;

TEST(FrameNumber, IsTheLastNumberOfAName) {
  EXPECT_EQ(frame_number("000012"), 12);
  EXPECT_EQ(frame_number("video2_000000000012_keypoints"), 12);
  EXPECT_EQ(frame_number("walk_12_2d"), 12);
  EXPECT_EQ(frame_number("frame"), std::nullopt);
  EXPECT_EQ(frame_number("1234567890123456789"), std::nullopt);
  EXPECT_EQ(frame_number(""), std::nullopt);
}

TEST(FrameNumber, TheNameHasNeitherFolderNorEnding) {
  EXPECT_EQ(frame_name("frames/0012.jpg"), "0012");
  EXPECT_EQ(frame_name("0012"), "0012");
}

TEST(FrameNumber, GapsAreFilled) {
  EXPECT_EQ(without_gaps("f", {"a11", "a08", "a10"}), (Names{"a08", "a09", "a10", "a11"}));
  EXPECT_EQ(without_gaps("f", {"a010", "a030", "a040"}), (Names{"a010", "a020", "a030", "a040"}));
  EXPECT_EQ(without_gaps("f", {"4", "2"}), (Names{"0", "2", "4"}));  // a video begins at 0
  EXPECT_EQ(without_gaps("f", {"0", "3"}), (Names{"0", "3"}));       // every third frame
  EXPECT_EQ(without_gaps("f", {"9", "11", "10"}),
            (Names{"0", "1", "2", "3", "4", "5", "6", "7", "8", "9", "10", "11"}));
  EXPECT_EQ(without_gaps("f", {"b2", "a1", "a7"}), (Names{"a1", "a7", "b2"}));
  EXPECT_EQ(without_gaps("f", {}), Names());
}

TEST(FrameNumber, RefusesAGapThatNoVideoHas) {
  EXPECT_EQ(testing::error_of([] {
              without_gaps("list.json", {"a0000001", "a0000002", "a9999999"});
            }),
            "list.json has frames from a0000001 to a9999999, which are 9999999\n  at most 1000000 are read: frames are "
            "numbered one after the other");
}

TEST(RisingNumbers, AreThereForEveryNameOrForNone) {
  EXPECT_EQ(rising_numbers({"a_1", "a_2", "a_10"}), (std::vector<int64_t>{1, 2, 10}));
  EXPECT_TRUE(rising_numbers({"a_1", "b_1"}).empty());
  EXPECT_TRUE(rising_numbers({"1", "first"}).empty());
  EXPECT_TRUE(rising_numbers({}).empty());
}

}  // namespace
}  // namespace weft::data
