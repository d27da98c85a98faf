#include "plugins/media/clip_view.h"

#include "framework/base/text.h"
#include "tests/plugins/media/conformance_rows.h"
#include "tests/plugins/media/files.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <set>

namespace weft::media {
namespace {

using testing::error_of;
using testing::read_rows;
using testing::Rows;

ViewRules rules_of(const ParamValues& values) {
  ViewRules rules;
  Params params(values);
  rules.params(params);
  return rules;
}

bool has(const std::string& mode, const char* word) {
  return mode.find(word) != std::string::npos;
}

/// The parameters for a mode of the original: its words, in its order.
ParamValues params_of(const std::string& mode, int64_t load_size, int64_t fine_size) {
  ParamValues values = {{"scale", std::string("round")}, {"flip", false}};
  const bool is_random = has(mode, "randomScale");
  if (has(mode, "resize")) values["scale"] = std::string("resize");
  if (has(mode, "scaleWidth")) values["scale"] = std::string("width");
  if (has(mode, "scaleHeight")) values["scale"] = std::string("height");
  if (has(mode, "randomScaleWidth")) values["scale"] = std::string("random_width");
  if (has(mode, "randomScaleHeight")) values["scale"] = std::string("random_height");
  if (std::get<std::string>(values["scale"]) != "round") values["load_size"] = load_size;
  if (has(mode, "crop") || has(mode, "Crop")) values["crop"] = std::string("square");
  if (has(mode, "scaledCrop")) values["crop"] = std::string(has(mode, "Width") ? "width" : "height");
  if (values.contains("crop") || is_random) values["fine_size"] = fine_size;
  return values;
}

TEST(ClipView, WithoutCropIsWhatTheOriginalGives) {
  const Rows table = read_rows("img_params");
  if (table.rows.empty()) GTEST_SKIP() << "WEFT_SHARED, where the conformance data lies, is not there";
  for (const auto& row : table.rows) {
    const std::string& mode = table.modes[static_cast<size_t>(row[0])];
    data::Draws draws(1);
    const View view = rules_of(params_of(mode, row[1], 0)).view({row[3], row[2]}, &draws);
    EXPECT_EQ(view, (View{{row[5], row[4]}, 0, 0, {row[5], row[4]}, false})) << mode << ' ' << row[1];
  }
}

TEST(ClipView, ACropIsTheOriginalsAndLiesWhereItMay) {
  const Rows table = read_rows("crop_params");
  if (table.rows.empty()) GTEST_SKIP() << "WEFT_SHARED, where the conformance data lies, is not there";
  for (const auto& row : table.rows) {
    const std::string& mode = table.modes[static_cast<size_t>(row[0])];
    const ViewRules rules = rules_of(params_of(mode, row[1], row[2]));
    const Size source = {row[4], row[3]}, part = {row[8], row[7]};
    for (uint64_t seed = 0; seed < 40; ++seed) {
      data::Draws draws(seed);
      const View view = rules.view(source, &draws);
      // The size of a random scale is -1 in the table.
      if (row[5] >= 0) {
        EXPECT_EQ(view.scaled, (Size{row[6], row[5]})) << mode;
      }
      EXPECT_EQ(view.cut.width, std::min(part.width, view.scaled.width - view.x)) << mode;
      EXPECT_EQ(view.cut.height, std::min(part.height, view.scaled.height - view.y)) << mode;
      EXPECT_GE(view.x, 0);
      EXPECT_LE(view.x, std::max<int64_t>(0, view.scaled.width - part.width));
      EXPECT_GE(view.y, 0);
      EXPECT_LE(view.y, std::min(std::max<int64_t>(0, view.scaled.height - part.height), view.scaled.height / 8));
    }
  }
}

TEST(ClipView, ARandomWidthIsDrawnFromBothSizesAndOneMore) {
  const ViewRules rules = rules_of({{"scale", std::string("random_width")},
                                    {"load_size", int64_t{67}},
                                    {"fine_size", int64_t{64}},
                                    {"crop", std::string("square")}});
  std::set<int64_t> widths;
  data::Draws draws(3);
  for (int i = 0; i < 300; ++i) widths.insert(rules.view({200, 100}, &draws).scaled.width);
  // 64 to 68 to the nearest multiple of 4; 66 is 16.5 times 4, and 16 is even.
  EXPECT_EQ(widths, (std::set<int64_t>{64, 68}));
}

TEST(ClipView, APartLiesNearTheMiddleAndAtTheTop) {
  const ViewRules rules = rules_of({{"crop", std::string("square")}, {"fine_size", int64_t{32}}});
  data::Draws draws(2);
  constexpr int kDraws = 20'000;
  double sum = 0, squares = 0, down = 0;
  for (int i = 0; i < kDraws; ++i) {
    const View view = rules.view({96, 632}, &draws);  // span 300: N(300, 100) cut to 0 .. 600, then rounded down
    sum += static_cast<double>(view.x);
    squares += static_cast<double>(view.x - 300) * static_cast<double>(view.x - 300);
    down += static_cast<double>(view.y);  // 0 to 96 / 8
  }
  EXPECT_NEAR(sum / kDraws, 299.5, 3);
  EXPECT_NEAR(std::sqrt(squares / kDraws), 99.6, 2) << "what lies behind three deviations is at the ends";
  EXPECT_NEAR(down / kDraws, 6, 0.11) << "uniform: the mean's deviation is 3.74 / sqrt(20000)";
}

TEST(ClipView, ARunSeesTheMiddle) {
  const ViewRules rules = rules_of({{"crop", std::string("square")}, {"fine_size", int64_t{32}}});
  EXPECT_EQ(rules.view({96, 632}, nullptr), (View{{96, 632}, 300, 6, {32, 32}, false}));
}

TEST(ClipView, EveryOtherClipIsMirroredUnlessItMayNot) {
  data::Draws draws(4);
  const ViewRules flips = rules_of({}), stays = rules_of({{"flip", false}});
  int mirrored = 0;
  for (int i = 0; i < 4000; ++i) {
    mirrored += flips.view({4, 4}, &draws).is_mirrored ? 1 : 0;
    EXPECT_FALSE(stays.view({4, 4}, &draws).is_mirrored);
  }
  EXPECT_NEAR(mirrored, 2000, 4 * 32);
  EXPECT_FALSE(flips.view({4, 4}, nullptr).is_mirrored);
}

/// "HxW" as far as the check knows them.
std::string shape_of(const ParamValues& values) {
  Symbols symbols;
  Shapes shapes;
  shapes.symbols = &symbols;
  rules_of(values).shape(shapes);
  const auto side = [&](const char* letter) {
    const auto dim = shapes.find(letter);
    return dim && dim->is_known() ? text(dim->numerator()) : std::string("?");
  };
  return text(side("H"), 'x', side("W"));
}

TEST(ClipView, TheCheckKnowsTheSizesThatAreCertain) {
  const auto number = [](int64_t number) { return ParamValue(number); };
  EXPECT_EQ(shape_of({}), "?x?");
  EXPECT_EQ(shape_of({{"size", std::vector<int64_t>{100, 200}}}), "100x200");
  EXPECT_EQ(shape_of({{"scale", std::string("width")}, {"load_size", number(510)}}), "?x512");
  EXPECT_EQ(shape_of({{"scale", std::string("height")}, {"load_size", number(510)}}), "512x?");
  EXPECT_EQ(shape_of({{"scale", std::string("resize")}, {"load_size", number(510)}}), "512x512");
  EXPECT_EQ(shape_of({{"scale", std::string("resize")},
                      {"load_size", number(286)},
                      {"crop", std::string("square")},
                      {"fine_size", number(256)}}),
            "256x256");
  EXPECT_EQ(shape_of({{"scale", std::string("width")},
                      {"load_size", number(286)},
                      {"crop", std::string("square")},
                      {"fine_size", number(256)}}),
            "?x256");
  EXPECT_EQ(shape_of({{"scale", std::string("random_height")},
                      {"load_size", number(542)},
                      {"crop", std::string("height")},
                      {"fine_size", number(512)}}),
            "512x?");
  // 500 becomes 500, but the part would be 512 wide: it is cut at the border.
  EXPECT_EQ(shape_of({{"scale", std::string("random_width")},
                      {"load_size", number(542)},
                      {"crop", std::string("width")},
                      {"fine_size", number(500)}}),
            "?x?");
}

TEST(ClipView, RefusesWhatContradictsItself) {
  const auto fault = [](const ParamValues& values) { return error_of([&] { rules_of(values).check(); }); };
  const ParamValue number = int64_t{64}, large = int64_t{100};
  EXPECT_EQ(fault({{"size", std::vector<int64_t>{8, 8}}, {"crop", std::string("square")}, {"fine_size", number}}),
            "`size` and `crop` are both given, but each determines the size of the frames\n  leave one out");
  EXPECT_EQ(fault({{"scale", std::string("width")}}),
            "`scale` needs `load_size`, the pixels of the side that it names\n  add a size, such as `load_size = 512`");
  EXPECT_EQ(fault({{"load_size", number}}),
            "`load_size` is given, but `scale` does not use it\n  add the side, such as `scale = \"width\"`");
  EXPECT_EQ(fault({{"crop", std::string("square")}}),
            "`crop` needs `fine_size`, the pixels of the side that it names\n  add a size, such as `fine_size = 256`");
  EXPECT_EQ(fault({{"scale", std::string("random_width")}, {"load_size", number}}),
            "a random `scale` needs `fine_size`, the smallest random side\n  add a size, such as `fine_size = 256`");
  EXPECT_EQ(fault({{"fine_size", number}}),
            "`fine_size` is given, but neither `crop` nor a random `scale` uses it\n  add a crop, such as `crop = "
            "\"square\"`");
  EXPECT_EQ(
      fault({{"scale", std::string("random_width")}, {"load_size", number}, {"fine_size", large}}),
      "random sizes go from `fine_size` to `load_size`, but 100 is more than 64\n  `load_size` must be the larger one");
}

}  // namespace
}  // namespace weft::media
