#include "framework/spec/fraction.h"
#include "framework/spec/param.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <set>

namespace weft {
namespace {

using Integers = std::vector<int64_t>;
using Reals = std::vector<double>;
using Texts = std::vector<std::string>;

ParamSpec spec_of(ParamType type) {
  ParamSpec spec;
  spec.name = "x";
  spec.type = type;
  return spec;
}

TEST(Param, BoundsMayBelongToTheRangeOrNot) {
  ParamSpec spec = spec_of(ParamType::Real);
  spec.min = 0;
  spec.max = 1;
  EXPECT_EQ(spec.range_text(), "at least 0, at most 1");
  for (const double good : {0.0, 0.5, 1.0}) EXPECT_EQ(range_fault(spec, good), "");
  EXPECT_EQ(range_fault(spec, 1.5), "must be at least 0, at most 1, not 1.5");
  spec.above_min = spec.below_max = true;
  EXPECT_EQ(spec.range_text(), "above 0, below 1");
  EXPECT_EQ(range_fault(spec, 0.0), "must be above 0, below 1, not 0");
  EXPECT_EQ(range_fault(spec, 1.0), "must be above 0, below 1, not 1");
  EXPECT_EQ(range_fault(spec, 0.5), "");
}

TEST(Param, AFractionIsANumberOrAText) {
  ParamSpec spec = spec_of(ParamType::Fraction);
  spec.min = 0;
  spec.above_min = true;
  spec.max = 1000;
  for (const ParamValue& good : {ParamValue(int64_t{25}), ParamValue(12.5), ParamValue(std::string("30000/1001"))}) {
    const auto converted = convert(good, ParamType::Fraction);
    ASSERT_EQ(converted, good);
    EXPECT_EQ(range_fault(spec, *converted), "");
  }
  for (const double bad : {1e-300, -1e-300, 1e300, -1.0, std::numeric_limits<double>::infinity(),
                           std::numeric_limits<double>::quiet_NaN()})
    EXPECT_EQ(convert(ParamValue(bad), ParamType::Fraction), std::nullopt) << bad;
  EXPECT_EQ(convert(ParamValue(int64_t{1} << 40), ParamType::Fraction), std::nullopt);
  for (const char* bad : {"fast", "1/0", "-1/2", "3/", "/3", "1/2/3", "", "1e99"})
    EXPECT_FALSE(convert(ParamValue(std::string(bad)), ParamType::Fraction)) << bad;
  EXPECT_EQ(range_fault(spec, std::string("0/5")), "must be above 0, at most 1000, not 0");
  EXPECT_EQ(range_fault(spec, std::string("90000/7")), "must be above 0, at most 1000, not 12857.142857142857");
}

TEST(Fraction, IsTheSimplestOneThatANumberMeans) {
  EXPECT_EQ(Fraction::nearest(25), (Fraction{25, 1}));
  EXPECT_EQ(Fraction::nearest(12.5), (Fraction{25, 2}));
  EXPECT_EQ(Fraction::nearest(29.97), (Fraction{2997, 100}));
  EXPECT_EQ(Fraction::nearest(1.0 / 3), (Fraction{1, 3}));
  EXPECT_EQ(Fraction::nearest(30000.0 / 1001), (Fraction{30000, 1001}));
  EXPECT_EQ(Fraction::nearest(0), (Fraction{0, 1}));
  EXPECT_EQ(Fraction::parse("60/2"), (Fraction{30, 1}));
  EXPECT_EQ(Fraction::parse("0.1"), (Fraction{1, 10}));
}

TEST(Param, NotANumberIsInNoRange) {
  ParamSpec spec = spec_of(ParamType::Real);
  spec.min = 0;
  EXPECT_EQ(range_fault(spec, std::nan("")), "must be at least 0, not nan");
}

TEST(Param, EveryItemOfAListIsInTheRange) {
  ParamSpec spec = spec_of(ParamType::Integers);
  spec.min = 1;
  EXPECT_EQ(range_fault(spec, Integers{3, 2, 1}), "");
  EXPECT_EQ(range_fault(spec, Integers{3, 0, 1}), "must be at least 1, not 0");
  EXPECT_EQ(range_fault(spec, Integers{3, -9223372036854775807}), "must be at least 1, not -9223372036854775807");
  EXPECT_EQ(range_fault(spec, Integers{}), "");
}

TEST(Param, AListMayHaveAsManyItemsAsItMay) {
  ParamSpec spec = spec_of(ParamType::Reals);
  spec.allowed_counts = {1, 3};
  EXPECT_EQ(spec.range_text(), "1 or 3 items");
  EXPECT_EQ(range_fault(spec, Reals{1, 2, 3}), "");
  EXPECT_EQ(range_fault(spec, Reals{1, 2}), "wants 1 or 3 items, not 2");
  EXPECT_EQ(range_fault(spec, Reals{}), "wants 1 or 3 items, not 0");
}

TEST(Param, AChoiceIsOneOfItsWords) {
  ParamSpec spec = spec_of(ParamType::Text);
  spec.choices = {"batch", "instance", "none"};
  EXPECT_EQ(spec.range_text(), "one of \"batch\", \"instance\" or \"none\"");
  EXPECT_EQ(range_fault(spec, std::string("none")), "");
  EXPECT_EQ(range_fault(spec, std::string("Batch")),
            "must be one of \"batch\", \"instance\" or \"none\", not \"Batch\"");
  spec.type = ParamType::Texts;
  EXPECT_EQ(range_fault(spec, Texts{"batch", "bach"}),
            "must be one of \"batch\", \"instance\" or \"none\", not \"bach\"");
}

TEST(Param, NothingIsConvertedButIntegersToNumbers) {
  const ParamValue values[] = {true, int64_t{2}, 2.5, std::string("2"), Integers{2}, Reals{2.5}, Texts{"2"}};
  const ParamType types[] = {ParamType::Boolean, ParamType::Integer,  ParamType::Real,  ParamType::Text,
                             ParamType::Path,    ParamType::Integers, ParamType::Reals, ParamType::Texts};
  // By type: which of the values above it takes.
  const std::set<size_t> taken[] = {{0}, {1}, {1, 2}, {3}, {3}, {4}, {4, 5}, {6}};
  for (size_t type = 0; type < std::size(types); ++type) {
    for (size_t value = 0; value < std::size(values); ++value) {
      EXPECT_EQ(convert(values[value], types[type]).has_value(), taken[type].contains(value))
          << describe(types[type]) << " of " << toml_text(values[value]);
    }
  }
  EXPECT_EQ(convert(int64_t{2}, ParamType::Real), ParamValue(2.0));
  EXPECT_EQ(convert(Integers{2, 3}, ParamType::Reals), ParamValue(Reals{2, 3}));
}

TEST(Param, AnEmptyListIsAListOfAnything) {
  for (const ParamValue& empty : {ParamValue(Integers{}), ParamValue(Reals{}), ParamValue(Texts{})}) {
    EXPECT_EQ(convert(empty, ParamType::Integers), ParamValue(Integers{}));
    EXPECT_EQ(convert(empty, ParamType::Reals), ParamValue(Reals{}));
    EXPECT_EQ(convert(empty, ParamType::Texts), ParamValue(Texts{}));
    EXPECT_EQ(convert(empty, ParamType::Text), std::nullopt);
  }
  EXPECT_EQ(convert(std::string(), ParamType::Texts), std::nullopt) << "an empty text is no list";
}

TEST(Param, ValuesAreWrittenAsToml) {
  EXPECT_EQ(toml_text(true), "true");
  EXPECT_EQ(toml_text(int64_t{-3}), "-3");
  EXPECT_EQ(toml_text(2.0), "2.0") << "so that it stays a real";
  EXPECT_EQ(toml_text(0.1), "0.1");
  EXPECT_EQ(toml_text(2e-4), "2e-4");
  EXPECT_EQ(toml_text(std::numeric_limits<double>::infinity()), "inf");
  EXPECT_EQ(toml_text(-std::numeric_limits<double>::infinity()), "-inf");
  EXPECT_EQ(toml_text(std::nan("")), "nan");
  EXPECT_EQ(toml_text(std::string("a \"b\" \\ c\n\x01é")), "\"a \\\"b\\\" \\\\ c\\n\\u0001é\"");
  EXPECT_EQ(toml_text(Integers{1, 2}), "[1, 2]");
  EXPECT_EQ(toml_text(Reals{1, 0.5}), "[1.0, 0.5]");
  EXPECT_EQ(toml_text(Texts{"a", "b"}), "[\"a\", \"b\"]");
  EXPECT_EQ(toml_text(Integers{}), "[]");
}

TEST(Param, TypesHaveNames) {
  EXPECT_EQ(describe(ParamType::Boolean), "true or false");
  EXPECT_EQ(describe(ParamType::Path), "a path");
  EXPECT_EQ(describe(ParamType::Texts), "a list of texts");
}

}  // namespace
}  // namespace weft
