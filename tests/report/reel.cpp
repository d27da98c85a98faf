// The clips of a page: which frames they keep, and those of the checkpoints of a training.
#include "framework/report/reel.h"

#include "framework/base/text.h"
#include "framework/report/clip_history.h"
#include "tests/report/png_reader.h"

#include <ATen/TensorOperators.h>
#include <ATen/ops/full.h>
#include <ATen/ops/zeros.h>
#include <gmock/gmock.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

namespace weft::report {
namespace {

namespace fs = std::filesystem;
using ::testing::ElementsAre;

std::map<std::string, ShownStream> watched(Kind kind, const std::vector<at::Tensor>& frames) {
  return {{"s", {kind, {frames.begin(), frames.end()}}}};
}

TEST(Reels, KeepTheLastFrames) {
  Reel reel;
  for (int i = 0; i < 20; ++i)
    reel.add(watched(Kind::Image, {at::full({2, 3, 1, 1}, i / 127.5 - 1, at::kFloat)}), "clip", i == 0);
  const std::vector<PlayedClip> clips = reel.clips();
  ASSERT_EQ(clips.size(), 1U);
  const ReadPng png = read_png(clips[0].png);
  ASSERT_EQ(png.frames.size(), Reel::kFrames);
  EXPECT_EQ(png.frames.front()[0], 4);
  EXPECT_EQ(png.frames.back()[0], 19);
}

TEST(Reels, ShowTheClipBeforeUntilTheNextHasAsMuch) {
  Reel reel;
  const auto frame = watched(Kind::Image, {at::zeros({1, 3, 2, 2})});
  for (int i = 0; i < 3; ++i) reel.add(frame, "first", i == 0);
  for (int i = 0; i < 2; ++i) reel.add(frame, "second", i == 0);
  EXPECT_EQ(reel.name(), "first");
  reel.add(frame, "second", false);
  EXPECT_EQ(reel.name(), "second");
}

TEST(Reels, ReduceWhatIsWiderThanAPage) {
  Reel reel;
  at::Tensor labels = at::zeros({1, 1, 2, 2 * Reel::kWidth}, at::kLong);
  labels.select(3, 0).fill_(1);  // ids are picked, never mixed
  reel.add(watched(Kind::Labels, {labels}), "clip", true);
  const std::vector<PlayedClip> clips = reel.clips();
  ASSERT_EQ(clips.size(), 1U);
  EXPECT_EQ(clips[0].width, Reel::kWidth);
  EXPECT_EQ(clips[0].height, 1);
}

TEST(Reels, TakeNoScalarsAndNoTexts) {
  Reel reel;
  reel.add(watched(Kind::Scalar, {at::zeros({})}), "clip", true);
  reel.add({{"t", {Kind::Text, {Value(std::string("a"))}}}}, "clip", false);
  EXPECT_TRUE(reel.clips().empty());
}

// ---- clips of checkpoints

class ClipsOfCheckpoints : public ::testing::Test {
 protected:
  void SetUp() override {
    fs::remove_all(folder_);
    fs::create_directories(folder_);
    reel_.add({{"F.image[t-1]", {Kind::Image, {Value(at::zeros({1, 3, 2, 2}))}}}}, "clip", true);
  }
  void TearDown() override { fs::remove_all(folder_); }

  std::vector<int64_t> steps() const {
    std::vector<int64_t> steps;
    for (const auto& [stream, files] : ClipHistory::read(folder_)) {
      EXPECT_EQ(stream, "F.image_t-1_");
      for (const auto& [step, file] : files) steps.push_back(step);
    }
    return steps;
  }

  const std::string folder_ = fs::temp_directory_path() / text("weft_clips_", ::getpid());
  Reel reel_;
};

TEST_F(ClipsOfCheckpoints, AreThinnedBeyondEight) {
  ClipHistory history(folder_, -1);
  for (int64_t step = 10; step <= 80; step += 10) history.add(step, reel_);
  EXPECT_THAT(steps(), ElementsAre(10, 20, 30, 40, 50, 60, 70, 80));
  history.add(90, reel_);
  EXPECT_THAT(steps(), ElementsAre(10, 30, 50, 70, 90));
  history.add(90, reel_);  // the end of a training whose last step was a checkpoint
  EXPECT_THAT(steps(), ElementsAre(10, 30, 50, 70, 90));
}

TEST_F(ClipsOfCheckpoints, GoBackWithTheTraining) {
  for (ClipHistory history(folder_, -1); const int64_t step : {10, 20, 30}) history.add(step, reel_);
  std::ofstream(folder_ + "/clips/notes-of-mine.png") << "no step";
  ClipHistory resumed(folder_, 20);
  EXPECT_THAT(steps(), ElementsAre(10, 20));
  resumed.add(25, reel_);
  EXPECT_THAT(steps(), ElementsAre(10, 20, 25));
  EXPECT_TRUE(fs::exists(folder_ + "/clips/notes-of-mine.png"));
}

}  // namespace
}  // namespace weft::report
