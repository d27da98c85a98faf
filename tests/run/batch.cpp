// Values side by side in a batch, and as entries of a checkpoint.
#include "framework/run/batch.h"

#include "framework/gan/judgement.h"
#include "framework/run/value_entries.h"
#include "framework/testing/error_text.h"
#include "framework/testing/values.h"

#include <ATen/TensorOperators.h>
#include <ATen/ops/arange.h>
#include <ATen/ops/full.h>
#include <ATen/ops/ones.h>
#include <ATen/ops/tensor.h>
#include <ATen/ops/zeros.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace weft::run {
namespace {

using gan::Judgement;
using ::testing::ElementsAre;
using testing::error_text;
using ::testing::StartsWith;
using testing::values;

struct Found {
  static constexpr auto name = "found";
  at::Tensor places, owner, whole;  // [N, 2], [N], [B, 3]
  std::vector<int64_t> counts;
  void visit(RecordFields& field) {
    field("places", places, "N,2");
    field("owner", owner, "instances[N]");
    field("whole", whole, "B,3?");
    field.counts("N", counts);
  }
};

/// Items owned by first, first + 1 …
Found found(const std::vector<int64_t>& counts, int64_t first) {
  int64_t items = 0;
  for (const int64_t count : counts) items += count;
  const auto samples = static_cast<int64_t>(counts.size());
  return {at::zeros({items, 2}), at::arange(first, first + items), at::full({samples, 3}, first, at::kFloat), counts};
}

Value joined(const std::vector<Value>& parts, const Kind& kind = Kind::Any) {
  std::vector<const Value*> pointers;
  for (const Value& part : parts) pointers.push_back(&part);
  return join_batch(pointers, kind);
}

/// A one-hot map of three channels, by ids, one pixel for each.
Value by_ids(const std::vector<int64_t>& ids, at::ScalarType type = at::kFloat) {
  const at::Tensor pixels = at::tensor(ids).view({1, 1, 1, -1}).to(at::kShort);
  return nn::MapOrIds(std::make_shared<const nn::OneHot>(pixels, std::vector<int64_t>{3}, type));
}

TEST(Batch, OneHotMapsAreJoinedAndDealtByTheirIds) {
  const Value both = joined({by_ids({2, 0}), by_ids({1, 3})});
  ASSERT_TRUE(both.is_one_hot());
  EXPECT_THAT(both.sizes(), ElementsAre(2, 3, 1, 2));
  EXPECT_THAT(values(both.one_hot()->ids()), ElementsAre(2, 0, 1, 3));
  const std::vector<Value> dealt = deal_batch(both, 2);
  ASSERT_TRUE(dealt[1].is_one_hot());
  EXPECT_THAT(values(dealt[1].one_hot()->ids()), ElementsAre(1, 3));
  const auto window = [](const Value& a, const Value& b) {
    return Value(std::vector<nn::MapOrIds>{a.map_or_ids(), b.map_or_ids()});
  };
  const Value windows = joined({window(by_ids({2}), by_ids({0})), window(by_ids({1}), by_ids({3}))});
  ASSERT_TRUE(windows.map_or_ids().is_one_hot());
  EXPECT_THAT(values(windows.map_or_ids().one_hot()->ids()), ElementsAre(2, 0, 1, 3));
}

TEST(Batch, OneHotMapsBesideOthersAreJoinedByTheirMaps) {
  const Value map = by_ids({1, 3}).tensor();
  const auto expected = ElementsAre(0, 1, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0);
  EXPECT_THAT(values(joined({by_ids({2, 0}), map}).tensor()), expected);
  const Value window(std::vector<nn::MapOrIds>{by_ids({2, 0}).map_or_ids()}),
      of_map(std::vector<at::Tensor>{map.tensor()});
  EXPECT_THAT(values(joined({window, of_map}).channels()), expected);
  EXPECT_THAT(values(joined({of_map, window}).channels()), ElementsAre(0, 0, 1, 0, 0, 0, 0, 1, 0, 0, 1, 0));
  const Value other = nn::MapOrIds(
      std::make_shared<const nn::OneHot>(at::zeros({1, 2, 1, 2}, at::kShort), std::vector<int64_t>{1, 2}, at::kFloat));
  EXPECT_FALSE(joined({by_ids({2, 0}), other}).is_one_hot()) << "of other groups";
}

TEST(Batch, TensorsAndWindowsAreJoinedInTheBatchDimension) {
  const at::Tensor a = at::zeros({1, 2}), b = at::ones({2, 2});
  EXPECT_THAT(values(joined({a, b}).tensor()), ElementsAre(0, 0, 1, 1, 1, 1));
  const Value window = joined({std::vector<at::Tensor>{a, a}, std::vector<at::Tensor>{b, b}});
  ASSERT_TRUE(window.is_window());
  EXPECT_EQ(window.frames()[1].sizes(), at::IntArrayRef({3, 2}));
  const std::vector<Value> dealt = deal_batch(joined({a, b, a}), 2);
  EXPECT_THAT(values(dealt[1].tensor()), ElementsAre(1, 1, 0, 0));
  EXPECT_EQ(error_text([&] { deal_batch(b, 3); }), "a value [2, 2] cannot be split into 3 frames");
  EXPECT_EQ(error_text([&] { joined({std::string("a"), std::string("b")}); }), "texts cannot form a batch");
}

TEST(Batch, KeypointsOfFewerPeopleAreFilledUpWithPointsThatWereNotFound) {
  const at::Tensor nobody = at::zeros({1, 0, 3}, at::kDouble), one = at::ones({1, 2, 3}, at::kDouble);
  const Value people = joined({nobody, one}, Kind::Keypoints);
  EXPECT_EQ(people.tensor().sizes(), at::IntArrayRef({2, 2, 3}));
  EXPECT_THAT(values<double>(people.tensor()), ElementsAre(0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 1, 1));
  const Value window =
      joined({std::vector<at::Tensor>{one, nobody}, std::vector<at::Tensor>{nobody, nobody}}, Kind::Keypoints);
  EXPECT_EQ(window.frames()[0].sizes(), at::IntArrayRef({2, 2, 3}));
  EXPECT_EQ(window.frames()[1].sizes(), at::IntArrayRef({2, 0, 3}));
  const std::string other = error_text([&] { joined({nobody, one}, Kind::Feature); });
  EXPECT_THAT(other, StartsWith("values of one batch differ in size: [1, 0, 3] and [1, 2, 3]"));
}

TEST(Batch, ItemsOfDifferentNumberAreJoinedEndToEndAndComeApartAgain) {
  const Value both = joined({found({2}, 0), found({0}, 2), found({3}, 2)});
  const auto record = both.as<Found>();
  EXPECT_THAT(record.counts, ElementsAre(2, 0, 3));
  EXPECT_THAT(values<int64_t>(record.owner), ElementsAre(0, 1, 2, 3, 4));
  EXPECT_EQ(record.whole.sizes(), at::IntArrayRef({3, 3}));
  const std::vector<Value> dealt = deal_batch(both, 3);
  ASSERT_EQ(dealt.size(), 3);
  EXPECT_THAT(dealt[1].as<Found>().counts, ElementsAre(0));
  EXPECT_EQ(dealt[1].as<Found>().places.sizes(), at::IntArrayRef({0, 2}));
  EXPECT_THAT(values<int64_t>(dealt[2].as<Found>().owner), ElementsAre(2, 3, 4));
  EXPECT_THAT(values(dealt[2].as<Found>().whole), ElementsAre(2, 2, 2));
}

TEST(Batch, APartMayHaveSeveralSamples) {
  const std::vector<Value> dealt = deal_batch(found({1, 2, 3, 0}, 0), 2);
  EXPECT_THAT(dealt[0].as<Found>().counts, ElementsAre(1, 2));
  EXPECT_THAT(values<int64_t>(dealt[1].as<Found>().owner), ElementsAre(3, 4, 5));
  EXPECT_THAT(error_text([] {
                deal_batch(found({1, 2, 3}, 0), 2);
              }),
              ::testing::HasSubstr("cannot be split into 2 frames"));
}

TEST(Batch, FieldsThatNotAllHaveCannotBeJoined) {
  Found other = found({1}, 0);
  other.whole = at::Tensor();
  EXPECT_EQ(error_text([&] {
              joined({found({1}, 0), other});
            }),
            "values of one batch have different fields: found with owner [1], places [1, 2], whole [1, 3], and found "
            "with owner [1], places [1, 2]");
}

TEST(Batch, GradientsComeBackThroughBoth) {
  Found one = found({2}, 0), two = found({1}, 0);
  one.places = at::ones({2, 2}).requires_grad_();
  two.places = at::ones({1, 2}).requires_grad_();
  const std::vector<Value> dealt = deal_batch(joined({one, two}), 2);
  (dealt[0].as<Found>().places.sum() * 2 + dealt[1].as<Found>().places.sum() * 3).backward();
  EXPECT_THAT(values(one.places.grad()), ElementsAre(2, 2, 2, 2));
  EXPECT_THAT(values(two.places.grad()), ElementsAre(3, 3));
}

std::vector<std::string> names_of(const Archive::Entries& entries) {
  std::vector<std::string> names;
  for (const auto& [name, tensor] : entries) names.push_back(name);
  return names;
}

TEST(ValueEntries, ValuesOfEveryFormComeBack) {
  Archive::Entries entries;
  save_value("t", Value(at::ones({2})), entries);
  save_value("w", Value(std::vector<at::Tensor>{at::zeros({1, 1}), at::ones({1, 1})}), entries);
  save_value("s", Value(std::string("word")), entries);
  save_value("r", Value(found({1, 2}, 4)), entries);
  save_value("nothing", Value(), entries);
  EXPECT_THAT(names_of(entries),
              ElementsAre("r/N", "r/owner", "r/places", "r/whole", "s/text", "t", "w/frame/0", "w/frame/1"));
  const Kind kind(record_spec<Found>());
  const Value record = load_value("r", kind, entries);
  EXPECT_THAT(record.as<Found>().counts, ElementsAre(1, 2));
  EXPECT_THAT(values<int64_t>(record.as<Found>().owner), ElementsAre(4, 5, 6));
  EXPECT_THAT(values(load_value("t", Kind::Feature, entries).tensor()), ElementsAre(1, 1));
  EXPECT_EQ(load_value("w", Kind::Feature, entries).frames().size(), 2);
  EXPECT_EQ(load_value("s", Kind::Text, entries).text(), "word");
  EXPECT_FALSE(load_value("nothing", kind, entries).has_value());
  EXPECT_FALSE(load_value("nothing", Kind::Feature, entries).has_value());
}

TEST(ValueEntries, AOneHotMapComesBackByItsIds) {
  Archive::Entries entries;
  save_value("s", by_ids({2, 0, 3}, at::kBFloat16), entries);
  EXPECT_THAT(names_of(entries), ElementsAre("s/channels", "s/ids", "s/type"));
  const Value back = load_value("s", Kind::Semantics, entries);
  ASSERT_TRUE(back.is_one_hot());
  EXPECT_TRUE(back.one_hot()->is_like(*by_ids({2, 0, 3}, at::kBFloat16).one_hot()));
  EXPECT_THAT(values(back.one_hot()->ids()), ElementsAre(2, 0, 3));
}

TEST(ValueEntries, AOneHotMapThatDoesNotFitIsRefused) {
  Archive::Entries saved;
  save_value("s", by_ids({2, 0, 3}), saved);
  const auto fault = [&](const std::string& name, const at::Tensor& tensor) {
    Archive::Entries entries = saved;
    entries[name] = tensor;
    return error_text([&] { load_value("s", Kind::Semantics, entries); });
  };
  const at::Tensor ids = saved.at("s/ids");
  EXPECT_EQ(fault("s/ids", ids + 1), "s has ids that are no channels of its map");
  EXPECT_EQ(fault("s/ids", ids - 1), "s has ids that are no channels of its map");
  EXPECT_EQ(fault("s/ids", ids.to(at::kLong)), "s is no one-hot map");
  EXPECT_EQ(fault("s/ids", ids[0]), "s is no one-hot map");
  EXPECT_EQ(fault("s/type", ids), "s is no one-hot map");
  EXPECT_EQ(fault("s/channels", at::ones({2}, at::kLong)), "s has ids that are no channels of its map");
  EXPECT_EQ(fault("s/channels", at::ones({1})), "the saved entry \"s/channels\" is no list of integers");
}

TEST(ValueEntries, ARecordThatDoesNotFitItsTypeIsRefused) {
  Archive::Entries saved;
  save_value("r", Value(found({1, 2}, 4)), saved);
  const auto fault = [&](const std::string& name, const at::Tensor& tensor) {
    Archive::Entries entries = saved;
    entries[name] = tensor;
    return error_text([&] { load_value("r", Kind(record_spec<Found>()), entries); });
  };
  EXPECT_EQ(fault("r/other", at::zeros({1})), "record found: it has a field `other`, which is not declared");
  EXPECT_EQ(fault("r/places", at::zeros({3})), "record found: its field `places` is declared as any[N,2], but is [3]");
  EXPECT_EQ(fault("r/N", at::zeros({2}, at::kLong)),
            "record found: the counts of N are 0, 0, but its field `owner` has 3 items");
  EXPECT_EQ(fault("r/N", at::zeros({2})), "the saved entry \"r/N\" is no list of integers");
}

TEST(ValueEntries, AJudgementHasTheNamesThatCheckpointsHave) {
  const auto map = [](double value) { return at::full({1, 1, 2, 2}, value); };
  const Judgement judgement{{{{map(1), map(2)}, map(3)}, {{}, map(4)}}, {{{{map(5)}, map(6)}}}};
  Archive::Entries entries;
  save_value("D", Value(judgement), entries);
  EXPECT_THAT(names_of(entries), ElementsAre("D/fake/0/0/feature/0", "D/fake/0/0/score", "D/real/0/feature/0",
                                             "D/real/0/feature/1", "D/real/0/score", "D/real/1/score"));
  const auto back = load_value("D", Kind(record_spec<Judgement>()), entries).as<Judgement>();
  ASSERT_EQ(back.real.size(), 2);
  EXPECT_EQ(back.real[0].features.size(), 2);
  EXPECT_EQ(back.real[1].score.mean().item<double>(), 4);
  EXPECT_EQ(back.fakes[0][0].score.mean().item<double>(), 6);
}

}  // namespace
}  // namespace weft::run
