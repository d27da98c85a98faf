// Records: a type of its own, the sizes that it declares, and what comes back from the value that holds it.
#include "framework/node/archive.h"
#include "framework/node/ports.h"
#include "framework/node/record.h"
#include "framework/testing/error_text.h"
#include "framework/testing/values.h"

#include <ATen/TensorOperators.h>
#include <ATen/ops/arange.h>
#include <ATen/ops/full.h>
#include <ATen/ops/zeros.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace weft {
namespace {

using ::testing::ElementsAre;
using testing::error_text;
using testing::values;

struct Boxes {
  static constexpr auto name = "boxes";
  static constexpr auto about = "Boxes in a frame";
  static constexpr auto show = "toy.draw";
  at::Tensor corners, scores, masks;
  std::vector<int64_t> counts;
  void visit(auto& field) {
    field("corners", corners, "N,4");
    field("scores", scores, "N");
    field("masks", masks, "mask[N,1,H,W]?");
    field.counts("N", counts);
  }
};

/// `count` boxes whose scores are first, first + 1 …
Boxes boxes(int64_t count, double first = 0) {
  Boxes made;
  made.corners = at::zeros({count, 4});
  made.scores = at::full({count}, first) + at::arange(count);
  return made;
}

struct Layers {
  std::vector<at::Tensor> features;
  at::Tensor score;
  void visit(RecordFields& field) {
    field("feature", features, "B,*,*");
    field("score", score, "B");
  }
};

struct Nested {
  static constexpr auto name = "nested";
  Layers one;
  std::vector<std::vector<Layers>> many;
  void visit(RecordFields& field) {
    field("one", one);
    field("many", many);
  }
};

std::vector<std::string> paths_of(const Record& record) {
  std::vector<std::string> paths;
  for (const auto& [path, tensor] : record.tensors()) paths.push_back(path);
  return paths;
}

TEST(RecordType, SaysItsNameItsFieldsAndWhatDrawsIt) {
  const RecordSpec& spec = *record_spec<Boxes>();
  EXPECT_EQ(spec.name, "boxes");
  EXPECT_EQ(spec.about, "Boxes in a frame");
  EXPECT_EQ(spec.show, "toy.draw");
  std::vector<std::string> fields;
  for (const PortSpec& field : spec.fields) fields.push_back(field.name + ": " + field.declaration());
  EXPECT_THAT(fields, ElementsAre("corners: any[N,4]", "scores: any[N]", "masks: mask[N,1,H,W]"));
  EXPECT_EQ(spec.fields[2].arity, PortSpec::Arity::Optional);
  EXPECT_THAT(spec.varying_letters(), ElementsAre("N"));
  EXPECT_EQ(spec.find("other"), nullptr);
}

TEST(RecordType, ListsHaveAStarForTheirIndex) {
  const RecordSpec& spec = *record_spec<Nested>();
  std::vector<std::string> fields;
  for (const PortSpec& field : spec.fields) fields.push_back(field.name);
  EXPECT_THAT(fields, ElementsAre("one/feature/*", "one/score", "many/*/*/feature/*", "many/*/*/score"));
  EXPECT_EQ(spec.find("many/0/12/score"), &spec.fields[3]);
  for (const char* path : {"many/0/score", "many/0/x/score", "many/0/1/score/2", "many", ""})
    EXPECT_EQ(spec.find(path), nullptr) << path;
}

template <int Which>
struct Faulty {
  static constexpr auto name = Which == 0 ? "Boxes" : Which == 1 ? "imago" : "faulty";
  at::Tensor a, b;
  std::vector<int64_t> counts;
  void visit(RecordFields& field) {
    const char* const declarations[] = {"B,4", "B,4", "4,N", "N/2", "B,size", "N,(", "like x[N]", "text", "B", "N"};
    field("a", a, declarations[Which]);
    if (Which == 8) field("a", b, "B");
  }
};

TEST(RecordType, AFaultyDeclarationIsRefusedWhenItIsRegistered) {
  EXPECT_THAT(error_text([] { record_spec<Faulty<0>>(); }),
              ::testing::StartsWith("\"Boxes\" is not a name for a record"));
  EXPECT_THAT(error_text([] { record_spec<Faulty<1>>(); }),
              ::testing::StartsWith("\"imago\" is not a name for a record"));
  const std::string first =
      "the first size is B, the batch, or another capital letter, the number of items of a sample";
  EXPECT_EQ(error_text([] { record_spec<Faulty<2>>(); }),
            "record faulty: the field `a` is declared as \"4,N\": " + first);
  EXPECT_EQ(error_text([] { record_spec<Faulty<3>>(); }),
            "record faulty: the field `a` is declared as \"N/2\": " + first);
  EXPECT_EQ(error_text([] { record_spec<Faulty<4>>(); }),
            "record faulty: the field `a` is declared as \"B,size\": a record has no parameters; a size is a number, a "
            "capital letter or *");
  EXPECT_THAT(error_text([] { record_spec<Faulty<5>>(); }), ::testing::HasSubstr("\"(\" is not a size"));
  EXPECT_THAT(error_text([] { record_spec<Faulty<6>>(); }), ::testing::HasSubstr("a tensor of a kind of its own"));
  EXPECT_THAT(error_text([] { record_spec<Faulty<7>>(); }), ::testing::HasSubstr("\"text\": " + first));
  EXPECT_THAT(error_text([] { record_spec<Faulty<8>>(); }), ::testing::HasSubstr("a field of this name already"));
  EXPECT_EQ(error_text([] { record_spec<Faulty<9>>(); }),
            "record faulty: the first sizes that are not B are \"N\", but the counts are of none\n  declare the number "
            "of items of each sample: field.counts(\"N\", counts), a std::vector<int64_t>");
}

TEST(Record, AStructComesBack) {
  const Value value = boxes(3, 5);
  ASSERT_TRUE(value.is_record());
  EXPECT_THAT(paths_of(value.record()), ElementsAre("corners", "scores"));
  const auto back = value.as<Boxes>();
  EXPECT_THAT(values(back.scores), ElementsAre(5, 6, 7));
  EXPECT_THAT(back.counts, ElementsAre(3)) << "of one sample they need not be given";
  EXPECT_FALSE(back.masks.defined());
  EXPECT_EQ(value.describe(), "boxes with corners [3, 4], scores [3]");
}

TEST(Record, ListsOfListsComeBack) {
  const auto layers = [](int features) {
    return Layers{std::vector<at::Tensor>(static_cast<size_t>(features), at::zeros({1, 2, 3})), at::zeros({1})};
  };
  Nested nested{layers(11), {{layers(1)}, {layers(0), layers(2)}}};
  nested.one.features[10] = at::full({1, 1, 1}, 10.0);
  const auto back = Value(nested).as<Nested>();
  ASSERT_EQ(back.one.features.size(), 11);
  EXPECT_EQ(back.one.features[10].item<float>(), 10) << "in their order, although 10 is before 2 in a list of names";
  ASSERT_EQ(back.many.size(), 2);
  EXPECT_EQ(back.many[0].size(), 1);
  ASSERT_EQ(back.many[1].size(), 2);
  EXPECT_EQ(back.many[1][0].features.size(), 0);
  EXPECT_EQ(back.many[1][1].features.size(), 2);
  EXPECT_EQ(Value(Nested{layers(0), {}}).as<Nested>().many.size(), 0);
  EXPECT_EQ(Value(nested).describe(), "a nested");
}

TEST(Record, AChangeReachesEveryTensorInItAndNotTheValueItself) {
  const Value value = boxes(2, 1);
  const Value changed = value.map([](const at::Tensor& tensor) { return tensor * 2; });
  EXPECT_THAT(values(changed.as<Boxes>().scores), ElementsAre(2, 4));
  EXPECT_THAT(values(value.as<Boxes>().scores), ElementsAre(1, 2));
  EXPECT_THAT(changed.as<Boxes>().counts, ElementsAre(2));
  std::vector<std::string> paths;
  value.visit([&](const std::string& path, const at::Tensor&) { paths.push_back(path); });
  EXPECT_THAT(paths, ElementsAre("/corners", "/scores"));
}

TEST(Record, SizesAreComparedWithTheDeclarationAndWithEachOther) {
  Boxes three = boxes(3);
  three.scores = at::zeros({2});
  EXPECT_EQ(error_text([&] { Value{three}; }), "record boxes: N is 3 in its field `corners`, but 2 in `scores`");
  three = boxes(3);
  three.corners = at::zeros({3, 5});
  EXPECT_EQ(error_text([&] { Value{three}; }),
            "record boxes: its field `corners` is declared as any[N,4], but is [3, 5]");
  three = boxes(3);
  three.counts = {1, 1};
  EXPECT_EQ(error_text([&] { Value{three}; }),
            "record boxes: the counts of N are 1, 1, but its field `corners` has 3 items");
  three.counts = {4, -1};
  EXPECT_EQ(error_text([&] { Value{three}; }),
            "record boxes: the counts of N are 4, -1, but its field `corners` has 3 items");
  three = boxes(3);
  three.scores = at::Tensor();
  EXPECT_EQ(error_text([&] { Value{three}; }), "record boxes: its field `scores` is undefined");
}

struct Both {
  static constexpr auto name = "both";
  at::Tensor whole, items;
  std::vector<int64_t> counts;
  void visit(RecordFields& field) {
    field("whole", whole, "B,2");
    field("items", items, "N");
    field.counts("N", counts);
  }
};

TEST(Record, ABatchNeedsTheCountOfEachSample) {
  Both both{at::zeros({2, 2}), at::zeros({5}), {}};
  EXPECT_EQ(error_text([&] { Value{both}; }), "record both: it has 2 samples, but counts of N for 1");
  both.counts = {5, 0};
  EXPECT_EQ(Value(both).record().samples(), 2);
}

struct Other {
  static constexpr auto name = "other";
  at::Tensor scores;
  void visit(RecordFields& field) { field("scores", scores, "B"); }
};
/// The record of another plugin, which declares a field more.
struct MoreBoxes {
  static constexpr auto name = "boxes";
  at::Tensor scores, ages;
  std::vector<int64_t> counts;
  void visit(RecordFields& field) {
    field("scores", scores, "N");
    field("ages", ages, "N");
    field.counts("N", counts);
  }
};

TEST(Record, AnotherTypeIsRefusedByNameAndByItsFields) {
  const Value value = boxes(1);
  EXPECT_EQ(error_text([&] { value.as<Other>(); }),
            "a record other was expected, but this is boxes with corners [1, 4], scores [1]");
  EXPECT_EQ(error_text([&] { value.as<MoreBoxes>(); }),
            "record boxes: it has no field `ages`\n  two plugins declare this record with different fields");
}

TEST(Record, WithoutAnyTensorItIsLeftOut) {
  EXPECT_TRUE(Value(Boxes()).is_left_out());
  EXPECT_FALSE(Value(boxes(0)).is_left_out()) << "no box was found";
  EXPECT_TRUE(Value(at::Tensor()).is_left_out());
  EXPECT_FALSE(Value(at::zeros({1})).is_left_out());
  EXPECT_FALSE(Value(std::string("a")).is_left_out());
  EXPECT_FALSE(Value().is_left_out());
}

TEST(Ports, ARecordIsSeenAsItsStruct) {
  static_assert(std::is_same_v<In<"x", record<Boxes>>::Held, Boxes>);
  static_assert(std::is_same_v<Out<"x", record<Boxes>>::Held, Boxes>);
  const Value first = boxes(1, 3), second = boxes(2, 7);
  const Value* const both[] = {&first, &second};
  const size_t places[] = {0, 1};
  const In<"x", record<Boxes>> in(PortInput{both, 1});
  EXPECT_THAT(values(in->scores), ElementsAre(3));
  const Opt<"x", record<Boxes>> some(PortInput{both, 1}), none(PortInput{nullptr, 0});
  EXPECT_THAT(values((*some).scores), ElementsAre(3));
  EXPECT_FALSE(static_cast<bool>(none));
  const Many<"x", record<Boxes>> many(PortInput{both, 2, places, 2});
  EXPECT_THAT(values(many[1].scores), ElementsAre(7, 8));
  EXPECT_EQ(many.all().size(), 2);
  const PortSpec port = detail::port_of<In<"x", record<Boxes>>>(PortSpec::Arity::Optional);
  EXPECT_EQ(port.declaration(), "boxes");
  EXPECT_EQ(port.kind.record()->fields.size(), 3);
  EXPECT_EQ(port.arity, PortSpec::Arity::Optional);
}

TEST(Archive, KeepsARecordAlsoBeforeItIsMade) {
  Boxes kept = boxes(3, 1);
  kept.counts = {1, 2};
  Archive saving;
  saving("last", kept);
  std::vector<std::string> names;
  for (const auto& [name, tensor] : saving.entries()) names.push_back(name);
  EXPECT_THAT(names, ElementsAre("last/N", "last/corners", "last/masks", "last/scores"));
  Boxes restored;
  Archive restoring(saving.entries());
  restoring("last", restored);
  EXPECT_THAT(values(restored.scores), ElementsAre(1, 2, 3));
  EXPECT_THAT(restored.counts, ElementsAre(1, 2));
  Boxes fresh;
  Archive of_nothing;
  of_nothing("last", fresh);
  Archive back(of_nothing.entries());
  back("last", restored);
  EXPECT_FALSE(restored.scores.defined());
  EXPECT_TRUE(restored.counts.empty());
  Archive::Entries wrong = saving.entries();
  wrong["last/N"] = at::zeros({2});
  Archive refused(wrong);
  EXPECT_EQ(error_text([&] { refused("last", restored); }), "the saved entry \"last/N\" is no list of integers");
  Nested nested;
  EXPECT_EQ(error_text([&] { Archive().operator()("n", nested); }),
            "the list `one/feature` of the record \"n\" cannot be state\n  name its tensors one by one in state()");
}

}  // namespace
}  // namespace weft
