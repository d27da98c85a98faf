// Palettes: the files, the ones that weft brings along, and pixels that become ids.
#include "framework/data/palette.h"

#include "framework/base/error.h"
#include "framework/vision/colours.h"

#include <ATen/TensorOperators.h>
#include <ATen/ops/tensor.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>

namespace weft::data {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

const char* const kTwo = R"(about = "two"
[colours]
0 = "#804080"
7 = "#F423e8"
[names]
7 = "path"
)";

/// The message about a file, with its place.
std::string error_of(const std::string& toml) {
  try {
    Palette::parse(toml, "own.toml");
  } catch (const Error& error) {
    EXPECT_EQ(error.exit(), Exit::Data);
    return error.what();
  }
  return "";
}

/// Pixels of one row.
at::Tensor row(const std::vector<int64_t>& bytes) {
  return at::tensor(bytes, at::kLong).to(at::kByte).view({1, -1, 3});
}

std::vector<int64_t> ids_of(const Palette& palette, const std::vector<int64_t>& bytes) {
  const at::Tensor ids = palette.ids_of(row(bytes), "a.png").to(at::kLong).bitwise_and_(0xFFFF);
  return {ids.const_data_ptr<int64_t>(), ids.const_data_ptr<int64_t>() + ids.numel()};
}

TEST(Palette, ColoursBecomeIds) {
  const Palette palette = Palette::parse(kTwo, "own.toml");
  EXPECT_THAT(ids_of(palette, {128, 64, 128, 244, 35, 232, 244, 35, 232, 128, 64, 128}), ElementsAre(0, 7, 7, 0));
  ASSERT_EQ(palette.classes().size(), 2);
  EXPECT_EQ(palette.classes()[1].name, "path");
  EXPECT_EQ(palette.colours().sizes(), (std::vector<int64_t>{8, 3}));
}

TEST(Palette, AColourOfNoClassIsToldUnlessThereIsOther) {
  const Palette palette = Palette::parse(kTwo, "own.toml");
  try {
    ids_of(palette, {128, 64, 128, 1, 2, 3});
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(error.message(),
              "a.png: the pixel in row 0, column 1 is #010203, which is no class's colour in own.toml");
  }
  const Palette tolerant = Palette::parse(std::string("other = 65535\n") + kTwo, "own.toml");
  EXPECT_THAT(ids_of(tolerant, {1, 2, 3, 244, 35, 232}), ElementsAre(65535, 7));
}

TEST(Palette, FaultsHaveTheirPlace) {
  EXPECT_THAT(error_of("[colours]\n0 = \"red\"\n"), HasSubstr("own.toml:2:1: \"red\" is no colour"));
  EXPECT_THAT(error_of("[colours]\n-1 = \"#000000\"\n"), HasSubstr("own.toml:2:1: `-1` is no id from 0 to 65535"));
  EXPECT_THAT(error_of("[colours]\n65536 = \"#000000\"\n"), HasSubstr("`65536` is no id"));
  EXPECT_THAT(error_of("[colours]\nroad = \"#000000\"\n"), HasSubstr("`road` is no id"));
  EXPECT_THAT(error_of("[colours]\n0 = 7\n"), HasSubstr("own.toml:2:1: `0` must be a text"));
  EXPECT_THAT(error_of("[names]\n0 = \"road\"\n"), HasSubstr("the palette has no colours"));
  EXPECT_THAT(error_of("[colours]\n0 = \"#000000\"\n[names]\n1 = \"road\"\n"),
              HasSubstr("own.toml:4:1: the id 1 has a name, but no colour"));
  EXPECT_THAT(error_of("[colors]\n0 = \"#000000\"\n"), HasSubstr("the palette has no colours"));
  EXPECT_THAT(error_of(std::string(kTwo) + "[other]\n"), HasSubstr("a palette has no table [other]"));
  EXPECT_THAT(error_of(std::string("other = -1\n") + kTwo), HasSubstr("own.toml:1:1: ids go from 0 to 65535, not -1"));
  EXPECT_THAT(error_of(std::string("void = 1\n") + kTwo), HasSubstr("own.toml:1:1: a palette has no `void`"));
  EXPECT_NE(error_of(""), "");
}

TEST(Palette, TheTextOfOneIsReadAsTheSame) {
  const Palette palette = Palette::parse(kTwo, "own.toml");
  const Palette again = Palette::parse(palette_text(palette.classes(), "again"), "again.toml");
  EXPECT_TRUE(again.colours().equal(palette.colours()));
  EXPECT_EQ(again.classes()[1].name, "path");
}

TEST(Palette, ThoseOfDataSetsAreWhole) {
  EXPECT_THAT(Palette::names(), ElementsAre("ade20k", "camvid", "cityscapes"));
  EXPECT_EQ(Palette::built_in("ade20k").classes().size(), 151);
  EXPECT_EQ(Palette::built_in("camvid").classes().size(), 32);
  for (const std::string& name : Palette::names()) {
    const Palette palette = Palette::built_in(name);
    for (const PaintedClass& painted : palette.classes()) EXPECT_NE(painted.name, "") << name << ' ' << painted.id;
  }
  std::set<Rgb> of_camvid;
  const Palette camvid = Palette::built_in("camvid");
  for (const PaintedClass& painted : camvid.classes()) of_camvid.insert(painted.colour);
  EXPECT_EQ(of_camvid.size(), 32);
}

TEST(Palette, CityscapesIsThatOfTheDrawings) {
  EXPECT_TRUE(Palette::built_in("cityscapes").colours().equal(vision::class_colours(35, vision::Palette::Cityscapes)));
}

}  // namespace
}  // namespace weft::data
