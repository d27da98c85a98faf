// Which frames the clips of media.clips have.
#include "framework/testing/node_runner.h"
#include "tests/plugins/media/clips_node.h"
#include "tests/plugins/media/miniature.h"

#include <ATen/TensorOperators.h>
#include <ATen/core/Tensor.h>
#include <ATen/ops/equal.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <set>

namespace weft {
namespace {

using testing::Clips;
using testing::error_of;
using testing::Miniature;
using testing::NodeRunner;
using ::testing::StartsWith;
using testing::Use;

/// What the pixels of a file say, by those that are not in the first column.
int64_t value_of(const std::string& kind, const at::Tensor& map) {
  const at::Tensor pixel = map[0][0][1][Miniature::kWidth / 2];
  if (kind == "labels" || kind == "instances") return pixel.item<int64_t>();
  return static_cast<int64_t>(std::lround((pixel.item<double>() + 1) * 127.5));
}

class EachLayout : public ::testing::TestWithParam<std::string> {};

TEST_P(EachLayout, GivesWhatBelongsTogether) {
  const Miniature data(GetParam());
  Clips clips(data.root(), GetParam());
  EXPECT_EQ(clips.source().sequences(), data.names);
  for (size_t s = 0; s < data.names.size(); ++s) {
    EXPECT_EQ(clips.source().frames(), data.frames[s]);
    EXPECT_EQ(clips.source().frame_names().size(), static_cast<size_t>(data.frames[s]));
    for (int64_t t = 0; t < data.frames[s]; ++t) {
      ASSERT_TRUE(clips.run().has_values());
      for (const std::string kind : {"image", "labels", "instances", "condition"}) {
        const auto kinds = data.kinds();
        const bool is_there = std::find(kinds.begin(), kinds.end(), kind) != kinds.end();
        const at::Tensor& map = clips.tensor(kind);
        ASSERT_EQ(map.defined(), is_there) << kind;
        if (!is_there) continue;
        const bool is_picture = kind == "image" || kind == "condition";
        EXPECT_EQ(map.sizes(), (std::vector<int64_t>{1, is_picture ? 3 : 1, Miniature::kHeight, Miniature::kWidth}));
        EXPECT_EQ(map.scalar_type(), is_picture ? at::kFloat : at::kLong);
        EXPECT_EQ(value_of(kind, map), Miniature::value(kind, s, t)) << kind << ' ' << s << ' ' << t;
      }
    }
    EXPECT_FALSE(clips.run().has_values());
    const auto next = clips.source().next_sequence(clips.context());
    EXPECT_EQ(next, s + 1 < data.names.size() ? std::optional(data.names[s + 1]) : std::nullopt);
  }
}

INSTANTIATE_TEST_SUITE_P(Clips, EachLayout, ::testing::ValuesIn(Miniature::layouts()),
                         [](const auto& info) { return info.param; });

TEST(ClipsOfApolloScape, HaveIdsByEitherTable) {
  const Miniature data("apolloscape");
  for (const auto& [table, sky] : {std::pair{"training_ids", 0}, {"cityscapes_training_ids", 10}}) {
    Clips clips(data.root(), "apolloscape");
    clips.set("remap", std::string(table));
    while (clips.run().has_values()) {
    }
    clips.source().next_sequence(clips.context());
    for (int64_t t = 0; t < 7; ++t) clips.run();
    EXPECT_EQ(value_of("labels", clips.run().tensor("labels")), sky) << "the file has 17, " << table;
    EXPECT_EQ(value_of("labels", clips.run().tensor("labels")), 255) << "18 is no class";
  }
}

/// A clip as its image's values tell: sequence and frames; negative where it is mirrored.
struct Seen {
  std::string name;
  std::vector<int64_t> values;
  bool is_mirrored = false;

  auto operator<=>(const Seen&) const = default;
};

Seen read_clip(Clips& clips, const std::string& name) {
  Seen seen;
  seen.name = name;
  while (clips.run().has_values()) {
    const at::Tensor& image = clips.tensor("image");
    seen.values.push_back(value_of("image", image));
    const int64_t s = seen.values.back() / 20, t = seen.values.back() % 20;
    EXPECT_EQ(value_of("labels", clips.tensor("labels")), 10 * s + t);
    EXPECT_EQ(value_of("instances", clips.tensor("instances")), 1000 * s + t + 256);
    // The first column has 1 more: it is the last one of all kinds of files, or of none.
    const bool is_mirrored = image[0][0][0][Miniature::kWidth - 1].item<float>() > image[0][0][0][1].item<float>();
    const at::Tensor& labels = clips.tensor("labels");
    EXPECT_EQ(labels[0][0][0][Miniature::kWidth - 1].item<int64_t>() > labels[0][0][0][1].item<int64_t>(), is_mirrored);
    EXPECT_TRUE(seen.values.size() == 1 || is_mirrored == seen.is_mirrored) << "a clip is mirrored whole";
    seen.is_mirrored = is_mirrored;
  }
  return seen;
}

/// All clips of an epoch, in order.
std::vector<Seen> epoch_of(const Miniature& data, int64_t epoch, uint64_t seed = 1, int64_t skipped = 0) {
  Clips clips(data.root(), "folders", Use::Training, epoch, seed);
  clips.set("length", int64_t{3}).set("stride", int64_t{4});
  std::vector<Seen> seen;
  // The runner has opened the first clip.
  Source& node = clips.source();
  auto name = std::optional<std::string>("first");
  for (int64_t i = 0; i < skipped; ++i) node.skip_sequence(clips.context());
  if (skipped > 0) name = node.next_sequence(clips.context());
  for (; name; name = node.next_sequence(clips.context())) seen.push_back(read_clip(clips, *name));
  if (skipped == 0) seen.front().name = seen.front().values.front() < 20 ? "b2" : "b10";
  return seen;
}

TEST(Clips, AnEpochIsAClipOfEachSequence) {
  const Miniature data("folders");
  std::set<std::string> first;
  std::set<int64_t> begins, steps;
  std::set<bool> mirrored;
  for (int64_t epoch = 0; epoch < 60; ++epoch) {
    const std::vector<Seen> clips = epoch_of(data, epoch);
    ASSERT_EQ(clips.size(), 2U);
    EXPECT_NE(clips[0].name, clips[1].name);
    first.insert(clips[0].name);
    for (const Seen& clip : clips) {
      ASSERT_EQ(clip.values.size(), 3U);
      const int64_t step = clip.values[1] - clip.values[0];
      EXPECT_EQ(clip.values[2] - clip.values[1], step);
      // (5 - 1) / (3 - 1) = 2, and (12 - 1) / 2 = 5, of which 4 are asked for.
      EXPECT_GE(step, 1);
      EXPECT_LE(step, clip.name == "b2" ? 2 : 4);
      if (clip.name == "b10") steps.insert(step);
      if (clip.name == "b10") begins.insert(clip.values[0] - 20);
      mirrored.insert(clip.is_mirrored);
    }
  }
  EXPECT_EQ(first, (std::set<std::string>{"b2", "b10"}));
  EXPECT_EQ(steps, (std::set<int64_t>{1, 2, 3, 4}));
  EXPECT_EQ(begins.size(), 10U) << "clips begin everywhere";
  EXPECT_EQ(mirrored.size(), 2U);
}

TEST(Clips, AnExampleIsAFrameOfTheSameSequenceOutsideTheClip) {
  const Miniature data("folders");
  for (int64_t epoch = 0; epoch < 20; ++epoch) {
    for (const int64_t number : {1, 2}) {
      Clips clips(data.root(), "folders", Use::Training, epoch), examples(data.root(), "folders", Use::Training, epoch);
      clips.set("length", int64_t{2}).set("stride", int64_t{2});
      examples.set("length", int64_t{2}).set("stride", int64_t{2}).set("example", number);
      examples.set("apart", std::vector<int64_t>{1, 4});
      const Seen clip = read_clip(clips, ""), example = read_clip(examples, "");
      ASSERT_EQ(clip.values.size(), 2U);
      ASSERT_EQ(example.values.size(), 1U);
      EXPECT_EQ(example.values[0] / 20, clip.values[0] / 20) << "of the same sequence";
      EXPECT_TRUE(example.values[0] < clip.values[0] || example.values[0] > clip.values[1]);
      EXPECT_EQ(example.is_mirrored, clip.is_mirrored);
    }
  }
  Clips whole(data.root());
  EXPECT_EQ(
      error_of([&] { whole.set("length", int64_t{0}).set("example", int64_t{1}).run(); }),
      "the sequence b2 has 5 frames, of which 0 lie outside a clip of 5, so it has no example 1\n  give a smaller "
      "`length`, fewer examples, or longer sequences: an example is never a frame of the clip");
}

TEST(Clips, SequencesOfTheSplitForMeasuringAreRefused) {
  const Miniature data("folders");
  EXPECT_EQ(error_of([&] { Clips(data.root()).set("held_out", std::string("train")).run(); }),
            "2 sequences to be read are held out in the split train: \"b2\" and \"b10\"\n  remove them from one of the "
            "two: what is measured must not be known from training");
}

TEST(Clips, ASplitThatIsHeldOutMustBeKnown) {
  const Miniature data("folders");
  EXPECT_THAT(error_of([&] { Clips(data.root()).set("held_out", std::string("valid")).run(); }),
              StartsWith("`held_out`, the split valid: there is no "));
}

TEST(Clips, WhatIsDrawnDependsOnSeedEpochAndSequenceAlone) {
  const Miniature data("folders");
  int same_as_other_seed = 0, same_as_other_epoch = 0;
  for (int64_t epoch = 0; epoch < 20; ++epoch) {
    const std::vector<Seen> clips = epoch_of(data, epoch);
    EXPECT_EQ(epoch_of(data, epoch), clips);
    same_as_other_seed += epoch_of(data, epoch, 2) == clips ? 1 : 0;
    same_as_other_epoch += epoch_of(data, epoch + 1) == clips ? 1 : 0;
  }
  EXPECT_LT(same_as_other_seed, 3);
  EXPECT_LT(same_as_other_epoch, 3);
}

TEST(Clips, ClipsThatArePassedOverChangeNothing) {
  const Miniature data("folders");
  for (int64_t epoch = 0; epoch < 10; ++epoch) {
    Clips passing(data.root(), "folders", Use::Training, epoch);
    passing.set("length", int64_t{3}).set("stride", int64_t{4});
    const auto name = passing.source().next_sequence(passing.context());  // the second; the runner took the first
    EXPECT_EQ(read_clip(passing, *name), epoch_of(data, epoch)[1]);
    // The same for a node of another name: two that read the same sequences see the same clips.
    Clips other(data.root(), "folders", Use::Training, epoch);
    other.context().set_node("elsewhere");
    other.set("length", int64_t{3}).set("stride", int64_t{4});
    EXPECT_EQ(read_clip(other, "").values, epoch_of(data, epoch)[0].values);
  }
}

TEST(Clips, SomeClipsAreDrawnInProportionToTheFrames) {
  const Miniature data("folders");
  Clips clips(data.root(), "folders", Use::Training);
  clips.set("clips", int64_t{170}).set("length", int64_t{2});
  int of_short = 0, all = 0;
  std::set<std::vector<int64_t>> kinds;
  Source& node = clips.source();
  for (std::optional<std::string> name = "first"; name; name = node.next_sequence(clips.context()), ++all) {
    const Seen clip = read_clip(clips, *name);
    of_short += clip.values.front() < 20 ? 1 : 0;
    kinds.insert(clip.values);
  }
  EXPECT_EQ(all, 170);
  EXPECT_NEAR(of_short, 50, 24) << "5 of 17 frames; four deviations";
  EXPECT_GT(kinds.size(), 12U) << "15 clips are possible";
}

TEST(Clips, AFolderOfTheSameSequencesGivesTheSameClips) {
  const Miniature data("folders");
  for (int64_t epoch = 0; epoch < 10; ++epoch) {
    Clips clips(data.root(), "folders", Use::Training, epoch);
    NodeRunner images("media.image_folder");
    images.context().set_training(true);
    images.context().set_epoch(epoch);
    images.set("path", data.root() + "/train/images");
    for (NodeRunner* node : {static_cast<NodeRunner*>(&clips), &images})
      node->set("length", int64_t{3}).set("stride", int64_t{4});
    clips.set("flip", false);
    for (int t = 0; t < 3; ++t)
      EXPECT_TRUE(at::equal(images.run().tensor("image"), clips.run().tensor("image"))) << epoch << ' ' << t;
    EXPECT_FALSE(images.run().has_values());
    EXPECT_EQ(images.source().next_sequence(images.context()), clips.source().next_sequence(clips.context()));
  }
}

TEST(Clips, AFolderDrawsTheSameClipsInProportionToTheFrames) {
  const Miniature data("folders");
  for (const int64_t count : {0, 6}) {
    Clips clips(data.root(), "folders", Use::Training);
    NodeRunner images("media.image_folder");
    images.context().set_training(true);
    images.set("path", data.root() + "/train/images");
    clips.set("flip", false).set("scale", std::string("random_width")).set("load_size", int64_t{8});
    clips.set("fine_size", int64_t{8});  // more is drawn, but after the clip
    for (NodeRunner* node : {static_cast<NodeRunner*>(&clips), &images})
      node->set("length", int64_t{2}).set("stride", int64_t{3}).set("clips", count);
    int64_t seen = 0;
    for (auto name = std::optional<std::string>("first"); name; ++seen) {
      for (int t = 0; t < 2; ++t)
        EXPECT_EQ(value_of("image", images.run().tensor("image")), value_of("image", clips.run().tensor("image")));
      name = clips.source().next_sequence(clips.context());
      EXPECT_EQ(images.source().next_sequence(images.context()), name);
    }
    EXPECT_EQ(seen, count > 0 ? count : 17) << "5 and 12 frames";
  }
}

TEST(Clips, ARunGivesTheFirstFramesOfEachSequence) {
  const Miniature data("folders");
  Clips clips(data.root());
  clips.set("length", int64_t{4}).set("stride", int64_t{3});
  EXPECT_EQ(read_clip(clips, "").values, (std::vector<int64_t>{0, 1, 2, 3}));
  EXPECT_EQ(clips.source().next_sequence(clips.context()), "b10");
  EXPECT_EQ(read_clip(clips, "").values, (std::vector<int64_t>{20, 21, 22, 23}));
}

TEST(Clips, FramesCanBePassedOver) {
  const Miniature data("folders");
  Clips clips(data.root());
  clips.run();
  EXPECT_TRUE(clips.source().skip(clips.context()));
  EXPECT_EQ(value_of("image", clips.run().tensor("image")), 2);
  EXPECT_TRUE(clips.source().skip(clips.context()));
  EXPECT_TRUE(clips.source().skip(clips.context()));
  EXPECT_FALSE(clips.source().skip(clips.context()));
  EXPECT_FALSE(clips.run().has_values());
}

TEST(Clips, ManyWorkersGiveWhatOneGives) {
  const Miniature data("folders");
  for (const int64_t workers : {1, 3, 40}) {
    Clips clips(data.root());
    clips.set("workers", workers);
    EXPECT_EQ(read_clip(clips, "").values, (std::vector<int64_t>{0, 1, 2, 3, 4})) << workers;
  }
}

}  // namespace
}  // namespace weft
