#include "framework/run/clip_draws.h"

#include "framework/testing/error_text.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>

namespace weft::run {
namespace {

using testing::error_text;
using ::testing::HasSubstr;
using ::testing::StartsWith;
using Pair = graph::RunSettings::Pair;

/// Sources of the sequences "a" and "b".
class ClipDraws : public ::testing::Test {
 protected:
  void add(const std::string& path, std::vector<std::string> a, std::vector<std::string> b = {"0"}) {
    descriptions_.push_back(std::make_unique<graph::FlatNode>());
    descriptions_.back()->path = path;
    sources_.push_back({descriptions_.back().get(), {"a", "b"}, {std::move(a), std::move(b)}});
  }

  std::string fault(Pair pair = Pair::Names) {
    return error_text([&] { check_frames_to_draw(sources_, pair); });
  }

  std::vector<std::unique_ptr<graph::FlatNode>> descriptions_;
  std::vector<ClipSource> sources_;
};

TEST_F(ClipDraws, FramesOfEqualNumbersAreTheSame) {
  add("images", {"0", "1", "2"});
  add("labels", {"label_0", "label_1", "label_2"});
  EXPECT_EQ(fault(), "");
}

TEST_F(ClipDraws, TheFirstFrameWithoutAPartnerIsNamed) {
  add("images", {"0", "1", "2"}, {"0", "1"});
  add("labels", {"0", "1", "2"}, {"0", "1"});
  add("poses", {"0", "1", "2"}, {"1"});
  EXPECT_EQ(fault(),
            "frames of sequence \"b\" have no partner: \"poses\" lacks \"0\"\n  add them, also where nobody is to be "
            "seen, or remove their partners: training draws clips at random from the frames that a source has, so "
            "run.missing does not help");
}

TEST_F(ClipDraws, FramesOfOtherNumbersMayBePairedByPlace) {
  add("images", {"0", "1"});
  add("labels", {"5", "6"});
  EXPECT_THAT(fault(), StartsWith("frames of sequence \"a\" have no partner: \"images\" lacks \"5\" and \"6\"; "
                                  "\"labels\" lacks \"0\" and \"1\""));
  EXPECT_THAT(fault(), HasSubstr("run.pair = \"position\""));
  EXPECT_EQ(fault(Pair::Position), "");
}

TEST_F(ClipDraws, PlacesPairEquallyManyFramesOnly) {
  add("images", {"0", "1", "2"});
  add("labels", {"0", "1"});
  EXPECT_THAT(fault(Pair::Position),
              StartsWith("node \"labels\" has 2 frames of sequence \"a\", but \"images\" has 3\n  add them"));
}

TEST_F(ClipDraws, NamesWhoseNumbersDoNotRiseAreComparedAsTheyAre) {
  add("images", {"cam1_v2", "cam2_v2", "cam3_v2"});
  add("labels", {"cam1_v2", "cam3_v2", "cam4_v2"});
  EXPECT_THAT(fault(), StartsWith("frames of sequence \"a\" have no partner: \"images\" lacks \"cam4_v2\"; \"labels\" "
                                  "lacks \"cam2_v2\""));
}

TEST_F(ClipDraws, NamesThatHaveNothingInCommonAreCounted) {
  add("images", {"left", "right"});
  add("labels", {"up", "down"});
  EXPECT_EQ(fault(), "");
  sources_.back().frames[0].pop_back();
  EXPECT_THAT(fault(), StartsWith("node \"labels\" has 1 frame of sequence \"a\", but \"images\" has 2"));
}

/// A source of clips with these parameters.
graph::FlatNode drawing(const std::string& path, ParamValues params) {
  static const NodeSpec kSpec;
  graph::FlatNode node;
  node.path = path;
  node.spec = &kSpec;
  node.params = std::move(params);
  return node;
}

TEST(ClipExamples, AreOfTheClipThatIsDrawn) {
  const int64_t length = 4, first = 1, second = 2;
  const graph::FlatNode clip = drawing("images", {{"length", length}});
  const graph::FlatNode image = drawing("example", {{"length", length}, {"example", first}}),
                        labels = drawing("example_labels", {{"length", length}, {"example", first}});
  EXPECT_EQ(error_text([&] { check_examples(&clip, {&image, &labels}); }), "");
  EXPECT_EQ(error_text([&] { check_examples(nullptr, {&image, &labels}); }), "");
  const graph::FlatNode longer = drawing("example_labels", {{"length", int64_t{6}}, {"example", first}});
  EXPECT_EQ(error_text([&] {
              check_examples(&clip, {&image, &longer});
            }),
            "node \"example_labels\" draws examples of other clips than those of \"images\": `length` is 6, but there "
            "4\n  give both the same \"length\", \"stride\" and \"clips\"");
  const graph::FlatNode others =
      drawing("example_labels", {{"length", length}, {"clips", int64_t{2}}, {"example", first}});
  EXPECT_THAT(error_text([&] { check_examples(&clip, {&others}); }), HasSubstr("`clips` is 2, but there not set"));
  const std::vector<int64_t> apart = {5, 300};
  const graph::FlatNode farther = drawing("example_labels", {{"length", length}, {"example", first}, {"apart", apart}}),
                        another = drawing("second", {{"length", length}, {"example", second}, {"apart", apart}});
  EXPECT_THAT(error_text([&] {
                check_examples(&clip, {&image, &farther});
              }),
              HasSubstr("than those of \"example\": `apart` is [5, 300], but there not set"));
  EXPECT_EQ(error_text([&] { check_examples(&clip, {&image, &another}); }), "") << "another example of the clip";
}

}  // namespace
}  // namespace weft::run
