#include "framework/testing/error_text.h"
#include "framework/testing/values.h"
#include "tests/plugins/world/drives.h"

#include <ATen/TensorOperators.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <set>

namespace weft {
namespace {

using testing::error_text;
using testing::NodeRunner;
using testing::values;

bool is_equal(const StreetFrame& a, const StreetFrame& b) {
  return a.image.equal(b.image) && a.labels.equal(b.labels) && a.instances.equal(b.instances) && a.flow.equal(b.flow) &&
         a.occlusion.equal(b.occlusion) && a.depth.equal(b.depth) && a.camera.equal(b.camera);
}

TEST(WorldStreet, GivesMapsOfOneSize) {
  const StreetFrame frame = frames_of({.size = {48, 80}}, 1).front();
  EXPECT_EQ(frame.image.sizes(), (std::vector<int64_t>{1, 3, 48, 80}));
  EXPECT_EQ(frame.labels.sizes(), (std::vector<int64_t>{1, 1, 48, 80}));
  EXPECT_EQ(frame.flow.sizes(), (std::vector<int64_t>{1, 2, 48, 80}));
  EXPECT_EQ(frame.camera.sizes(), (std::vector<int64_t>{1, 2, 4, 4}));
  EXPECT_EQ(frame.labels.scalar_type(), at::kLong);
  EXPECT_EQ(frame.instances.scalar_type(), at::kLong);
  EXPECT_THAT(values(frame.image), ::testing::Each(::testing::AllOf(::testing::Ge(-1), ::testing::Le(1))));
  EXPECT_THAT(values(frame.occlusion), ::testing::Each(::testing::AnyOf(0, 1)));
}

// ---- every frame is a function of seed, look and t

TEST(WorldStreet, AFrameAloneEqualsTheFrameInASequence) {
  const std::vector<StreetFrame> sequence = frames_of({.start = 30}, 8);
  EXPECT_TRUE(is_equal(frames_of({.start = 37}, 1).front(), sequence.back()));
}

TEST(WorldStreet, AFrameAfterSkippedOnesEqualsTheFrameInASequence) {
  Street street({.start = 30});
  for (int i = 0; i < 5; ++i) EXPECT_TRUE(street.source().skip(street.context()));
  EXPECT_TRUE(is_equal(next_frame(street), frames_of({.start = 35}, 1).front()));
}

TEST(WorldStreet, SeedsAreOtherStreets) {
  const StreetFrame one = frames_of({.seed = 1}, 1).front(), two = frames_of({.seed = 2}, 1).front();
  EXPECT_GT((one.labels != two.labels).to(at::kFloat).mean().item<float>(), 0.2);
}

TEST(WorldStreet, LooksAreTheSameStreetInOtherColours) {
  const StreetFrame noon = frames_of({.start = 50}, 1).front();
  for (const std::string& look : kLooks) {
    if (look == "noon") continue;
    const StreetFrame other = frames_of({.look = look, .start = 50}, 1).front();
    EXPECT_TRUE(other.labels.equal(noon.labels)) << look;
    EXPECT_TRUE(other.instances.equal(noon.instances)) << look;
    EXPECT_TRUE(other.flow.equal(noon.flow)) << look;
    EXPECT_GT((other.image - noon.image).abs().mean().item<float>() * 127.5, 5) << look;
  }
}

TEST(WorldStreet, AnyLookIsOneOfTheLooksForEachSeed) {
  std::set<size_t> met;
  for (int64_t seed = 0; seed < 12; ++seed) {
    const StreetSetting small = {.seed = seed, .size = {16, 32}};
    StreetSetting any = small;
    any.look = "any";
    const at::Tensor image = frames_of(any, 1).front().image;
    for (size_t i = 0; i < kLooks.size(); ++i) {
      StreetSetting one = small;
      one.look = kLooks[i];
      if (frames_of(one, 1).front().image.equal(image)) met.insert(i);
    }
  }
  EXPECT_GE(met.size(), 4);
}

TEST(WorldStreet, AnySceneIsTheNextOneForEachSeed) {
  const std::vector<std::string> scenes = {"drive", "approach", "turn", "crowd"};
  for (int64_t seed = 4; seed < 9; ++seed) {
    const StreetSetting any = {.scene = "any", .seed = seed, .size = {16, 32}, .start = 60};
    StreetSetting one = any;
    one.scene = scenes[static_cast<size_t>(seed) % scenes.size()];
    EXPECT_TRUE(is_equal(frames_of(any, 1).front(), frames_of(one, 1).front())) << seed;
  }
}

TEST(WorldStreet, DrawnLooksDifferByTheirSeedAlone) {
  const auto frame = [](int64_t look_seed) {
    Street street({.look = "drawn", .start = 50});
    street.set("look_seed", look_seed);
    return next_frame(street);
  };
  const StreetFrame one = frame(1);
  EXPECT_TRUE(is_equal(frame(1), one));
  for (int64_t look_seed = 2; look_seed < 8; ++look_seed) {
    const StreetFrame other = frame(look_seed);
    EXPECT_TRUE(other.labels.equal(one.labels) && other.flow.equal(one.flow)) << look_seed;
    EXPECT_GT((other.image - one.image).abs().mean().item<float>() * 127.5, 5) << look_seed;
    EXPECT_THAT(values(other.image), ::testing::Each(::testing::AllOf(::testing::Ge(-1), ::testing::Le(1))));
  }
}

TEST(WorldStreet, LooksComeAgainAfterSoManyStreets) {
  Street street({.look = "drawn", .seed = 5, .size = {16, 32}});
  street.set("look_seed", int64_t{40}).set("looks", int64_t{2}).set("sequences", int64_t{3}).set("frames", int64_t{1});
  std::vector<at::Tensor> images;
  for (int64_t number = 0; number < 3; ++number) {
    if (number > 0) {
      EXPECT_EQ(street.source().next_sequence(street.context()), text("street-", 5 + number));
    }
    images.push_back(next_frame(street).image);
    Street alone({.look = "drawn", .seed = 5 + number, .size = {16, 32}});
    alone.set("look_seed", 40 + number % 2);
    EXPECT_TRUE(next_frame(alone).image.equal(images.back())) << number;
  }
}

// ---- labels and instances

TEST(WorldStreet, LabelsAreIdsOfCityscapes) {
  // Road, pavement, building, pole, traffic light and sign, vegetation, terrain, sky, person, car, truck, bus.
  const std::set<int64_t> known = {7, 8, 11, 17, 19, 20, 21, 22, 23, 24, 26, 27, 28};
  std::set<int64_t> seen;
  for (int64_t seed = 0; seed < 6; ++seed) {
    for (const int64_t id : values<int64_t>(frames_of({.seed = seed, .start = 40 * seed}, 1).front().labels))
      seen.insert(id);
  }
  const std::set<int64_t> usual = {7, 8, 11, 17, 21, 23, 24, 26};
  EXPECT_TRUE(std::includes(known.begin(), known.end(), seen.begin(), seen.end()));
  EXPECT_TRUE(std::includes(seen.begin(), seen.end(), usual.begin(), usual.end()));
}

TEST(WorldStreet, AnInstanceHasOneLabelAndItsIdSaysWhich) {
  const StreetFrame frame = frames_of({.scene = "crowd", .size = {128, 256}, .start = 60}, 1).front();
  const std::vector<int64_t> labels = values<int64_t>(frame.labels), instances = values<int64_t>(frame.instances);
  std::set<int64_t> people;
  for (size_t i = 0; i < labels.size(); ++i) {
    const bool is_one_of_many = instances[i] >= 1000;
    ASSERT_EQ(is_one_of_many ? instances[i] / 1000 : instances[i], labels[i]);
    if (labels[i] == 24) people.insert(instances[i]);
  }
  EXPECT_GE(people.size(), 8);
}

TEST(WorldStreet, IdsStayWithThingsOverTime) {
  const std::vector<StreetFrame> frames = frames_of({.scene = "crowd", .size = {128, 256}, .start = 60}, 4);
  for (size_t t = 1; t < frames.size(); ++t) {
    const StreetFrame &now = frames[t], &before = frames[t - 1];
    const auto instances = now.instances.accessor<int64_t, 4>(), earlier = before.instances.accessor<int64_t, 4>();
    const auto flow = now.flow.accessor<float, 4>(), occlusion = now.occlusion.accessor<float, 4>();
    int64_t same = 0, all = 0;
    for (int64_t y = 0; y < 128; ++y) {
      for (int64_t x = 0; x < 256; ++x) {
        if (occlusion[0][0][y][x] > 0) continue;
        const auto from_x = static_cast<int64_t>(std::lround(static_cast<float>(x) + flow[0][0][y][x]));
        const auto from_y = static_cast<int64_t>(std::lround(static_cast<float>(y) + flow[0][1][y][x]));
        same += earlier[0][0][from_y][from_x] == instances[0][0][y][x] ? 1 : 0;
        ++all;
      }
    }
    // At borders the nearest pixel may be the neighbour's by a fraction of a pixel.
    EXPECT_GT(static_cast<double>(same) / static_cast<double>(all), 0.98);
    EXPECT_GT(static_cast<double>(all), 0.95 * 128 * 256);
  }
}

TEST(WorldStreet, ScenesDifferInWhoIsThere) {
  const auto pixels = [](const std::string& scene, int64_t label) {
    int64_t count = 0;
    for (int64_t start = 0; start < 240; start += 40) {
      const StreetFrame frame = frames_of({.scene = scene, .size = {128, 256}, .start = start}, 1).front();
      count += (frame.labels == label).sum().item<int64_t>();
    }
    return count;
  };
  EXPECT_GT(pixels("crowd", 24), 2 * pixels("approach", 24));  // people
  EXPECT_NE(pixels("turn", 26), pixels("approach", 26));       // cars
}

TEST(WorldStreet, WithoutTrafficNobodyIsThere) {
  const StreetFrame frame = frames_of({.scene = "crowd", .traffic = false, .start = 60}, 1).front();
  EXPECT_EQ((frame.labels == 24).sum().item<int64_t>(), 0);
}

TEST(WorldStreet, TheCarAheadStaysInView) {
  std::map<int64_t, int> seen;
  for (int64_t start = 0; start < 200; start += 20) {
    const StreetFrame frame = frames_of({.start = start}, 1).front();
    std::map<int64_t, int> pixels;
    for (const int64_t id : values<int64_t>(frame.instances)) ++pixels[id];
    for (const auto& [id, count] : pixels) seen[id] += id >= 26000 && count > 30 ? 1 : 0;
  }
  EXPECT_THAT(seen, ::testing::Contains(::testing::Pair(::testing::_, 10)));
}

// ---- what the labels do not show

TEST(WorldStreet, AThingKeepsItsColour) {
  // Under an even sky nothing but the thing itself makes its colour. The middle of the largest car, ten frames apart.
  Street street({.look = "overcast", .size = {128, 256}});
  std::map<int64_t, at::Tensor> first;
  for (int64_t t = 0; t < 40; ++t) {
    const StreetFrame frame = next_frame(street);
    for (const int64_t id : {int64_t{26001}, int64_t{27001}, int64_t{28001}}) {  // the car ahead, whatever it is
      const at::Tensor mask = (frame.instances == id).to(at::kFloat);
      if (mask.sum().item<float>() < 200) continue;
      const at::Tensor mean = (frame.image * mask).sum({0, 2, 3}) / mask.sum() * 127.5;
      const auto [place, is_new] = first.try_emplace(id, mean);
      // Brake lights and haze move the mean a little; another colour would be 30 steps or more away.
      if (is_new) continue;
      EXPECT_LT((mean - place->second).abs().max().item<float>(), 12) << t;
    }
  }
  EXPECT_EQ(first.size(), 1);
}

TEST(WorldStreet, APixelIsTheMeanOfWhatItCovers) {
  // The same picture with 4 x 4 times the pixels, averaged, is what a pixel should be; one of the 16 is what it is without
  // anti-aliasing.
  const at::Tensor fine = frames_of({.size = {256, 512}, .start = 10}, 1).front().image;
  const at::Tensor image = frames_of({.size = {64, 128}, .start = 10}, 1).front().image;
  const at::Tensor cells = fine.view({1, 3, 64, 4, 128, 4});
  const double error = (image - cells.mean({3, 5})).abs().mean().item<double>();
  const double aliased = (image - cells.select(5, 2).select(3, 2)).abs().mean().item<double>();
  EXPECT_LT(error * 127.5, 3.5);
  EXPECT_LT(error, 0.5 * aliased);
}

// ---- sequences and refusals

TEST(WorldStreet, SequencesHaveTheNextSeeds) {
  Street street({.seed = 5, .size = {16, 32}});
  street.set("frames", int64_t{2}).set("sequences", int64_t{2});
  next_frame(street), next_frame(street);
  EXPECT_FALSE(street.run().has_values());
  EXPECT_EQ(street.source().next_sequence(street.context()), "street-6");
  EXPECT_TRUE(is_equal(next_frame(street), frames_of({.seed = 6, .size = {16, 32}}, 1).front()));
  EXPECT_EQ(street.source().next_sequence(street.context()), std::nullopt);
}

TEST(WorldStreet, WithoutALimitTheDriveNeverEnds) {
  Street street({.size = {16, 32}, .start = 1'000'000});
  street.set("frames", int64_t{0});
  EXPECT_EQ(street.source().frames(), std::nullopt);
  EXPECT_GT(values<int64_t>(next_frame(street).labels).size(), 0);
}

TEST(WorldStreet, RefusesAnUnknownLook) {
  EXPECT_EQ(
      error_text([] { NodeRunner("world.street").set("look", std::string("winter")); }),
      "`look` must be one of \"noon\", \"morning\", \"overcast\", \"rain\", \"fog\", \"sunset\", \"night\", \"snow\", "
      "\"autumn\", \"south\", \"any\" or \"drawn\", not \"winter\"");
}

TEST(WorldStreet, RefusesASizeBelowSixteenPixels) {
  EXPECT_EQ(error_text([] {
              NodeRunner("world.street").set("size", std::vector<int64_t>{8, 128});
            }),
            "`size` must be 2 items, at least 16, at most 8192, not 8");
}

}  // namespace
}  // namespace weft
