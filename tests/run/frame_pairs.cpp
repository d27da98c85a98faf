#include "framework/run/frame_pairs.h"

#include "framework/testing/error_text.h"

#include <ATen/ops/full.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace weft::run {
namespace {

using graph::RunSettings;
using ::testing::ElementsAre;
using testing::error_text;

/// Gives a keypoint for each of its frames, whose x is the frame's place.
class Frames final : public Source {
 public:
  explicit Frames(std::vector<std::string> names, std::optional<int64_t> count = {})
      : names_(std::move(names)), count_(count.value_or(static_cast<int64_t>(names_.size()))) {}

  void configure(const ParamValues&) override {}
  void build(const Shapes&) override {}
  nn::Module* module() override { return nullptr; }
  bool run(std::span<const PortInput>, std::span<Value> outputs, Context&) override {
    if (next_ == count_) return false;
    outputs[0] = at::full({1, 1, 3}, static_cast<double>(next_++), at::kDouble);
    return true;
  }
  void reset() override {}
  void state(Archive&) override {}
  std::optional<std::vector<std::string>> sequences() override { return {}; }
  bool skip_sequence(Context&) override { return false; }
  std::vector<std::string> frame_names() override { return names_; }
  std::vector<std::vector<std::string>> drawn_from() override { return {}; }
  std::optional<Recording> recording() override { return {}; }
  std::optional<std::string> next_sequence(Context&) override { return ""; }
  std::optional<int64_t> frames() override { return count_; }
  bool skip(Context&) override {
    if (next_ == count_) return false;
    ++next_;
    return true;
  }

 private:
  std::vector<std::string> names_;
  int64_t count_;
  int64_t next_ = 0;
};

/// Two sources that are read side by side, or their beginnings only.
class FramePairs : public ::testing::Test {
 protected:
  void add(const std::string& path, std::vector<std::string> names, SourceNeed need = {true, 0},
           const char* port = "keypoints[B,K,3]", std::optional<int64_t> count = {}) {
    descriptions_.push_back(std::make_unique<graph::FlatNode>());
    descriptions_.back()->path = path;
    nodes_.push_back(
        std::make_unique<PairedSource>(std::make_unique<Frames>(std::move(names), count),
                                       std::vector<PortSpec>{port_or_throw("keypoints", port, PortSpec::Arity::One)}));
    sources_.push_back({descriptions_.back().get(), nodes_.back().get(), need, ""});
  }

  std::string fault() {
    return error_text([&] { pair_frames(sources_, settings_, "", log_); });
  }

  /// The frames of a source by their places among its own; -1 where nobody is.
  std::vector<int64_t> places(size_t source) {
    Context context("", 1, at::kCPU, at::kFloat, log_);
    std::vector<int64_t> places;
    std::vector<Value> outputs(1);
    while (nodes_[source]->run({}, outputs, context)) {
      const at::Tensor keypoints = outputs[0].tensor();
      places.push_back(keypoints.size(1) == 0 ? -1 : keypoints[0][0][0].item<int64_t>());
    }
    return places;
  }

  std::vector<std::unique_ptr<graph::FlatNode>> descriptions_;
  std::vector<std::unique_ptr<PairedSource>> nodes_;
  std::vector<OpenSource> sources_;
  RunSettings settings_;
  Log log_{Log::Level::Quiet};
};

TEST_F(FramePairs, FramesOfOneNumberBelongTogether) {
  add("labels", {"label_1", "label_2", "label_10"});
  add("images", {"0001", "0002", "0010"});
  EXPECT_EQ(fault(), "");
  EXPECT_THAT(places(0), ElementsAre(0, 1, 2));
  EXPECT_THAT(places(1), ElementsAre(0, 1, 2));
}

TEST_F(FramePairs, AFrameWithoutAPartnerIsAnError) {
  add("labels", {"0", "1", "2", "3"});
  add("images", {"0", "2", "3", "4"});
  EXPECT_EQ(fault(),
            "frames have no partner: \"labels\" lacks \"4\"; \"images\" lacks \"1\"\n  add them; or run.missing = "
            "\"skip\" leaves such frames out, \"nobody\" reads missing poses and landmarks as frames without people\n  "
            "run.pair = \"position\" takes the first with the first, whatever they are called");
}

TEST_F(FramePairs, SkipLeavesFramesOutAsAWhole) {
  settings_.missing = RunSettings::Missing::Skip;
  add("labels", {"0", "1", "2", "3"});
  add("images", {"0", "2", "3", "4"});
  EXPECT_EQ(fault(), "");
  EXPECT_THAT(nodes_[1]->frame_names(), ElementsAre("0", "2", "3"));
  EXPECT_EQ(nodes_[1]->frames(), 3);
  EXPECT_THAT(places(0), ElementsAre(0, 2, 3));
  EXPECT_THAT(places(1), ElementsAre(0, 1, 2));
}

TEST_F(FramePairs, NobodyFillsPosesAndNothingElse) {
  settings_.missing = RunSettings::Missing::Nobody;
  add("images", {"0", "1", "2", "4"}, {true, 0}, "image[B,3,H,W]");
  add("poses", {"1", "3", "4"});
  EXPECT_EQ(fault(), "");
  EXPECT_THAT(nodes_[1]->frame_names(), ElementsAre("0", "1", "2", "4"));
  EXPECT_THAT(places(0), ElementsAre(0, 1, 2, 3));
  EXPECT_THAT(places(1), ElementsAre(-1, 0, -1, 2));
}

TEST_F(FramePairs, SkippingAFrameIsTheSameAsReadingIt) {
  settings_.missing = RunSettings::Missing::Nobody;
  add("images", {"0", "1", "2", "4"}, {true, 0}, "image[B,3,H,W]");
  add("poses", {"1", "3", "4"});
  EXPECT_EQ(fault(), "");
  Context context("", 1, at::kCPU, at::kFloat, log_);
  EXPECT_TRUE(nodes_[1]->skip(context));
  EXPECT_TRUE(nodes_[1]->skip(context));
  EXPECT_THAT(places(1), ElementsAre(-1, 2));
  EXPECT_FALSE(nodes_[1]->skip(context));
}

TEST_F(FramePairs, NothingInCommonIsAnErrorWhateverIsAllowed) {
  settings_.missing = RunSettings::Missing::Skip;
  add("labels", {"0", "1"});
  add("images", {"2", "3"});
  EXPECT_THAT(fault(), ::testing::StartsWith("frames have no partner: "));
}

TEST_F(FramePairs, NamesWithoutRisingNumbersAreReadInOrder) {
  add("labels", {"first", "second", "third"});
  add("images", {"0", "1", "2"});
  add("others", {"a_1", "b_1", "c_1"});
  EXPECT_EQ(fault(), "");
  EXPECT_THAT(places(2), ElementsAre(0, 1, 2));
}

TEST_F(FramePairs, PositionPairsWhatIsCalledOtherwise) {
  settings_.pair = RunSettings::Pair::Position;
  add("labels", {"0", "1"});
  add("images", {"5", "6"});
  EXPECT_EQ(fault(), "");
  EXPECT_THAT(places(1), ElementsAre(0, 1));
}

TEST_F(FramePairs, SourcesThatAreReadAtTheBeginningAloneHaveNoPartners) {
  add("labels", {"0", "1", "2"});
  add("first", {"7", "9"}, {false, 2});
  EXPECT_EQ(fault(), "");
  EXPECT_THAT(places(1), ElementsAre(0, 1));
}

TEST_F(FramePairs, ABeginningThatIsTooShortIsAnError) {
  add("labels", {"0", "1", "2"});
  add("first", {"0"}, {false, 2});
  EXPECT_EQ(
      fault(),
      "node \"first\" has 1 frame, but the graph reads the first 2\n  add the missing ones: without them, nothing "
      "after them can be computed");
  settings_.frames = 1;
  EXPECT_EQ(fault(), "") << "a run of one frame needs no more";
}

TEST_F(FramePairs, UnequalLengthsAreReported) {
  add("video", {}, {true, 0}, "image[B,3,H,W]", 12);
  add("labels", {"0", "1", "2"});
  ::testing::internal::CaptureStderr();
  Log log(Log::Level::Normal);
  pair_frames(sources_, settings_, "walk", log);
  EXPECT_THAT(::testing::internal::GetCapturedStderr(),
              ::testing::HasSubstr("\"video\" has 12 frames of sequence \"walk\", but \"labels\" has 3: the last ones "
                                   "are not used"));
}

}  // namespace
}  // namespace weft::run
