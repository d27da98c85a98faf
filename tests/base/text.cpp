#include "framework/base/text.h"

#include <gtest/gtest.h>

namespace weft {
namespace {

TEST(Text, NearestNamePrefersTheSmallestSlip) {
  EXPECT_EQ(nearest("givn", {"given", "s", "foreground"}), "given");
  EXPECT_EQ(nearest("imgae", {"image", "images", "mask"}), "image");
  EXPECT_EQ(nearest("x", {"completely", "different"}), "");
}

TEST(Text, NearestNameOfALongOneIsNone) {
  EXPECT_EQ(nearest(std::string(64, 'a'), {std::string(63, 'a')}), std::string(63, 'a'));
  EXPECT_EQ(nearest(std::string(65, 'a'), {std::string(64, 'a')}), "");
}

TEST(Text, PrintableTextHasNoCharacterThatATerminalObeys) {
  EXPECT_EQ(printable("a caf\u00E9 \u8857"), "a caf\u00E9 \u8857");
  EXPECT_EQ(printable("\x1b[2J\n\t\x7f"), "\\u001B[2J\\n\\t\\u007F");
  EXPECT_EQ(printable("a\nb", "\n"), "a\nb");
  EXPECT_EQ(printable("\u202E\u200B\uFEFF\u009B"), "\\u202E\\u200B\\uFEFF\\u009B");
  EXPECT_EQ(printable("\xff\xc3(\xe2\x80"), "\\xFF\\xC3(\\xE2\\x80");
  EXPECT_EQ(printable("\xc0\x9b\xed\xa0\x80"), "\\xC0\\x9B\\xED\\xA0\\x80") << "longer than needed, and a surrogate";
  EXPECT_EQ(printable(printable("\x1b")), "\\u001B");
}

TEST(Text, ShortenedTextKeepsItsEnds) {
  EXPECT_EQ(shortened("short", 10), "short");
  EXPECT_EQ(shortened("0123456789abcdef", 6), "012 … (10 bytes more) … def");
}

TEST(Text, NaturalOrderComparesNumbersAsNumbers) {
  EXPECT_TRUE(natural_less("frame2.png", "frame10.png"));
  EXPECT_FALSE(natural_less("frame10.png", "frame2.png"));
  EXPECT_TRUE(natural_less("frame2.png", "frame02.png"));
  EXPECT_TRUE(natural_less("a9b1", "a9b2"));
  EXPECT_FALSE(natural_less("same1", "same1"));
}

TEST(Text, PathPatternsMatchSegments) {
  EXPECT_TRUE(path_matches("F.blend", "F.**.blend"));
  EXPECT_TRUE(path_matches("F.coarse.blend", "F.**.blend"));
  EXPECT_FALSE(path_matches("F.coarse.blended", "F.**.blend"));
  EXPECT_TRUE(path_matches("D_image", "D_*"));
  EXPECT_FALSE(path_matches("D_image.inner", "D_*"));
  EXPECT_TRUE(path_matches("D_image.inner", "D_*.**"));
}

TEST(Text, GlobsMatchAcrossDots) {
  EXPECT_TRUE(matches("model.2.num_batches_tracked", "*.num_batches_tracked"));
  EXPECT_FALSE(matches("model.2.weight", "*.num_batches_tracked"));
  EXPECT_TRUE(matches("aXbXc", "a*b*c"));
  EXPECT_FALSE(matches("aXb", "a*b*c"));
}

TEST(Text, AmountsReadAsPeopleWriteThem) {
  EXPECT_EQ(bytes_text(999), "999 B");
  EXPECT_EQ(bytes_text(1536), "1.5 kB");
  EXPECT_EQ(bytes_text(3'200'000'000), "3.2 GB");
  EXPECT_EQ(duration_text(0.42), "0.42 s");
  EXPECT_EQ(duration_text(187), "3:07");
  EXPECT_EQ(duration_text(8100), "2:15:00");
  EXPECT_EQ(number_text(2e-4), "2e-4");
  EXPECT_EQ(number_text(1e20), "1e20");
  EXPECT_EQ(number_text(0.001), "0.001");
  EXPECT_EQ(quoted_list({"a", "b", "c"}), "\"a\", \"b\" or \"c\"");
}

}  // namespace
}  // namespace weft
