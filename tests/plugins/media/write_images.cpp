#include "framework/testing/node_runner.h"
#include "tests/plugins/media/files.h"

#include <ATen/TensorOperators.h>
#include <ATen/ops/rand.h>
#include <ATen/ops/tensor.h>
#include <ATen/ops/zeros.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <limits>
#include <memory>
#include <set>

namespace weft {
namespace {

using ::testing::ElementsAre;
using testing::error_of;
using testing::FullDisk;
using testing::NodeRunner;
using ::testing::StartsWith;
using testing::TemporaryFolder;

/// A node that reads or writes a folder.
struct Runner : NodeRunner {
  Runner(const std::string& type, const std::string& folder) : NodeRunner(type) { set("path", folder); }
  /// The sequence is over: what was written is at its place.
  void finish() { sink().finish(context()); }
};

std::set<std::string> names_in(const std::string& folder) {
  std::set<std::string> names;
  for (const auto& entry : std::filesystem::directory_iterator(folder)) names.insert(entry.path().filename());
  return names;
}

/// Depth and colour type in a PNG's header.
std::pair<int, int> format_of(const std::string& file) {
  const std::string bytes = testing::content_of(file);
  return {bytes.at(24), bytes.at(25)};
}

TEST(WriteImages, ValuesAreCutOffAndRoundedDown) {
  const TemporaryFolder folder;
  const float nan = std::numeric_limits<float>::quiet_NaN();
  // 0 is 127.5 and becomes 127; 0.99 is 253.725; what is not a number becomes black.
  const at::Tensor row = at::tensor({-1.0F, 0.0F, 0.99F, 1.0F, 7.0F, -7.0F, nan});
  Runner node("media.write_images", folder / "made/on/the/way");
  node.input("in", row.view({1, 1, 1, 7}).expand({1, 3, 1, 7})).run();
  node.finish();
  EXPECT_EQ(format_of(folder / "made/on/the/way/000000.png"), std::pair(8, 2));
  Runner reader("media.image_folder", folder / "made/on/the/way");
  const at::Tensor bytes = ((reader.run().tensor("image") + 1) * 127.5).round().to(at::kInt);
  for (int64_t channel = 0; channel < 3; ++channel) {
    const at::Tensor values = bytes[0][channel][0].contiguous();
    EXPECT_THAT(std::vector<int>(values.const_data_ptr<int>(), values.const_data_ptr<int>() + 7),
                ElementsAre(0, 127, 253, 255, 255, 0, 0));
  }
}

TEST(WriteImages, ReadingGivesBackWhatWasWrittenInTheRightChannels) {
  const TemporaryFolder folder;
  // Between the levels, so that rounding down is harmless; odd sides, so that swapped ones would show.
  const at::Tensor levels = (at::rand({1, 3, 5, 9}) * 255).floor();
  Runner node("media.write_images", folder.path());
  node.input("in", (levels + 0.5) / 127.5 - 1).run();
  node.finish();
  const at::Tensor image = Runner("media.image_folder", folder.path()).run().tensor("image");
  EXPECT_TRUE(((image + 1) * 127.5).round().equal(levels));
}

TEST(WriteImages, EveryByteThatWasReadComesOutAsItWas) {
  const TemporaryFolder folder;
  std::string bytes;
  for (int byte = 0; byte < 256; ++byte) bytes += static_cast<char>(byte);
  std::filesystem::create_directory(folder / "in");
  folder.add("in/a.png", testing::png_file({.width = 256, .rows = bytes}));
  Runner writer("media.write_images", folder / "out");
  writer.input("in", Runner("media.image_folder", folder / "in").run().tensor("image")).run();
  writer.finish();
  const at::Tensor image = Runner("media.image_folder", folder / "out").run().tensor("image");
  const at::Tensor levels = ((image + 1) * 127.5).round().to(at::kInt).contiguous();
  for (int i = 0; i < 3 * 256; ++i) EXPECT_EQ(levels.const_data_ptr<int>()[i], i % 256);
}

TEST(WriteImages, FilesAreNumberedByFrame) {
  const TemporaryFolder folder;
  Runner node("media.write_images", folder.path());
  node.set("name", std::string("street_%03d_x.png")).input("in", at::zeros({1, 3, 2, 2}));
  node.context().set_frame(9);
  node.run().run();
  node.finish();
  EXPECT_THAT(names_in(folder.path()), ElementsAre("street_009_x.png", "street_010_x.png"));
  Runner plain("media.write_images", folder / "plain");
  plain.set("name", std::string("%d.png")).input("in", at::zeros({1, 3, 2, 2})).run();
  plain.finish();
  EXPECT_THAT(names_in(folder / "plain"), ElementsAre("0.png"));
}

TEST(WriteImages, FilesAreNamedAsTheOriginalsAre) {
  const TemporaryFolder folder;
  Runner node("media.write_images", folder / "{sequence}");
  node.context().set_sequence("stuttgart", 0);
  const std::vector<std::string> stems = {"frame_17", "frame_18"};
  node.context().set_frame_names(std::make_shared<const std::vector<std::string>>(stems));
  node.set("name", std::string("fake_B_{stem}.jpg")).input("in", at::zeros({1, 3, 16, 16})).run().run();
  EXPECT_THAT(names_in(folder / "stuttgart"), ElementsAre("unfinished"));
  EXPECT_EQ(node.sink().output("stuttgart")->existing, "") << "nothing is finished yet";
  node.finish();
  EXPECT_THAT(names_in(folder / "stuttgart"), ElementsAre("fake_B_frame_17.jpg", "fake_B_frame_18.jpg"));
  EXPECT_EQ(node.sink().output("stuttgart")->existing, folder / "stuttgart/fake_B_frame_17.jpg");
  EXPECT_EQ(node.sink().output("bremen")->existing, "");
  node.context().set_frame(2);
  node.context().set_sequence("bremen", 1);
  EXPECT_EQ(error_of([&] { node.run(); }),
            "`name` is \"fake_B_{stem}.jpg\", but no source has a file for frame 2\n  folders of files have names for "
            "{stem}; write %06d instead");
}

TEST(WriteImages, AJpegIsNearWhatWasGiven) {
  const TemporaryFolder folder;
  const at::Tensor colour = at::tensor({0.5F, -0.25F, 0.0F}).view({1, 3, 1, 1}).expand({1, 3, 16, 24});
  const auto size_with = [&](int64_t quality) {
    const std::string into = folder / text("of_", quality);
    Runner node("media.write_images", into);
    node.set("name", std::string("%d.jpg")).set("quality", quality).input("in", colour).run();
    node.finish();
    const at::Tensor image = Runner("media.image_folder", into).run().tensor("image");
    // Flat colours: what is left is the rounding of Y, Cb and Cr, and of one coefficient each.
    EXPECT_LT((image - colour).abs().max().item<float>() * 127.5, quality == 100 ? 3.0 : 12.0);
    return testing::content_of(into + "/0.jpg").size();
  };
  EXPECT_LT(size_with(20), size_with(100));
  Runner png("media.write_images", folder / "png");
  png.set("quality", int64_t{90}).input("in", colour);
  EXPECT_EQ(error_of([&] { png.run(); }),
            "`quality` is given, but the files are not .jpg\n  remove it, or write `name = \"%06d.jpg\"`");
}

TEST(WriteImages, WhatWasBrokenOffStaysApartAndIsReplaced) {
  const TemporaryFolder folder;
  {
    Runner node("media.write_images", folder.path());
    node.input("in", at::zeros({1, 3, 2, 2})).run().run().run();
    node.context().set_broken_off(true);
    node.finish();
  }
  EXPECT_THAT(names_in(folder.path()), ElementsAre("unfinished"));
  EXPECT_THAT(names_in(folder / "unfinished"), ElementsAre("000000.png", "000001.png", "000002.png"));
  Runner again("media.write_images", folder.path());
  again.input("in", at::zeros({1, 3, 2, 2})).run();
  EXPECT_THAT(names_in(folder / "unfinished"), ElementsAre("000000.png"));
  again.finish();
  EXPECT_THAT(names_in(folder.path()), ElementsAre("000000.png"));
}

TEST(WriteImages, TwoWritersShareAFolder) {
  const TemporaryFolder folder;
  Runner fake("media.write_images", folder.path()), real("media.write_images", folder.path());
  fake.set("name", std::string("fake_%d.png")).input("in", at::zeros({1, 3, 2, 2})).run();
  real.set("name", std::string("real_%d.png")).input("in", at::zeros({1, 3, 2, 2})).run();
  fake.finish();
  EXPECT_NE(fake.sink().output("")->existing, "");
  EXPECT_EQ(real.sink().output("")->existing, "");
  real.finish();
  EXPECT_THAT(names_in(folder.path()), ElementsAre("fake_0.png", "real_0.png"));
}

TEST(WriteImages, RefusesNamesThatCannotBeNumbered) {
  const TemporaryFolder folder;
  for (const std::string name : {"frame.png", "%d%d.png", "%s.png", "a/%d.png", "%d.gif", "%0d.png", "%99d.png", "%",
                                 "{stem}%d.png", "{stem}{stem}.png"}) {
    Runner node("media.write_images", folder / "out");
    node.set("name", name).input("in", at::zeros({1, 3, 2, 2}));
    EXPECT_EQ(error_of([&] { node.run(); }), "`name` is \"" + name +
                                                 "\", which cannot name the files of frames\n  write one %d, %06d or "
                                                 "{stem} in it, no folders, and .png or .jpg at its end: "
                                                 "\"frame_%06d.png\"");
  }
  EXPECT_FALSE(std::filesystem::exists(folder / "out"));
}

TEST(WriteImages, SaysWhichFolderCannotBeMade) {
  const TemporaryFolder folder;
  const std::string file = folder.add("file", "x");
  Runner node("media.write_images", file + "/frames");
  node.input("in", at::zeros({1, 3, 2, 2}));
  EXPECT_EQ(error_of([&] { node.run(); }), "cannot make the folder " + file + "/frames: Not a directory");
}

TEST(WriteImages, SaysWhichFileItMayNotWrite) {
  const TemporaryFolder folder;
  std::filesystem::create_directory(folder / "closed");
  std::filesystem::permissions(folder / "closed",
                               std::filesystem::perms::owner_read | std::filesystem::perms::owner_exec |
                                   std::filesystem::perms::others_read | std::filesystem::perms::others_exec);
  Runner node("media.write_images", folder / "closed");
  node.input("in", at::zeros({1, 3, 2, 2}));
  const testing::RightsOfNobody rights;
  EXPECT_EQ(error_of([&] { node.run(); }),
            "cannot make the folder " + folder / "closed/unfinished" + ": Permission denied");
}

TEST(WriteImages, AFullDiskLeavesWholeFilesOnly) {
  const TemporaryFolder folder;
  Runner node("media.write_images", folder.path());
  node.input("in", at::zeros({1, 3, 8, 8})).run();
  node.input("in", at::rand({1, 3, 64, 64}) * 2 - 1);  // noise, which does not get smaller than 10 kB
  const FullDisk disk(4096);
  EXPECT_EQ(error_of([&] { node.run(); }), "cannot write " + folder / "unfinished/000001.png" + ": File too large");
  EXPECT_THAT(names_in(folder / "unfinished"), ElementsAre("000000.png"));
}

TEST(WriteImages, RefusesBatchesAndSecondSequences) {
  const TemporaryFolder folder;
  Runner node("media.write_images", folder.path());
  node.input("in", at::zeros({2, 3, 4, 4}));
  EXPECT_EQ(error_of([&] { node.run(); }),
            "a file holds one sequence, but the batch has 2 of them\n  write with a batch of 1");
  Runner second("media.write_images", folder.path());
  second.input("in", at::zeros({1, 3, 4, 4})).run();
  second.sink().finish(second.context());
  EXPECT_EQ(error_of([&] { second.run(); }),
            "the folder " + folder.path() +
                " holds one sequence, but a second one has begun\n  write {sequence} in `path`, as in "
                "\"out/{sequence}.mp4\": each sequence then has an output of its own");
}

at::Tensor labels(std::vector<int64_t> ids) {
  return at::tensor(ids, at::kLong).view({1, 1, 1, static_cast<int64_t>(ids.size())});
}

TEST(WriteLabels, UsesAsManyBitsAsTheLargestIdNeeds) {
  const TemporaryFolder folder;
  Runner node("media.write_labels", folder.path());
  node.input("in", labels({0, 255})).run().input("in", labels({7, 65535})).run();
  node.finish();
  EXPECT_EQ(format_of(folder / "000000.png"), std::pair(8, 0));
  EXPECT_EQ(format_of(folder / "000001.png"), std::pair(16, 0));
  Runner reader("media.label_folder", folder.path());
  EXPECT_TRUE(reader.run().tensor("labels").equal(labels({0, 255})));
  EXPECT_TRUE(reader.run().tensor("labels").equal(labels({7, 65535})));
}

TEST(WriteLabels, BitsFixTheFormat) {
  const TemporaryFolder folder;
  Runner wide("media.write_labels", folder / "wide");
  wide.set("bits", int64_t{16}).input("in", labels({3})).run();
  wide.finish();
  EXPECT_EQ(format_of(folder / "wide/000000.png"), std::pair(16, 0));
  Runner narrow("media.write_labels", folder / "narrow");
  narrow.set("bits", int64_t{8}).input("in", labels({3, 256}));
  EXPECT_EQ(error_of([&] { narrow.run(); }),
            "frame 0 has the id 256, but the PNG file holds 0 to 255\n  `bits = 16` holds it");
  Runner odd("media.write_labels", folder / "odd");
  odd.set("bits", int64_t{12}).input("in", labels({3}));
  EXPECT_EQ(error_of([&] { odd.run(); }), "`bits` is 12, but PNG files of ids have 8 or 16");
}

TEST(WriteLabels, RefusesIdsThatNoPngHolds) {
  const TemporaryFolder folder;
  for (const int64_t id : {-1, 65536}) {
    Runner node("media.write_labels", folder.path());
    node.input("in", labels({3, id}));
    EXPECT_EQ(error_of([&] { node.run(); }), text("frame 0 has the id ", id, ", but the PNG file holds 0 to 65535"));
  }
}

}  // namespace
}  // namespace weft
