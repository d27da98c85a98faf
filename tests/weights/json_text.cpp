#include "framework/weights/json_text.h"

#include "framework/base/error.h"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <cmath>
#include <limits>

namespace weft::weights {
namespace {

std::string fault(const std::string& text, size_t deepest = 64) {
  try {
    parse_json("it", text, deepest);
  } catch (const Error& error) {
    EXPECT_EQ(error.exit(), Exit::Data);
    return error.message();
  }
  return "";
}

TEST(JsonText, IsParsed) {
  EXPECT_EQ(parse_json("it", R"({"a": [1, -2, 2.5, "ü", null, true], "b": {}})").at("a").at(3), "ü");
}

TEST(JsonText, HasALimitOfDepth) {
  EXPECT_EQ(fault("[[1]]", 2), "");
  EXPECT_EQ(fault("[{\"a\": []}]", 2), "it is nested more than 2 deep");
  for (const std::string open : {"[", "{\"a\":"}) {
    std::string deep;
    for (int i = 0; i < 200'000; ++i) deep += open;
    EXPECT_EQ(fault(deep), "it is nested more than 64 deep");
  }
}

TEST(JsonText, HasEachKeyOnce) {
  EXPECT_EQ(fault(R"({"a": {"b": 1}, "b": [{"a": 1}, {"a": 2}]})"), "");
  EXPECT_EQ(fault("{\"x\\u001b[2J\": 1, \"x\\u001b[2J\": 2}"), "it has the key \"x\\u001B[2J\" twice");
}

TEST(JsonText, FaultsHaveTheirPlace) {
  try {
    parse_json("it", "{\"a\":\n [1,, 2]}");
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(std::string(error.what()).substr(0, 49), "it is not JSON\n  parse error at line 2, column 5:");
  }
  for (const char* text : {"", "{", "[1] 2", "NaN", "1e999", "\"\xff\""})
    EXPECT_EQ(fault(text), "it is not JSON") << text;
}

TEST(JsonText, AnyNumberOfKeysTakesItsTimeOnce) {
  std::string many = "{";
  for (int i = 0; i < 200'000; ++i) many += '"' + std::to_string(i) + "\":{},";
  many.back() = '}';
  EXPECT_EQ(parse_json("it", many).size(), 200'000U);  // within the time of a test: it was the square of the keys
}

TEST(JsonText, ValuesAreNamedByTheirKind) {
  EXPECT_EQ(kind_text(parse_json("it", "[[1], 2]")), "a list of 2");
  EXPECT_EQ(kind_text(parse_json("it", "{\"a\": 2}")), "an object");
  EXPECT_EQ(kind_text(parse_json("it", "\"a\\nb\"")), "a text");
  EXPECT_EQ(kind_text(parse_json("it", "1.5")), "1.5");
  EXPECT_EQ(kind_text(parse_json("it", "null")), "null");
}

TEST(JsonText, IsWrittenSoThatAnyProgramReadsIt) {
  EXPECT_EQ(json_quoted("a\"b\n\x01 ü"), "\"a\\\"b\\n\\u0001 ü\"");
  EXPECT_EQ(parse_json("it", json_quoted("clip\xff\xfe.png")), "clip\xef\xbf\xbd\xef\xbf\xbd.png") << "no UTF-8";
  EXPECT_EQ(json_number(0.1), "0.1");
  EXPECT_EQ(json_number(std::nan("")), "null");
  EXPECT_EQ(json_number(-std::numeric_limits<double>::infinity()), "null");
}

}  // namespace
}  // namespace weft::weights
