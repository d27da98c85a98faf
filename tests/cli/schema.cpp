// The JSON schema of graph files: what the check accepts it accepts, and it finds slips within one file.
#include "framework/graph/graph_file.h"
#include "framework/graph/toml.h"
#include "tests/cli/program.h"

#include <gmock/gmock.h>
#include <nlohmann/json.hpp>

#include <regex>

namespace weft::testing {
namespace {

namespace fs = std::filesystem;
using graph::Item;
using nlohmann::json;

json json_of(const Item& item) {
  json value;
  switch (item.type) {
    case Item::Type::Boolean:
      return item.boolean;
    case Item::Type::Integer:
      return item.integer;
    case Item::Type::Real:
      return item.real;
    case Item::Type::Array:
      value = json::array();
      for (const Item& one : item.items) value.push_back(json_of(one));
      return value;
    case Item::Type::Table:
      value = json::object();
      for (const Item::Entry& entry : item.entries) value[entry.key] = json_of(entry.value);
      return value;
    default:
      return item.text;
  }
}

/// Checks a value against a schema: all keywords that weft's schema uses, and no others.
class Validator {
 public:
  explicit Validator(const json& root) : root_(root) {}

  bool accepts(const json& schema, const json& value) const {
    if (schema.is_boolean()) return schema.get<bool>();
    for (const auto& [keyword, wanted] : schema.items()) {
      if (!accepts(keyword, wanted, schema, value)) return false;
    }
    return true;
  }

 private:
  bool accepts(const std::string& keyword, const json& wanted, const json& schema, const json& value) const {
    if (keyword == "type") return has_type(wanted, value);
    if (keyword == "const") return value == wanted;
    if (keyword == "enum") return std::find(wanted.begin(), wanted.end(), value) != wanted.end();
    if (keyword == "$ref") return accepts(resolved(wanted), value);
    if (keyword == "anyOf" || keyword == "allOf") {
      const auto fits = [&](const json& one) { return accepts(one, value); };
      return keyword == "anyOf" ? std::any_of(wanted.begin(), wanted.end(), fits)
                                : std::all_of(wanted.begin(), wanted.end(), fits);
    }
    if (keyword == "if") return !accepts(wanted, value) || accepts(schema.at("then"), value);
    if (keyword == "pattern") {
      return !value.is_string() || std::regex_search(value.get<std::string>(), std::regex(wanted.get<std::string>()));
    }
    if (value.is_number() && keyword == "minimum") return value >= wanted;
    if (value.is_number() && keyword == "maximum") return value <= wanted;
    if (value.is_number() && keyword == "exclusiveMinimum") return value > wanted;
    if (value.is_number() && keyword == "exclusiveMaximum") return value < wanted;
    if (value.is_array()) return accepts_list(keyword, wanted, value);
    return !value.is_object() || accepts_table(keyword, wanted, schema, value);
  }

  bool accepts_list(const std::string& keyword, const json& wanted, const json& value) const {
    if (keyword == "minItems") return value.size() >= wanted;
    if (keyword == "maxItems") return value.size() <= wanted;
    if (keyword != "items") return true;
    return std::all_of(value.begin(), value.end(), [&](const json& one) { return accepts(wanted, one); });
  }

  bool accepts_table(const std::string& keyword, const json& wanted, const json& schema, const json& value) const {
    if (keyword == "required")
      return std::all_of(wanted.begin(), wanted.end(), [&](const json& key) { return value.contains(key); });
    if (keyword == "properties") {
      for (const auto& [key, property] : wanted.items()) {
        if (value.contains(key) && !accepts(property, value.at(key))) return false;
      }
      return true;
    }
    if (keyword != "additionalProperties") return true;
    for (const auto& [key, held] : value.items()) {
      const bool is_known = schema.contains("properties") && schema.at("properties").contains(key);
      if (!is_known && !accepts(wanted, held)) return false;
    }
    return true;
  }

  static bool has_type(const json& wanted, const json& value) {
    if (wanted.is_array())
      return std::any_of(wanted.begin(), wanted.end(), [&](const json& one) { return has_type(one, value); });
    const std::string type = wanted;
    return type == "object"    ? value.is_object()
           : type == "array"   ? value.is_array()
           : type == "string"  ? value.is_string()
           : type == "boolean" ? value.is_boolean()
           : type == "integer" ? value.is_number_integer()
                               : type == "number" && value.is_number();
  }

  const json& resolved(const std::string& reference) const {
    return root_.at("$defs").at(reference.substr(std::string("#/$defs/").size()));
  }

  const json& root_;
};

class Schema : public ProgramTest {
 protected:
  void SetUp() override {
    ProgramTest::SetUp();
    Surroundings surroundings;  // the node of README.md too
    surroundings.environment["WEFT_PLUGIN_PATH"] = WEFT_BUILD_DIR "/tests/plugins:" WEFT_BUILD_DIR "/docs/plugins";
    schema_ = json::parse(weft({"nodes", "--schema"}, surroundings).out);
  }
  bool accepts(const Item& graph) const { return Validator(schema_).accepts(schema_, json_of(graph)); }
  bool accepts(const std::string& graph) const { return accepts(graph::parse_toml("format = 1\n" + graph, "g.toml")); }

  json schema_;
};

TEST_F(Schema, DescribesEachTableOfAGraphFile) {
  EXPECT_EQ(schema_.at("$schema"), "https://json-schema.org/draft/2020-12/schema");
  for (const std::string& section : graph::section_names()) {
    EXPECT_TRUE(schema_.at("properties").contains(section)) << section;
  }
  const json& blend = schema_.at("$defs").at("toy.fails").at("properties");
  EXPECT_TRUE(blend.contains("at_frame"));
  EXPECT_FALSE(blend.at("at_frame").at("description").get<std::string>().empty());
}

TEST_F(Schema, AcceptsEveryGraphOfTheRepository) {
  int count = 0;
  for (const char* folder : {"graphs", "docs/examples"}) {
    for (const fs::directory_entry& entry : fs::recursive_directory_iterator(fs::path(WEFT_SOURCE_DIR) / folder)) {
      if (entry.path().extension() != ".toml" || entry.path().filename() == "wrong.toml") continue;
      EXPECT_TRUE(accepts(graph::read_toml(entry.path()))) << entry.path();
      ++count;
    }
  }
  EXPECT_GT(count, 30);
}

TEST_F(Schema, AcceptsWhatTheLanguageHas) {
  EXPECT_TRUE(accepts("[node.a]\nuse = \"toy.counter\"\nframes = \"$n\"\nsize = [\"$h\", 4]\nabout = \"x\"\n"));
  EXPECT_TRUE(accepts("[node.\"F.*\"]\nblocks = 3\n"));
  EXPECT_TRUE(accepts("[node.F]\nuse = \"./part.toml\"\nanything = [1, 2]\nin.x = \"y[t-1]\"\n"));
  EXPECT_TRUE(accepts("[weights]\nF = \"random\"\nD = { file = \"$d\", only = \"matching\" }\n"));
  EXPECT_TRUE(accepts("[update.G]\nof = [\"F\"]\nlr = 1e-4\n[update.G.loss]\n\"gan.generator\" = 1.0\n"));
  EXPECT_TRUE(accepts("[[stage]]\nname = \"one\"\nepochs = 3\nset.node.F.use = \"./scale.toml\"\n"));
}

TEST_F(Schema, FindsSlips) {
  EXPECT_FALSE(accepts("[nodes.a]\nuse = \"toy.counter\"\n")) << "an unknown table";
  EXPECT_FALSE(accepts("[node.a]\nuse = \"toy.countr\"\n")) << "an unknown type";
  EXPECT_FALSE(accepts("[node.a]\nuse = \"toy.counter\"\nframs = 3\n")) << "an unknown parameter";
  EXPECT_FALSE(accepts("[node.a]\nuse = \"toy.counter\"\nframes = \"3\"\n")) << "a text for a number";
  EXPECT_FALSE(accepts("[node.a]\nuse = \"toy.counter\"\nsize = [1, 2, 3]\n")) << "three items for two";
  EXPECT_FALSE(accepts("[node.a]\nuse = \"toy.semantics\"\nclasses = 0\n")) << "below the least";
  EXPECT_FALSE(accepts("[node.a]\nuse = \"toy.fails\"\nhow = \"loudly\"\n")) << "not among the choices";
  EXPECT_FALSE(accepts("[node.a]\nuse = \"toy.fails\"\nin.im = \"x\"\n")) << "an unknown input";
  EXPECT_FALSE(accepts("[run]\nprecision = \"f64\"\n")) << "a setting outside of its choices";
  EXPECT_FALSE(accepts("[[stage]]\nname = \"one\"\n")) << "a stage without epochs";
}

}  // namespace
}  // namespace weft::testing
