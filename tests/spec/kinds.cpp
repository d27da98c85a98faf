#include "framework/spec/kind.h"
#include "framework/spec/record.h"

#include <gtest/gtest.h>

#include <map>
#include <set>

namespace weft {
namespace {

/// Who takes whom, as docs/kinds.md has it. A kind that is not listed takes itself alone.
const std::map<std::string_view, std::set<std::string_view>>& takers() {
  static const std::map<std::string_view, std::set<std::string_view>> table = {
      {"conditions", {"conditions", "semantics", "edges", "image", "depth", "mask", "foreground_mask"}},
      {"mask", {"mask", "foreground_mask", "edges"}},
      {"feature",
       {"feature", "image", "labels", "instances", "semantics", "edges", "conditions", "flow", "mask",
        "foreground_mask", "depth"}},
      {"any",
       {"any", "image", "labels", "instances", "semantics", "edges", "conditions", "flow", "mask", "foreground_mask",
        "depth", "keypoints", "feature", "scalar"}},
  };
  return table;
}

TEST(Kinds, EachPortTakesWhatTheTableSaysAndNothingElse) {
  for (const KindInfo& port : all_kinds()) {
    for (const KindInfo& value : all_kinds()) {
      const auto row = takers().find(port.name);
      const bool is_taken = row == takers().end() ? port.kind == value.kind : row->second.contains(value.name);
      EXPECT_EQ(accepts(port.kind, value.kind), is_taken) << port.name << " takes " << value.name;
    }
  }
}

TEST(Kinds, AllButRecordsAndTextsAreTensors) {
  for (const KindInfo& row : all_kinds()) {
    EXPECT_EQ(is_tensor(row.kind), row.name != "record" && row.name != "text") << row.name;
  }
}

TEST(Kinds, RecordsAreTakenByTheirName) {
  const Kind boxes = record_named("boxes");
  EXPECT_TRUE(accepts(boxes, record_named("boxes")));
  EXPECT_FALSE(accepts(boxes, record_named("judgement")));
  for (const KindInfo& row : all_kinds()) {
    EXPECT_FALSE(accepts(row.kind, boxes)) << row.name;
    EXPECT_FALSE(accepts(boxes, row.kind)) << row.name;
  }
  EXPECT_EQ(name_of(boxes), "boxes");
  EXPECT_FALSE(is_tensor(boxes));
}

TEST(Kinds, TheTableIsInTheOrderOfTheEnumAndSaysWhatEachIs) {
  for (size_t i = 0; i < all_kinds().size(); ++i) {
    const KindInfo& row = all_kinds()[i];
    EXPECT_EQ(static_cast<size_t>(row.kind), i);
    EXPECT_EQ(info(row.kind).name, row.name);
    EXPECT_FALSE(row.about.empty()) << row.name;
    EXPECT_FALSE(row.cpp_type.empty()) << row.name;
  }
}

}  // namespace
}  // namespace weft
