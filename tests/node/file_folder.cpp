#include "framework/node/file_folder.h"

#include "tests/plugins/text_files.h"

namespace weft {
namespace {

constexpr const char* kRelative =
    "\n  a path in a graph file is relative to that file, on the command line to the working directory";

using testing::error_of;

class FileFolders : public testing::TextFiles {
 protected:
  /// A reader of .txt files in the test's own folder.
  FileFolder folder(ParamValues values = {}) const {
    values.emplace("path", path());
    FileFolder opened("lists", {".txt"});
    Params params(values);
    opened.params(params);
    return opened;
  }

  std::vector<std::string> names_in(FileFolder folder) const {
    folder.open();
    std::vector<std::string> names;
    while (const auto file = folder.next()) names.push_back(std::filesystem::path(*file).filename());
    return names;
  }
};

TEST_F(FileFolders, GivesFilesInNaturalOrderAndPassesOverOthers) {
  for (const char* name : {"a10.txt", "a2.txt", "b.TXT", ".a1.txt", "a3.json"}) write(name, "");
  std::filesystem::create_directory(path("folder.txt"));
  EXPECT_EQ(names_in(folder()), (std::vector<std::string>{"a2.txt", "a10.txt", "b.TXT"}));
}

TEST_F(FileFolders, IsOneSequenceWithTheFoldersName) {
  write("a.txt", "");
  FileFolder opened = folder();
  EXPECT_EQ(opened.open(), std::filesystem::path(path()).filename());
  EXPECT_EQ(opened.open(), std::nullopt);
  EXPECT_EQ(opened.frames(), 1);
}

TEST_F(FileFolders, SubFoldersAreSequences) {
  for (const char* name : {"b10/x.txt", "b2/y.txt", "b2/x.txt", ".hidden/x.txt", "notes/x.md"}) {
    std::filesystem::create_directories(std::filesystem::path(path(name)).parent_path());
    write(name, "");
  }
  write("about.md", "");
  FileFolder opened = folder();
  EXPECT_EQ(opened.sequences(), (std::vector<std::string>{"b2", "b10"}));
  EXPECT_EQ(opened.open(), "b2");
  EXPECT_EQ(opened.frame_names(), (std::vector<std::string>{"x", "y"}));
  EXPECT_EQ(opened.next(), path("b2/x.txt"));
  EXPECT_EQ(opened.open(), "b10");
  EXPECT_EQ(opened.next(), path("b10/x.txt"));
  EXPECT_EQ(opened.next(), std::nullopt);
  EXPECT_EQ(opened.open(), std::nullopt);
  FileFolder other = folder();
  EXPECT_TRUE(other.skip_sequence());
  EXPECT_EQ(other.open(), "b10");
  EXPECT_FALSE(other.skip_sequence());
}

TEST_F(FileFolders, StartAndStopCutTheSequence) {
  for (const char* name : {"0.txt", "1.txt", "2.txt", "3.txt"}) write(name, "");
  const ParamValues middle = {{"start", int64_t{1}}, {"stop", int64_t{3}}};
  EXPECT_EQ(names_in(folder(middle)), (std::vector<std::string>{"1.txt", "2.txt"}));
  EXPECT_EQ(names_in(folder({{"stop", int64_t{9}}})).size(), 4U);
  EXPECT_EQ(error_of([&] {
              folder({{"start", int64_t{4}}}).open();
            }),
            "the folder " + path() + " has 4 frames, but `start` is 4\n  frames are counted from 0");
  EXPECT_EQ(error_of([&] {
              folder({{"start", int64_t{2}}, {"stop", int64_t{2}}}).open();
            }),
            "`stop` is 2, but reading begins at `start` = 2\n  `stop` is the frame before which reading "
            "ends, so it must "
            "be larger");
}

TEST_F(FileFolders, SaysWhatItLookedForAndFound) {
  const std::string none = "the folder " + path() + " has no lists\n  looked for files that end in .txt\n  ";
  const auto said = [&] { return error_of([&] { folder().open(); }); };
  EXPECT_EQ(said(), none + "it is empty");
  std::filesystem::create_directory(path("inner"));
  EXPECT_EQ(said(), none + "it has only folders without such files: \"inner\"");
  write("notes.md", "");
  EXPECT_EQ(said(), none + "it has \"notes.md\"");
}

TEST_F(FileFolders, RefusesWhatIsNoFolder) {
  const std::string file = write("a.txt", "");
  EXPECT_EQ(error_of([&] {
              folder({{"path", file}}).open();
            }),
            file + " is a file, but a folder of lists is wanted\n  give the folder that it lies in");
  EXPECT_EQ(error_of([&] {
              folder({{"path", path("none")}}).open();
            }),
            "there is no folder " + path("none") + kRelative);
}

TEST_F(FileFolders, ReadsSmallFilesOnly) {
  const std::string file = write("a.txt", "123456");
  EXPECT_EQ(read_small_file(file, 6), "123456");
  EXPECT_EQ(error_of([&] { read_small_file(file, 5); }),
            file + " has 6 B, which is too large for what it should be\n  such files have at most 5 B");
  EXPECT_EQ(error_of([&] { read_small_file(path("none"), 5); }),
            "cannot read " + path("none") + ": No such file or directory");
}

}  // namespace
}  // namespace weft
