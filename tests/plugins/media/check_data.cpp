#include "framework/testing/node_runner.h"
#include "tests/plugins/media/miniature.h"

#include <ATen/core/Tensor.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>

namespace weft {
namespace {

using ::testing::ElementsAre;
using testing::jpeg_file;
using testing::Miniature;
using testing::NodeRunner;
using testing::Png;
using testing::png_file;
using testing::TemporaryFolder;

/// A line for each finding, with the data set's folder called ROOT: "fault; way out", or what there is.
std::vector<std::string> findings(const std::string& root, const std::string& layout, const ParamValues& params = {}) {
  NodeRunner node("media.check_data");
  node.set("root", root).set("layout", layout);
  for (const auto& [name, value] : params) node.set(name, value);
  std::vector<std::string> lines;
  while (node.run().has_values()) {
    std::string line = node.value("finding").text();
    if (node.tensor("is_fault").item<float>() != 0) line += "; " + node.value("way_out").text();
    for (size_t at = line.find(root); at != std::string::npos; at = line.find(root))
      line.replace(at, root.size(), "ROOT");
    lines.push_back(line);
  }
  return lines;
}

TEST(CheckData, TellsWhatThereIs) {
  const Miniature data("cityscapes");
  EXPECT_THAT(findings(data.root(), "cityscapes"),
              ElementsAre("train: 2 sequences of 5 to 12 frames, 17 in all", "image: 17 files, 8x4",
                          "labels: 17 files, 8x4, ids up to 22", "instances: 17 files, 8x4, ids up to 1268"));
  const Miniature single("kitti_frames");
  EXPECT_THAT(findings(single.root(), "kitti_frames", {{"only_headers", true}}),
              ElementsAre("train: 2 sequences of 1 frame, 2 in all", "image: 2 files, 8x4", "labels: 2 files, 8x4",
                          "instances: 2 files, 8x4"));
}

TEST(CheckData, NoLayoutOfWeftsOwnFindsAFaultInItsMiniature) {
  for (const std::string& layout : Miniature::layouts()) {
    const Miniature data(layout);
    for (const std::string& line : findings(data.root(), layout)) EXPECT_EQ(line.find("; "), std::string::npos) << line;
  }
}

TEST(CheckData, CamVidsLabelsArePainted) {
  const Miniature data("camvid");
  const auto painted = [](char red, char green, char blue) {
    std::string rows;
    for (int64_t i = 0; i < Miniature::kWidth * Miniature::kHeight; ++i) rows += {red, green, blue};
    return png_file({.width = Miniature::kWidth, .height = Miniature::kHeight, .colours = Png::Rgb, .rows = rows});
  };
  for (size_t s = 0; s < 2; ++s) {
    for (int64_t t = 0; t < data.frames[s]; ++t) data.write("labels", s, t, painted('\x80', '\x40', '\x80'));  // road
  }
  EXPECT_THAT(findings(data.root(), "camvid", {{"palette", std::string("camvid")}}),
              ElementsAre("train: 2 sequences of 5 to 12 frames, 17 in all", "image: 17 files, 8x4",
                          "labels: 17 files, 8x4, ids up to 17"));
  data.write("labels", 1, 3, painted(1, 2, 3));
  EXPECT_THAT(
      findings(data.root(), "camvid", {{"palette", std::string("camvid")}}),
      ::testing::Contains(::testing::HasSubstr("Seq05VD_000003_L.png: the pixel in row 0, column 0 is #010203")));
}

TEST(CheckData, ASplitOfApolloScapeIsARoad) {
  const Miniature data("apolloscape", "road01_ins");
  EXPECT_THAT(findings(data.root(), "apolloscape", {{"split", std::string("road01_ins")}}),
              ElementsAre("road01_ins: 2 sequences of 5 to 12 frames, 17 in all", "image: 17 files, 8x4",
                          "labels: 17 files, 8x4, ids up to 22", "instances: 17 files, 8x4, ids up to 1268"));
  EXPECT_THAT(findings(data.root(), "apolloscape"),
              ::testing::Contains(::testing::HasSubstr("ROOT has \"road01_ins\"")));
}

TEST(CheckData, FilesThatAreMissingAreTold) {
  const Miniature data("cityscapes");
  data.remove("labels", 0, 4);
  data.remove("labels", 1, 11);
  data.remove("labels", 1, 10);
  for (int64_t t = 0; t < 12; ++t) data.remove("instances", 1, t);
  EXPECT_THAT(findings(data.root(), "cityscapes"),
              ElementsAre("labels of sequence \"ulm_000003_000000\" has no file for frame 000004, but image has; add "
                          "the missing ones to labels, or remove this one from image",
                          "labels of sequence \"ulm_000003_000030\" has no file for frame 000040 and 1 more, but image "
                          "has; add the missing ones to labels, or remove this one from image",
                          "image has the sequence \"ulm_000003_000030\", but instances has not; folders of one "
                          "sequence have one name; add the missing one, or remove this one"));
}

/// images/s and labels/s of the layout `folders`, with frames of these numbers.
std::string numbered(const TemporaryFolder& folder, const std::vector<int>& images, const std::vector<int>& labels) {
  const std::string png = png_file({.width = 8, .height = 4, .colours = Png::Grey, .rows = std::string(32, '\1')});
  for (const char* name : {"images/s", "labels/s"}) std::filesystem::create_directories(folder / name);
  for (const int number : images) folder.add("images/s/frame_" + std::to_string(number) + ".png", png);
  for (const int number : labels) folder.add("labels/s/" + std::to_string(number) + "_ids.png", png);
  return folder.path();
}

TEST(CheckData, FramesOfOneNumberBelongTogether) {
  const TemporaryFolder folder, shifted;
  EXPECT_THAT(
      findings(numbered(folder, {1, 2, 4}, {1, 2, 3}), "folders", {{"split", "."}}),
      ElementsAre("labels of sequence \"s\" has no file for frame frame_4, but image has; add the missing ones to "
                  "labels, or remove this one from image",
                  "image of sequence \"s\" has no file for frame 3_ids, but labels has; add the missing ones to "
                  "image, or remove this one from labels"));
  EXPECT_EQ(findings(numbered(shifted, {8, 9, 10}, {8, 9, 10}), "folders", {{"split", "."}}).front(),
            ".: 1 sequence of 3 frames, 3 in all");
}

TEST(CheckData, ClipsMayLeaveOutWhatIsNotWhole) {
  const TemporaryFolder folder;
  NodeRunner clips("media.clips");
  clips.set("root", numbered(folder, {1, 2, 4, 5}, {1, 2, 3, 5})).set("split", std::string("."));
  clips.set("layout", std::string("folders")).set("length", int64_t{0}).set("missing", std::string("skip"));
  clips.run();
  EXPECT_THAT(clips.source().frame_names(), ElementsAre("frame_1", "frame_2", "frame_5"));
}

TEST(CheckData, ASequenceTooManyIsTold) {
  const Miniature data("kitti");
  std::filesystem::create_directories(data.root() + "/training/instances/0011");
  std::filesystem::copy_file(data.file("instances", 0, 0), data.root() + "/training/instances/0011/000000.png");
  EXPECT_THAT(findings(data.root(), "kitti").front(),
              "instances has the sequence \"0011\", but image has not; folders of one sequence have one name; add the "
              "missing one, or remove this one");
}

TEST(CheckData, AFrameTwiceIsTold) {
  const Miniature data("folders");
  const TemporaryFolder own;
  const std::string layout =
      own.add("own.toml",
              "pairs = \"name\"\n[image]\nfiles = \"train/images/{sequence}/{frame}\"\n[labels]\nfiles = "
              "\"train/labels/{sequence}/{frame}\"\n");
  std::filesystem::copy_file(data.file("image", 0, 3), data.root() + "/train/images/b2/f3.jpg");
  EXPECT_THAT(findings(data.root(), "folders", {{"layout_file", layout}}).front(),
              "the frame f3 of sequence \"b2\" is there twice: ROOT/train/images/b2/f3.jpg and "
              "ROOT/train/images/b2/f3.png; remove one of them");
}

TEST(CheckData, FoldersThatAreMissingAreToldWithThoseThatAreThere) {
  const Miniature data("vid2vid", "test");
  EXPECT_THAT(
      findings(data.root(), "vid2vid"),
      ElementsAre("there is no folder ROOT/train_B, where the files of [image] should lie; the layout vid2vid wants "
                  "{split}_B/{sequence}/{frame}; ROOT has \"test_A\", \"test_B\" and \"test_inst\"",
                  "there is no folder ROOT/train_A, where the files of [labels] should lie; the layout vid2vid wants "
                  "{split}_A/{sequence}/{frame}; ROOT has \"test_A\", \"test_B\" and \"test_inst\""));
  EXPECT_EQ(findings(data.root(), "vid2vid", {{"split", std::string("test")}}).size(), 4U);
  EXPECT_THAT(findings(data.root() + "/nowhere", "vid2vid"),
              ElementsAre("there is no folder ROOT; give the folder of the data set, where its layout begins"));
  EXPECT_THAT(findings(data.file("image", 0, 0), "vid2vid"),
              ElementsAre("ROOT is no folder; give the folder of the data set, where its layout begins"));
  const TemporaryFolder empty;
  EXPECT_THAT(
      findings(empty.path(), "folders"),
      ElementsAre(
          "there is no folder ROOT/train/images, where the files of [image] should lie; ROOT has no folders at all"));
  std::filesystem::create_directories(empty / "train/images");
  const bool has_libav = NodeRunner::built_plugins().find("media.video") != nullptr;
  const std::string endings =
      has_libav ? ".png or .jpg or .jpeg or .bmp or .ppm or .pgm or .tif or .tiff or .webp" : ".png or .jpg or .jpeg";
  EXPECT_THAT(findings(empty.path(), "folders"),
              ElementsAre("the folder ROOT/train/images has no files of [image]; the layout folders wants "
                          "{split}/images/{sequence}/{frame} with an ending: " +
                          endings));
}

TEST(CheckData, LabelsOfAnEndingThatCannotHoldIdsAreTold) {
  const Miniature data("folders");
  std::vector<std::filesystem::path> labels;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(data.root() + "/train/labels"))
    if (entry.is_regular_file()) labels.push_back(entry.path());
  for (const std::filesystem::path& file : labels)
    std::filesystem::rename(file, std::filesystem::path(file).replace_extension(".jpg"));
  EXPECT_THAT(findings(data.root(), "folders"),
              ::testing::Contains(::testing::StartsWith("the folder ROOT/train/labels has no files of [labels]; ")));
}

TEST(CheckData, FilesThatCannotBeReadAreTold) {
  const Miniature data("folders");
  const std::string whole = testing::content_of(data.file("image", 0, 2));
  data.write("image", 0, 2, whole.substr(0, whole.size() / 2));
  data.write("image", 0, 3, "");
  data.write("labels", 1, 4,
             png_file({.width = 8, .height = 4, .colours = Png::Rgb, .rows = "b" + std::string(95, 'a')}));
  data.write("instances", 1, 0, jpeg_file(1, 1, 1));
  const std::vector<std::string> lines = findings(data.root(), "folders");
  EXPECT_THAT(
      std::vector(lines.begin(), lines.begin() + 3),
      ElementsAre(
          "ROOT/train/images/b2/f2.png is cut short: the picture is not whole (2 faulty files in image of sequence "
          "\"b2\"); write the file again, or remove the frame",
          "ROOT/train/labels/b10/f4.png holds colours, but ids are one number a pixel; `palette` or "
          "`palette_file` says which class has which colour; `weft data palette` writes such a file; else give grey "
          "PNGs, "
          "or PNGs with indices",
          "ROOT/train/instances/b10/f0.png is a JPEG, which changes numbers, so it cannot hold ids; give the PNG files "
          "that it was made from"));
}

TEST(CheckData, IdsThatTheTableHasNotAreTold) {
  const Miniature data("cityscapes");
  for (const int64_t t : {1, 3})
    data.write("labels", 0, t, png_file({.width = 8, .height = 4, .rows = std::string(31, 7) + "\x22"}));
  EXPECT_EQ(
      findings(data.root(), "cityscapes").front(),
      "ROOT/gtFine_sequence/train/ulm/ulm_000003_000001_gtFine_labelIds.png has the id 34, which is not in the "
      "table (2 faulty files in labels of sequence \"ulm_000003_000000\"); the layout cityscapes has the ids 0 to "
      "33; choose a `remap` with `other`, or write a layout of your own");
  EXPECT_EQ(findings(data.root(), "cityscapes", {{"remap", std::string("training_ids")}}).size(), 4U)
      << "the table has `other`";
}

TEST(CheckData, SizesThatDifferAreTold) {
  const Miniature data("folders");
  const std::string narrow = png_file({.width = 4, .height = 4, .colours = Png::Rgb, .rows = std::string(48, 'a')});
  data.write("image", 0, 1, narrow);
  data.write("image", 0, 4, narrow);
  for (int64_t t = 0; t < 12; ++t)
    data.write("labels", 1, t, png_file({.width = 4, .height = 2, .rows = std::string(8, 'a')}));
  for (int64_t t = 0; t < 12; ++t)
    data.write("instances", 1, t, png_file({.width = 4, .height = 4, .rows = std::string(16, 'a')}));
  const std::vector<std::string> lines = findings(data.root(), "folders", {{"only_headers", true}});
  EXPECT_THAT(std::vector(lines.begin(), lines.begin() + 3),
              ElementsAre("ROOT/train/images/b2/f1.png is 4x4, but ROOT/train/images/b2/f0.png is 8x4 (2 such files of "
                          "sequence \"b2\"); all frames of a sequence need one size; write them again, or remove them",
                          "ROOT/train/instances/b10/f0.png is 4x4, but ROOT/train/images/b10/f0.png of the same frame "
                          "is 8x4; files of one frame show the same scene, so they must have the same proportions",
                          "train: 2 sequences of 5 to 12 frames, 17 in all"));
}

}  // namespace
}  // namespace weft
