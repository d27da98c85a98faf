#include "plugins/media/load_size.h"

#include "framework/base/text.h"
#include "tests/plugins/media/conformance_rows.h"

#include <gtest/gtest.h>

namespace weft::media {
namespace {

using testing::read_rows;
using testing::Rows;

bool has(const std::string& mode, const char* word) {
  return mode.find(word) != std::string::npos;
}

Scale scale_of(const std::string& mode) {
  if (has(mode, "resize")) return Scale::Square;
  if (has(mode, "scaleWidth")) return Scale::Width;
  if (has(mode, "scaleHeight")) return Scale::Height;
  return Scale::Round;
}

Crop crop_of(const std::string& mode) {
  if (!has(mode, "scaledCrop")) return Crop::Square;
  return has(mode, "Width") ? Crop::Width : Crop::Height;
}

TEST(LoadSize, WithoutCropIsWhatTheOriginalGives) {
  const Rows table = read_rows("img_params");
  if (table.rows.empty()) GTEST_SKIP() << "WEFT_SHARED, where the conformance data lies, is not there";
  for (const auto& row : table.rows) {
    const std::string& mode = table.modes[static_cast<size_t>(row[0])];
    const Size loaded = size_to_load({row[3], row[2]}, scale_of(mode), row[1]);
    EXPECT_EQ(loaded, (Size{row[5], row[4]})) << mode << ' ' << row[1] << " of " << row[2] << 'x' << row[3];
  }
}

TEST(LoadSize, WithCropIsWhatTheOriginalGives) {
  const Rows table = read_rows("crop_params");
  if (table.rows.empty()) GTEST_SKIP() << "WEFT_SHARED, where the conformance data lies, is not there";
  for (const auto& row : table.rows) {
    const std::string& mode = table.modes[static_cast<size_t>(row[0])];
    const Size source = {row[4], row[3]};
    EXPECT_EQ(size_of_crop(source, crop_of(mode), row[2]), (Size{row[8], row[7]})) << mode;
    // The size of a random scale is -1 in the table.
    if (row[5] < 0) continue;
    EXPECT_EQ(size_to_crop(source, scale_of(mode), row[1]), (Size{row[6], row[5]})) << mode;
  }
}

TEST(LoadSize, HalvesGoToTheEvenMultiple) {
  EXPECT_EQ(size_to_crop({6, 10}, Scale::Round, 0), (Size{8, 8}));     // 1.5 and 2.5 times 4
  EXPECT_EQ(size_to_load({48, 80}, Scale::Round, 0), (Size{64, 64}));  // 1.5 and 2.5 times 32
  EXPECT_EQ(size_to_load({720, 1280}, Scale::Round, 0), (Size{704, 1280}));
}

TEST(LoadSize, ProportionalSidesAreRoundedDownFirst) {
  // 512 * 333 / 500 = 340.99 becomes 340, which is 85 times 4; 341 would be 340 too, but 10.6 times 32 is
  // 352.
  EXPECT_EQ(size_to_crop({333, 500}, Scale::Width, 512), (Size{340, 512}));
  EXPECT_EQ(size_to_load({333, 500}, Scale::Width, 512), (Size{352, 512}));
}

TEST(LoadSize, NothingBecomesEmpty) {
  EXPECT_EQ(size_to_load({1, 1}, Scale::Round, 0), (Size{32, 32}));
  EXPECT_EQ(size_to_load({1, 4000}, Scale::Width, 64), (Size{32, 64}));
}

TEST(LoadSize, UnscaledPicturesKeepTheirSize) {
  EXPECT_EQ(size_to_load({33, 17}, Scale::None, 0), (Size{33, 17}));
}

}  // namespace
}  // namespace weft::media
