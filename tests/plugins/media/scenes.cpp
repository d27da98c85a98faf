#include "framework/testing/node_runner.h"
#include "plugins/media/scene_cuts.h"
#include "tests/plugins/media/files.h"

#include <ATen/TensorOperators.h>
#include <ATen/ops/full.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <filesystem>

namespace weft {
namespace {

using ::testing::ElementsAre;
using testing::error_of;
using ::testing::HasSubstr;
using testing::NodeRunner;
using testing::TemporaryFolder;

/// Writes a grey picture for each value, from 0 to 1.
void write_film(const std::string& folder, const std::vector<double>& values) {
  NodeRunner writer("media.write_images");
  writer.set("path", folder);
  for (const double value : values) {
    writer.clear_inputs();
    writer.input("in", at::full({1, 3, 8, 12}, 2 * value - 1)).run();
  }
  writer.sink().finish(writer.context());
}

/// The first pixel's value of each frame of the current sequence, from 0 to 1.
std::vector<double> values_of(NodeRunner& reader) {
  std::vector<double> values;
  while (reader.run().has_values())
    values.push_back(std::round((reader.tensor("image")[0][0][0][0].item<double>() + 1) * 50) / 100);
  return values;
}

TEST(SceneCuts, AreWhereAFrameDiffersMoreThanThoseAroundIt) {
  EXPECT_THAT(media::find_cuts({0, .01, .3, .01, .01}, .1), ElementsAre(2));
  EXPECT_THAT(media::find_cuts({0, .01, .05, .01, .01}, .1), ElementsAre());  // too little
  EXPECT_THAT(media::find_cuts({0, .2, .3, .2, .3, .2}, .1), ElementsAre());  // a fast pan
  EXPECT_THAT(media::find_cuts({0, .3, .01, .01, .3}, .1), ElementsAre(1, 4));
  EXPECT_THAT(media::find_cuts({0, .3}, .1), ElementsAre(1));  // two pictures
  EXPECT_THAT(media::find_cuts({0}, .1), ElementsAre());
  EXPECT_THAT(media::find_cuts({}, .1), ElementsAre());
}

TEST(SceneCuts, DifferencesAreOfValuesFrom0To1) {
  media::FrameDifferences differences;
  differences.add(at::full({1, 3, 50, 70}, -1.0));
  differences.add(at::full({1, 3, 50, 70}, 0.0));
  EXPECT_THAT(differences.all(), ElementsAre(0, 0.5));
}

TEST(Scenes, EachIsASequence) {
  const TemporaryFolder folder;
  write_film(folder / "walk", {.1, .12, .1, .6, .6, .62});
  NodeRunner reader("media.scenes");
  reader.set("path", folder / "walk");
  EXPECT_THAT(*reader.source().sequences(), ElementsAre("walk-001", "walk-002"));
  EXPECT_EQ(reader.source().frames(), 3);  // the runner has opened the first
  EXPECT_THAT(values_of(reader), ElementsAre(.1, .12, .1));
  EXPECT_EQ(reader.source().next_sequence(reader.context()), "walk-002");
  EXPECT_THAT(values_of(reader), ElementsAre(.6, .6, .62));
  EXPECT_FALSE(reader.source().next_sequence(reader.context()).has_value());
}

TEST(Scenes, ASceneThatIsSkippedIsPassedOver) {
  const TemporaryFolder folder;
  write_film(folder / "walk", {.1, .1, .1, .6, .6, .6, .2, .2, .2});
  NodeRunner reader("media.scenes");
  reader.set("path", folder / "walk");
  EXPECT_TRUE(reader.source().skip_sequence(reader.context()));  // the second: the runner has opened the first
  EXPECT_EQ(reader.source().next_sequence(reader.context()), "walk-003");
  EXPECT_TRUE(reader.source().skip(reader.context()));
  EXPECT_THAT(values_of(reader), ElementsAre(.2, .2));
}

TEST(Scenes, FilmsWithoutCutsKeepTheirNames) {
  const TemporaryFolder folder;
  write_film(folder / "films/b", {.1, .1});
  write_film(folder / "films/a10", {.5, .5, .9});
  write_film(folder / "films/a9", {.3, .3});
  NodeRunner reader("media.scenes");
  reader.set("path", folder / "films").set("cut", 1.0);
  EXPECT_THAT(*reader.source().sequences(), ElementsAre("a9", "a10", "b"));
}

TEST(Scenes, ShortOnesAreLeftOut) {
  const TemporaryFolder folder;
  write_film(folder / "walk", {.1, .1, .1, .6, .6, .6, .6});
  NodeRunner reader("media.scenes");
  reader.set("path", folder / "walk").set("least_frames", int64_t{4});
  EXPECT_THAT(*reader.source().sequences(), ElementsAre("walk-002"));
  EXPECT_THAT(values_of(reader), ElementsAre(.6, .6, .6, .6));
}

TEST(Scenes, WithoutAnyTheyAreRefused) {
  const TemporaryFolder folder;
  write_film(folder / "walk", {.1, .1});
  const auto fault = [](const std::string& path, int64_t least) {
    NodeRunner reader("media.scenes");
    reader.set("path", path).set("least_frames", least);
    return error_of([&] { reader.source().sequences(); });
  };
  EXPECT_THAT(fault(folder / "walk", 3), HasSubstr("has no scene of at least 3 frames"));
  EXPECT_THAT(fault(folder / "nowhere.mp4", 1), HasSubstr("nowhere.mp4"));
  std::filesystem::create_directory(folder / "empty");
  EXPECT_THAT(fault(folder / "empty", 1), HasSubstr("has neither videos nor pictures"));
}

TEST(WriteInstances, WritesIdsAsLabelsAreWritten) {
  const TemporaryFolder folder;
  NodeRunner writer("media.write_instances");
  writer.set("path", folder.path()).set("below", std::string("ids"));
  writer.input("in", at::full({1, 1, 2, 3}, 26001, at::kLong)).run();
  writer.sink().finish(writer.context());
  NodeRunner reader("media.instance_folder");
  EXPECT_EQ(reader.set("path", folder / "ids").run().tensor("instances").min().item<int64_t>(), 26001);
}

TEST(WriteInstances, BelowIsNotAbsolute) {
  const TemporaryFolder folder;
  NodeRunner writer("media.write_instances");
  writer.set("path", folder.path()).set("below", std::string("/tmp"));
  writer.input("in", at::full({1, 1, 2, 3}, 1, at::kLong));
  EXPECT_THAT(error_of([&] { writer.run(); }), HasSubstr("`below` is \"/tmp\", but it is a folder below `path`"));
}

}  // namespace
}  // namespace weft
