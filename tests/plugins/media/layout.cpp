#include "plugins/media/layout.h"

#include "framework/base/text.h"
#include "framework/data/tables.h"
#include "plugins/media/data_set.h"
#include "tests/plugins/media/files.h"
#include "tests/plugins/media/miniature.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>

namespace weft::media {
namespace {

using ::testing::ElementsAre;
using testing::error_of;
using ::testing::Pair;
using ::testing::StartsWith;
using testing::TemporaryFolder;

std::string fault_of(const std::string& toml) {
  return error_of([&] { read_layout(toml, "own", "own.toml"); });
}

TEST(LayoutText, HasTextsNumbersWordsAndPairs) {
  const data::Tables tables = data::read_tables(
      "# a layout\nabout = \"a # is no comment here\"\n\n[a.b]  # this is\nyes = true\nno=false\nnumber = -12\r\n"
      "pairs = [ [1, 2],\n  # between\n  [ 3 , 4 ] , ]\ntexts = [\"a\",\n\"b\", ]\n[empty]",
      "x.toml");
  EXPECT_EQ(std::get<std::string>(tables.at("").at("about").value), "a # is no comment here");
  EXPECT_TRUE(std::get<bool>(tables.at("a.b").at("yes").value));
  EXPECT_FALSE(std::get<bool>(tables.at("a.b").at("no").value));
  EXPECT_EQ(std::get<int64_t>(tables.at("a.b").at("number").value), -12);
  EXPECT_THAT(std::get<data::TableValue::Pairs>(tables.at("a.b").at("pairs").value),
              ElementsAre(Pair(1, 2), Pair(3, 4)));
  EXPECT_THAT(std::get<data::TableValue::Texts>(tables.at("a.b").at("texts").value), ElementsAre("a", "b"));
  EXPECT_EQ(tables.at("a.b").at("number").place, (Place{"x.toml", 7, 1}));
  EXPECT_TRUE(tables.at("empty").empty());
}

TEST(LayoutText, FaultsHaveAPlace) {
  const auto fault = [](const std::string& toml) { return error_of([&] { data::read_tables(toml, "x.toml"); }); };
  EXPECT_EQ(fault("a = 1\nb 2\n"), "x.toml:2:3: a = is expected here");
  EXPECT_EQ(fault("a = \"open\nb = 1\n"), "x.toml:1:10: a text ends with a \" on its line and has no \\");
  EXPECT_EQ(fault("a = 1 2\n"), "x.toml:1:7: the line should end here");
  EXPECT_EQ(fault("a = 1\na = 2\n"), "x.toml:2:6: `a` is given twice");
  EXPECT_EQ(fault("[t]\n[t]\n"), "x.toml:2:4: the table [t] is given twice");
  EXPECT_EQ(fault("a = [[1, 2] [3, 4]]\n"), "x.toml:1:13: a , or a ] is expected here");
  EXPECT_EQ(fault("a = tomorrow\n"), "x.toml:1:13: there is no value tomorrow");
  EXPECT_EQ(fault("= 1\n"), "x.toml:1:1: a name is expected here: letters, digits, _ and -");
  EXPECT_EQ(
      fault("a = 99999999999999999999\n"),
      "x.toml:1:25: a value is expected here: a text in \"\", a whole number, true, false, or pairs [[7, 0], [8, 1]]");
}

TEST(Layout, RefusesWhatItDoesNotKnow) {
  EXPECT_EQ(fault_of("pears = \"name\"\n"),
            "own.toml:1:1: a layout has no `pears`\n  there are about, pairs, cut_at_gaps");
  EXPECT_EQ(fault_of("[video]\nfiles = \"a\"\n"),
            "own.toml:2:1: a layout has no table [video]\n  there are splits, sequences, image, labels, instances, "
            "condition, people, landmarks and remap.NAME");
  EXPECT_EQ(fault_of("[image]\nfile = \"a\"\n"), "own.toml: [image] has no `files`");
  EXPECT_EQ(fault_of("[image]\nfiles = \"{frame}.png\"\nlargest_id = 3\n"),
            "own.toml:3:1: [image] has no `largest_id`\n  there are files, required, filter");
  EXPECT_EQ(fault_of("[image]\nfiles = 3\n"), "own.toml:2:1: `files` must be a text");
  EXPECT_EQ(fault_of("[image]\nfiles = \"{frame}.png\"\nfilter = \"sharp\"\n"),
            "own.toml:3:1: `filter` is \"sharp\", but may be \"bicubic\", \"bilinear\" or \"nearest\"");
  EXPECT_EQ(fault_of("[labels]\nfiles = \"{frame}.png\"\nlargest_id = 65536\n"),
            "own.toml:3:1: ids go from 0 to 65535, not 65536");
  EXPECT_EQ(fault_of("[remap.a]\nother = 1\n"), "own.toml: [remap.a] has no `pairs`");
  EXPECT_EQ(fault_of("about = \"nothing\"\n"), "own.toml: the layout names no files\n  [image] files = …");
}

TEST(Layout, RefusesPatternsThatTellNoFrames) {
  const auto fault = [](const std::string& pattern) {
    const std::string whole = fault_of("[image]\nfiles = \"" + pattern + "\"\n");
    EXPECT_THAT(whole, StartsWith("own.toml:2:1: the pattern \"" + pattern + "\" "));
    EXPECT_TRUE(whole.ends_with("\n  as in {split}/images/{sequence}/{frame}.png")) << whole;
    const std::string rest = whole.substr(("own.toml:2:1: the pattern \"" + pattern + "\" ").size());
    return rest.substr(0, rest.find('\n'));
  };
  EXPECT_EQ(fault("images/{sequence}/a.png"), "has no {frame} in the file's name");
  EXPECT_EQ(fault("{frame}/{sequence}/a_{frame}"), "has {frame} in a folder");
  EXPECT_EQ(fault("of_{sequence}/{frame}"), "has more than {sequence} in the name of a folder");
  EXPECT_EQ(fault("{sequence}/*/{frame}"), "has a * after {sequence}");
  EXPECT_EQ(fault("{sequence}/a/{sequence}/{frame}"), "has {sequence} twice");
  EXPECT_EQ(fault("{sequence}/{sequence}_{frame}"), "has {sequence} twice");
  EXPECT_EQ(fault("{sequence}{frame}"), "has nothing between {sequence} and {frame}, or {frame} first");
  EXPECT_EQ(fault("../{frame}"), "leads out of the data set");
}

TEST(LayoutText, ASplitStaysInTheDataSet) {
  for (const std::string folder : {"..", "a/../..", "/", "/etc"}) {
    EXPECT_EQ(fault_of("[splits]\ntrain = \"" + folder + "\"\n[image]\nfiles = \"{split}/{frame}\"\n"),
              "own.toml:2:1: the split \"" + folder + "\" leads out of the data set");
  }
}

TEST(LayoutText, KeypointsLieInAFolder) {
  const std::string image = "[image]\nfiles = \"{split}/{frame}\"\n";
  EXPECT_EQ(fault_of("[people]\nrequired = true\n" + image),
            "own.toml: [people] has no `folder`\n  folder = \"{split}/people\"");
  EXPECT_EQ(fault_of("[landmarks]\nfolder = \"../{split}\"\n" + image),
            "own.toml:2:1: the folder \"../{split}\" leads out of the data set");
  EXPECT_EQ(fault_of("[people]\nfolder = \"a\"\nfiles = \"b\"\n" + image).substr(0, 10), "own.toml:3");
}

/// "sequence/frame" of all files that a pattern finds.
std::vector<std::string> found(const std::string& pattern, const TemporaryFolder& folder, const std::string& split) {
  std::vector<std::string> names;
  for (const FoundFile& file : FilePattern(pattern).files(folder.path(), split, {".png", ".jpg"})) {
    EXPECT_TRUE(std::filesystem::is_regular_file(file.path)) << file.path;
    names.push_back(file.sequence + '/' + file.frame);
  }
  return names;
}

TEST(FilePattern, FindsFilesInNaturalOrder) {
  const TemporaryFolder folder;
  for (const char* name : {"train/a/x/f10.png", "train/a/x/f9.JPG", "train/a/x/.f1.png", "train/a/x/notes.txt",
                           "train/a/y.png", "train/b10/1.png", "train/b2/1.png", "val/c/1.png"}) {
    const std::filesystem::path file = folder / name;
    std::filesystem::create_directories(file.parent_path());
    folder.add(name, "");
  }
  EXPECT_THAT(found("{split}/{sequence}/{frame}", folder, "train"),
              ElementsAre("a/y", "a/x/f9", "a/x/f10", "b2/1", "b10/1"));
  EXPECT_THAT(found("{split}/{sequence}/{frame}.png", folder, "train"), ElementsAre("a/y", "a/x/f10", "b2/1", "b10/1"));
  EXPECT_THAT(found("{split}/*/{frame}", folder, "train"), ElementsAre("/1", "/1", "/y"));
  EXPECT_THAT(found("{split}/*/x/f{frame}", folder, "train"), ElementsAre("/9", "/10"));
  EXPECT_THAT(found("{sequence}/{frame}", folder, "."),
              ElementsAre("train/a/y", "train/a/x/f9", "train/a/x/f10", "train/b2/1", "train/b10/1", "val/c/1"));
  EXPECT_THAT(found("{split}/{sequence}/{frame}", folder, "test"), ElementsAre());
}

TEST(FilePattern, ASequenceMayHaveFoldersOfItsOwn) {
  const TemporaryFolder folder;
  for (const char* name :
       {"day1/b10/right/data/1.png", "day1/b2/right/data/2.png", "day1/b2/right/data/10.png",
        "day1/b2/right/data/more/3.png", "day1/b2/left/data/4.png", "day1/5.png", "day2/a/right/6.png"}) {
    const std::filesystem::path file = folder / name;
    std::filesystem::create_directories(file.parent_path());
    folder.add(name, "");
  }
  EXPECT_THAT(found("*/{sequence}/right/data/{frame}", folder, "train"), ElementsAre("b2/2", "b2/10", "b10/1"));
  EXPECT_THAT(found("day1/{sequence}/{split}/data/{frame}", folder, "left"), ElementsAre("b2/4"));
}

TEST(Layout, WhatIsThereTwiceIsAFault) {
  const TemporaryFolder folder;
  for (const char* name : {"day1/a/1.png", "day1/a/2.png", "day2/a/3.png", "day2/b/07.png", "day2/b/07.jpg",
                           "day2/b/7.png", "day2/b/x7.png"}) {
    const std::filesystem::path file = folder / name;
    std::filesystem::create_directories(file.parent_path());
    folder.add(name, "");
  }
  const Layout layout = read_layout("[image]\nfiles = \"*/{sequence}/{frame}\"\n", "own", "own.toml");
  std::vector<std::string> faults;
  for (const DataFault& fault : find_data(layout, folder.path(), ".").faults) faults.push_back(fault.what);
  ASSERT_EQ(faults.size(), 3);
  EXPECT_EQ(faults[0], text("the sequence \"a\" lies in two folders: ", folder / "day1/a", " and ", folder / "day2/a"));
  EXPECT_THAT(faults[1], StartsWith("the frame 07 of sequence \"b\" is there twice: "));
  EXPECT_THAT(faults[2], StartsWith("the frame 07 of sequence \"b\" is there twice: "));
}

TEST(Layout, ListsOfSequencesAreSplits) {
  const TemporaryFolder folder;
  for (const char* name : {"a", "b", "c", "d"}) {
    std::filesystem::create_directories(folder / name);
    folder.add(std::string(name) + "/1.png", "");
  }
  const Layout layout = read_layout(
      "[image]\nfiles = \"{sequence}/{frame}\"\nrequired = true\n"
      "[sequences]\nval = [\"c\"]\ntest = [\"a\", \"e\"]\nnone = [\"f\"]\n",
      "own", "own.toml");
  const auto names = [&](const std::string& split) {
    std::vector<std::string> names;
    for (const DataSequence& sequence : find_data(layout, folder.path(), split).sequences)
      names.push_back(sequence.name);
    return names;
  };
  EXPECT_THAT(names("train"), ElementsAre("b", "d"));
  EXPECT_THAT(names("val"), ElementsAre("c"));
  EXPECT_THAT(names("test"), ElementsAre("a"));
  EXPECT_THAT(names("."), ElementsAre("a", "b", "c", "d"));
  for (const auto& [split, lacks] : {std::pair{"test", "e"}, std::pair{"none", "f"}}) {
    const DataSet data = find_data(layout, folder.path(), split);
    ASSERT_EQ(data.faults.size(), 1) << split;
    EXPECT_EQ(data.faults.front().what, text("the sequence \"", lacks, "\" of the split ", split, " is not there"));
  }
  EXPECT_EQ(
      error_of([&] { find_data(layout, folder.path(), "tset"); }),
      "the layout own has no split \"tset\"\n  there is \"train\", \"none\", \"test\" or \"val\"; \".\" is the whole "
      "data set");
  EXPECT_EQ(fault_of("[sequences]\nval = [\"c\"]\ntest = [\"b\", \"c\"]\n"),
            "own.toml:2:1: the sequence \"c\" is in test and in val");
  EXPECT_EQ(fault_of("[sequences]\n"), "own.toml: [sequences] has no list");
  EXPECT_EQ(fault_of("[sequences]\nval = \"c\"\n"), "own.toml:2:1: `val` must be names of sequences, [\"a\", \"b\"]");
}

TEST(FilePattern, ALinkToAFolderAboveIsPassedOver) {
  const TemporaryFolder folder;
  std::filesystem::create_directories(folder / "train/a");
  folder.add("train/a/1.png", "");
  for (const char* name : {"train/a/self", "train/a/again", "train/a/top"})
    std::filesystem::create_directory_symlink("../../train/a", folder / name);
  std::filesystem::create_directory_symlink("..", folder / "train/up");
  std::filesystem::create_directory_symlink("a", folder / "train/b");
  std::filesystem::create_symlink("loop", folder / "train/a/loop");
  EXPECT_THAT(found("{split}/{sequence}/{frame}", folder, "train"), ElementsAre("a/1", "b/1"));
}

TEST(FilePattern, LinksThatMakeFoldersWithoutNumberAreRefused) {
  const TemporaryFolder folder;
  // Twenty folders, each with two links to the next one: a million ways down.
  for (int i = 0; i < 20; ++i) {
    std::filesystem::create_directory(folder / text(i));
    for (const char* name : {"x", "y"})
      std::filesystem::create_directory_symlink(text("../", i + 1), folder / text(i, '/', name));
  }
  std::filesystem::create_directory(folder / "20");
  const auto error = [&](const std::string& pattern) {
    return testing::error_of([&] { found(pattern, folder, "0"); });
  };
  EXPECT_THAT(error("{split}/{sequence}/{frame}"),
              ::testing::StartsWith("links lead more than 10000 times to folders"));
  std::string stars = "{split}";
  for (int i = 0; i < 20; ++i) stars += "/*";
  EXPECT_THAT(error(stars + "/{frame}"), ::testing::StartsWith("links lead more than 10000 times to folders"));
}

TEST(FilePattern, TakesNamesApartAtTheLastBreak) {
  const TemporaryFolder folder;
  for (const char* name :
       {"ulm_01_0002_rgb.png", "ulm_01_0001_rgb.png", "bonn_0001_rgb.png", "ulm_01_0001_id.png", "_1_rgb.png"})
    folder.add(name, "");
  EXPECT_THAT(found("{sequence}_{frame}_rgb.png", folder, ""), ElementsAre("bonn/0001", "ulm_01/0001", "ulm_01/0002"));
}

TEST(Layout, EachOfWeftsOwnHasAMiniature) {
  Params params;
  DataSetParams own;
  own.params(params);
  for (const ParamSpec& spec : params.specs()) {
    if (spec.name != "layout") continue;
    EXPECT_EQ(spec.choices, testing::Miniature::layouts());
  }
}

}  // namespace
}  // namespace weft::media
