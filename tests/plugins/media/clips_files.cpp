// Windows, tables of ids and layouts of media.clips, and files that do not belong together.
#include "tests/plugins/media/clips_node.h"
#include "tests/plugins/media/miniature.h"

#include <ATen/TensorOperators.h>
#include <ATen/core/Tensor.h>
#include <ATen/ops/equal.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <set>

namespace weft {
namespace {

using testing::Clips;
using testing::error_of;
using testing::Miniature;
using testing::Png;
using testing::png_file;
using testing::TemporaryFolder;
using testing::Use;

/// A picture whose red is its column and whose green is its row.
std::string ramp(uint32_t width, uint32_t height, bool is_grey) {
  std::string rows;
  for (uint32_t y = 0; y < height; ++y) {
    for (uint32_t x = 0; x < width; ++x) {
      rows += static_cast<char>(x);
      if (!is_grey) rows += std::string(1, static_cast<char>(y)) + '\0';
    }
  }
  return png_file({.width = width, .height = height, .colours = is_grey ? Png::Grey : Png::Rgb, .rows = rows});
}

/// x and y of the first corner of the window, then of the second.
using Corners = std::vector<double>;
Corners corners_of(const Clips& clips) {
  const at::Tensor& window = clips.tensor("window");
  EXPECT_EQ(window.sizes(), (std::vector<int64_t>{1, 2, 3}));
  EXPECT_EQ(window[0][0][2].item<double>() + window[0][1][2].item<double>(), 2);
  const auto number = [&](int64_t corner, int64_t axis) { return window[0][corner][axis].item<double>(); };
  return {number(0, 0), number(0, 1), number(1, 0), number(1, 1)};
}

Corners corners(int64_t left, int64_t top, int64_t right, int64_t bottom) {
  return {static_cast<double>(left), static_cast<double>(top), static_cast<double>(right), static_cast<double>(bottom)};
}

TEST(Clips, TheWindowIsInPixelsOfTheFile) {
  const TemporaryFolder folder;
  std::filesystem::create_directories(folder / "train/images");
  folder.add("train/images/a.png", ramp(100, 50, false));
  Clips whole(folder.path()), part(folder.path());
  whole.set("size", std::vector<int64_t>{8, 32}).run();
  EXPECT_EQ(corners_of(whole), (Corners{0, 0, 100, 50}));
  // Scaled to 80x40; the middle 32 columns begin at 24, and rows at 5 / 2, the middle of the uppermost eighth.
  part.set("scale", std::string("height")).set("load_size", int64_t{40});
  part.set("crop", std::string("square")).set("fine_size", int64_t{32}).run();
  EXPECT_EQ(corners_of(part), (Corners{30, 2.5, 70, 42.5}));
}

TEST(Clips, APartIsTheSameInAllFilesOfAClip) {
  const TemporaryFolder folder;
  for (const char* kind : {"images", "labels"}) {
    std::filesystem::create_directories(folder / (std::string("train/") + kind));
    for (const char* frame : {"/a.png", "/b.png"})
      folder.add(std::string("train/") + kind + frame, ramp(96, 64, kind == std::string("labels")));
  }
  std::set<int64_t> lefts, tops;
  for (int64_t epoch = 0; epoch < 40; ++epoch) {
    Clips clips(folder.path(), "folders", Use::Training, epoch);
    clips.set("crop", std::string("square")).set("fine_size", int64_t{32});
    at::Tensor first;
    for (int t = 0; t < 2; ++t) {
      const at::Tensor bytes = ((clips.run().tensor("image") + 1) * 127.5).round().to(at::kLong);  // [1, 3, 32, 32]
      EXPECT_EQ(bytes.sizes(), (std::vector<int64_t>{1, 3, 32, 32}));
      EXPECT_TRUE(at::equal(clips.tensor("labels"), bytes.narrow(1, 0, 1)));
      EXPECT_TRUE(t == 0 || at::equal(bytes, first));
      first = bytes;
    }
    const int64_t a = first[0][0][0][0].item<int64_t>(), b = first[0][0][0][31].item<int64_t>();
    EXPECT_EQ(std::abs(a - b), 31);
    const int64_t top = first[0][1][0][0].item<int64_t>();
    EXPECT_EQ(corners_of(clips), a < b ? corners(a, top, b + 1, top + 32) : corners(a + 1, top, b, top + 32));
    lefts.insert(std::min(a, b));
    tops.insert(first[0][1][0][0].item<int64_t>());
  }
  EXPECT_GT(lefts.size(), 10U);
  EXPECT_LE(*lefts.rbegin(), 64);
  EXPECT_EQ(tops.size(), 9U) << "0 to 64 / 8";
}

TEST(Clips, IdsBecomeThoseOfTheLayoutsTable) {
  const Miniature data("cityscapes");
  data.write("labels", 0, 0, png_file({.width = 8, .height = 4, .rows = std::string(30, 7) + "\x1a\x05"}));
  Clips clips(data.root(), "cityscapes");
  clips.set("remap", std::string("training_ids"));
  const at::Tensor& labels = clips.run().tensor("labels");
  EXPECT_EQ(labels[0][0][0][0].item<int64_t>(), 0);    // road
  EXPECT_EQ(labels[0][0][3][6].item<int64_t>(), 13);   // car
  EXPECT_EQ(labels[0][0][3][7].item<int64_t>(), 255);  // dynamic
  Clips with_void(data.root(), "cityscapes");
  with_void.set("remap", std::string("training_ids_with_void"));
  EXPECT_EQ(with_void.run().tensor("labels")[0][0][3][7].item<int64_t>(), 19);
  EXPECT_EQ(error_of([&] { Clips(data.root(), "cityscapes").set("remap", std::string("none")).run(); }),
            "the layout cityscapes has no table of ids \"none\"\n  there is \"training_ids\" or "
            "\"training_ids_with_void\"");
}

TEST(Clips, ALayoutMayBeAFile) {
  const Miniature data("folders");
  const TemporaryFolder folder;
  const std::string layout = folder.add("own.toml",
                                        "[image]\nfiles = \"train/images/b2/{frame}\"\n[labels]\nfiles = "
                                        "\"train/labels/b2/{frame}\"\n[remap.odd]\npairs = [[0, 9], [1, 8]]\n");
  Clips clips(data.root());
  clips.set("layout_file", layout).set("remap", std::string("odd"));
  EXPECT_EQ(clips.run().tensor("labels")[0][0][0][1].item<int64_t>(), 9);
  EXPECT_EQ(error_of([&] { clips.run(); }), data.file("labels", 0, 1) +
                                                " has the label id 2, which is not in the table of `remap`\n  `weft "
                                                "data check` lists such files; a table with `other` takes all ids");
}

TEST(Clips, WhatDoesNotBelongTogetherIsRefusedBeforeAnythingIsRead) {
  const Miniature data("vid2vid");
  data.remove("labels", 1, 3);
  data.remove("instances", 0, 0);
  EXPECT_EQ(error_of([&] { Clips(data.root(), "vid2vid").run(); }),
            "instances of sequence \"b2\" has 4 files, but image has 5 (and 1 more fault)\n  frames are matched by "
            "their order, so there must be as many of each\n  to see all: weft data check " +
                data.root() + " --layout vid2vid --split train");
}

TEST(Clips, FilesOfAnotherSizeAreRefusedUnlessAllAreBroughtToOne) {
  const Miniature data("folders");
  data.write("labels", 0, 1, ramp(4, 2, true));
  Clips clips(data.root());
  clips.run();
  EXPECT_EQ(error_of([&] { clips.run(); }),
            "the files of a clip differ in size: " + data.file("labels", 0, 1) + " is 4x2, but " +
                data.file("labels", 0, 0) + " is 8x4\n  `size = [height, width]` or `scale` resizes all to one size");
  Clips sized(data.root());
  sized.set("size", std::vector<int64_t>{8, 16});
  sized.run();
  EXPECT_EQ(sized.run().tensor("labels").sizes(), (std::vector<int64_t>{1, 1, 8, 16}));
}

}  // namespace
}  // namespace weft
