#include "plugins/media/tone_map.h"

#include "tests/plugins/media/ffmpeg.h"

#include <ATen/TensorOperators.h>
#include <ATen/ops/full.h>
#include <ATen/ops/tensor.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

namespace weft::media {
namespace {

using testing::Reading;
using testing::TemporaryFolder;

/// A grey of this coded value, 0 to 1, as an SDR display shows it, 0 to 1.
double shown(double coded, AVColorTransferCharacteristic trc, double peak = 1000) {
  const at::Tensor image = at::full({1, 3, 1, 1}, coded * 2 - 1, at::kFloat);
  const at::Tensor mapped = tone_mapped(image, trc, peak);
  EXPECT_LT((mapped.max() - mapped.min()).item<double>(), 2e-3) << "grey stays grey";
  return (mapped[0][0][0][0].item<double>() + 1) / 2;
}

/// BT.2100: 100 cd/m² are coded as 0.508 in PQ, 1000 as 0.752.
TEST(ToneMap, OfPqDarkLightStaysAndThePeakIsWhite) {
  EXPECT_NEAR(shown(0, AVCOL_TRC_SMPTE2084), 0, 1e-3);
  EXPECT_NEAR(shown(0.1496, AVCOL_TRC_SMPTE2084), std::pow(1.0 / 203, 1 / 2.4), 2e-3) << "1 cd/m²";
  EXPECT_NEAR(shown(0.7518, AVCOL_TRC_SMPTE2084), 1, 2e-3);
  EXPECT_NEAR(shown(1, AVCOL_TRC_SMPTE2084), 1, 1e-3);
}

TEST(ToneMap, WithoutBrighterLightNothingIsRolledOff) {
  EXPECT_NEAR(shown(0.5081, AVCOL_TRC_SMPTE2084, 203), std::pow(100.0 / 203, 1 / 2.4), 2e-3) << "100 cd/m²";
}

TEST(ToneMap, BrighterIsNeverDarker) {
  for (const auto trc : {AVCOL_TRC_SMPTE2084, AVCOL_TRC_ARIB_STD_B67}) {
    double last = -1;
    for (int i = 0; i <= 100; ++i) {
      const double now = shown(i / 100.0, trc);
      EXPECT_GE(now, last - 1e-6) << i;
      last = now;
    }
    EXPECT_NEAR(last, 1, 2e-3);
  }
}

/// BT.2408: white is coded as 0.75 in HLG, which is 203 cd/m² on a display of 1000.
TEST(ToneMap, OfHlgWhiteIsThatOfPq) {
  EXPECT_NEAR(shown(0.75, AVCOL_TRC_ARIB_STD_B67), shown(0.5807, AVCOL_TRC_SMPTE2084), 5e-3);
}

TEST(ToneMap, VideosOfHdrAreMappedUnlessTheirNumbersAreWanted) {
  if (!testing::has_ffmpeg()) GTEST_SKIP() << "there is no ffmpeg";
  const TemporaryFolder folder;
  const testing::TestFilm film(folder);
  const std::string file = folder / "a.mkv";
  ASSERT_EQ(film.write(file, {"-c:v", "ffv1", "-pix_fmt", "yuv420p10le", "-color_trc", "smpte2084", "-color_primaries",
                              "bt2020", "-colorspace", "bt2020nc", "-color_range", "tv"}),
            "");
  const Reading mapped = testing::read_video(file), coded = testing::read_video(file, {{"hdr", "as_coded"}});
  ASSERT_EQ(mapped.frames.size(), testing::kFilmFrames);
  ASSERT_EQ(coded.frames.size(), testing::kFilmFrames);
  const double level = testing::colour_at(coded.frames[5], 24, 32)[1] / 255;
  EXPECT_NEAR(testing::colour_at(mapped.frames[5], 24, 32)[1] / 255, shown(level, AVCOL_TRC_SMPTE2084), 0.01);
}

}  // namespace
}  // namespace weft::media
