#include "framework/data/file_folder.h"

#include "framework/data/ordinary_file.h"
#include "framework/node/context.h"
#include "tests/plugins/text_files.h"

#include <gmock/gmock.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <map>
#include <set>
#include <utility>

namespace weft::data {
namespace {

constexpr const char* kRelative =
    "\n  a path in a graph file is relative to that file, a path on the command line to the working directory";

using testing::error_of;

class FileFolders : public testing::TextFiles {
 protected:
  /// A reader of .txt files in the test's own folder.
  data::FileFolder folder(ParamValues values = {}) const {
    values.emplace("path", path());
    data::FileFolder opened("lists", {".txt"});
    Params params(values);
    opened.params(params);
    return opened;
  }

  std::vector<std::string> names_in(data::FileFolder folder) const {
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
  data::FileFolder opened = folder();
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
  data::FileFolder opened = folder();
  EXPECT_EQ(opened.sequences(), (std::vector<std::string>{"b2", "b10"}));
  EXPECT_EQ(opened.open(), "b2");
  EXPECT_EQ(opened.frame_names(), (std::vector<std::string>{"x", "y"}));
  EXPECT_EQ(opened.next(), path("b2/x.txt"));
  EXPECT_EQ(opened.open(), "b10");
  EXPECT_EQ(opened.next(), path("b10/x.txt"));
  EXPECT_EQ(opened.next(), std::nullopt);
  EXPECT_EQ(opened.open(), std::nullopt);
  data::FileFolder other = folder();
  EXPECT_TRUE(other.skip_sequence());
  EXPECT_EQ(other.open(), "b10");
  EXPECT_FALSE(other.skip_sequence());
}

TEST_F(FileFolders, FilesBesideSequencesAreRefused) {
  for (const char* name : {"a/0.txt", "b/0.txt"}) {
    std::filesystem::create_directories(std::filesystem::path(path(name)).parent_path());
    write(name, "");
  }
  write("preview.txt", "");
  EXPECT_EQ(
      error_of([&] { folder().sequences(); }),
      "the folder " + path() +
          " has both lists (\"preview.txt\") and folders of them (\"a\" and \"b\")\n  move the files or the folders "
          "elsewhere: a folder is one sequence, or each of its folders is one");
}

TEST_F(FileFolders, EmptyFoldersAmongSequencesAreReported) {
  for (const char* name : {"a", "b", "c"}) std::filesystem::create_directory(path(name));
  write("a/0.txt", "");
  write("c/0.txt", "");
  data::FileFolder opened = folder();
  Log log(Log::Level::Normal);
  Context context("", 1, at::kCPU, at::kFloat, log);
  ::testing::internal::CaptureStderr();
  EXPECT_EQ(opened.open(context), "a");
  EXPECT_EQ(opened.open(context), "c");
  EXPECT_EQ(::testing::internal::GetCapturedStderr(),
            "warning: the folder " + path("b") + " has no lists: it is no sequence, and left out\n");
}

TEST_F(FileFolders, TwoFilesOfOneFrameAreRefused) {
  for (const char* name : {"1.txt", "2.txt", "2.TXT"}) write(name, "");
  EXPECT_EQ(error_of([&] { folder().open(); }),
            path("2.txt") + " and " + path("2.TXT") + " are two files of one frame\n  remove one of them");
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
            "`stop` is 2, but reading begins at `start` = 2\n  `stop` is the frame before which reading ends, so it "
            "must be larger than `start`");
}

/// What a folder gives as a clip, in training unless it is a run.
std::vector<std::string> clip_of(data::FileFolder folder, int64_t epoch, int64_t passed_over = 0,
                                 bool is_training = true) {
  Log log(Log::Level::Quiet);
  Context context("any", 1, at::kCPU, at::kFloat, log);
  context.set_training(is_training);
  context.set_epoch(epoch);
  for (int64_t i = 0; i < passed_over; ++i) folder.skip_sequence();
  const auto name = folder.open(context);
  std::vector<std::string> names = {name.value_or("none")};
  for (const std::string& frame : folder.frame_names()) names.push_back(frame);
  return names;
}

TEST_F(FileFolders, ClipsAreDrawnFromAllFrames) {
  for (const char* name : {"a", "b"}) std::filesystem::create_directories(path(name));
  for (const char* file : {"a/1.txt", "a/2.txt", "a/3.txt", "b/7.txt"}) write(file, "");
  using Names = std::vector<std::vector<std::string>>;
  EXPECT_EQ(folder({{"length", int64_t{2}}}).drawn_from(), (Names{{"1", "2", "3"}, {"7"}}));
  EXPECT_EQ(folder({{"length", int64_t{2}}, {"stop", int64_t{2}}}).drawn_from(), (Names{{"1", "2"}, {"7"}}));
  EXPECT_EQ(folder({}).drawn_from(), Names());
}

TEST_F(FileFolders, LengthMakesClips) {
  for (const char* folder : {"a", "b", "c"}) {
    std::filesystem::create_directories(path(folder));
    for (int frame = 0; frame < 9; ++frame) write(std::string(folder) + '/' + std::to_string(frame) + ".txt", "");
  }
  const ParamValues values = {{"length", int64_t{3}}, {"stride", int64_t{2}}};
  std::set<std::string> order, begins, steps;
  for (int64_t epoch = 0; epoch < 40; ++epoch) {
    std::set<std::string> seen;
    for (int64_t place = 0; place < 3; ++place) {
      const std::vector<std::string> clip = clip_of(folder(values), epoch, place);
      EXPECT_EQ(clip_of(folder(values), epoch, place), clip) << "the same for the same seed, epoch and sequence";
      ASSERT_EQ(clip.size(), 4U);
      seen.insert(clip[0]);
      if (place == 0) order.insert(clip[0]);
      begins.insert(clip[1]);
      steps.insert(std::to_string(std::stoi(clip[2]) - std::stoi(clip[1])));
      EXPECT_EQ(std::stoi(clip[3]) - std::stoi(clip[2]), std::stoi(clip[2]) - std::stoi(clip[1]));
    }
    EXPECT_EQ(seen, (std::set<std::string>{"a", "b", "c"})) << "an epoch has each once";
  }
  EXPECT_EQ(clip_of(folder(values), 0, 3), (std::vector<std::string>{"none"}));
  EXPECT_EQ(order.size(), 3U);
  EXPECT_EQ(begins.size(), 7U);
  EXPECT_EQ(steps, (std::set<std::string>{"1", "2"}));
  EXPECT_EQ(clip_of(folder(values), 5, 1, false), (std::vector<std::string>{"b", "0", "1", "2"}));
  EXPECT_EQ(clip_of(folder({{"stop", int64_t{2}}}), 5, 1), (std::vector<std::string>{"b", "0", "1"}))
      << "without it sequences stay as they are";
  EXPECT_EQ(error_of([&] {
              clip_of(folder({{"stride", int64_t{2}}}), 0);
            }),
            "`stride` is given, but it works only with clips: `length` is not given\n  add a length, such as `length = "
            "6`; 0 makes a clip as long as its sequence allows");
}

TEST_F(FileFolders, AnExampleIsAnotherFrameOfTheClipsSequence) {
  for (const char* folder : {"a", "b", "c"}) {
    std::filesystem::create_directories(path(folder));
    for (int frame = 0; frame < 9; ++frame) write(std::string(folder) + '/' + std::to_string(frame) + ".txt", "");
  }
  const ParamValues clips = {{"length", int64_t{3}}, {"stride", int64_t{2}}};
  for (int64_t epoch = 0; epoch < 20; ++epoch) {
    for (const bool is_training : {true, false}) {
      std::set<std::string> frames;
      for (int64_t place = 0; place < 3; ++place) {
        const std::vector<std::string> clip = clip_of(folder(clips), epoch, place, is_training);
        frames = {clip.begin() + 1, clip.end()};
        for (int64_t number = 1; number <= 2; ++number) {
          ParamValues values = clips;
          values.insert({{"example", number}, {"apart", std::vector<int64_t>{2, 5}}});
          const std::vector<std::string> example = clip_of(folder(values), epoch, place, is_training);
          ASSERT_EQ(example.size(), 2U);
          EXPECT_EQ(example[0], clip[0]) << "of the same sequence";
          frames.insert(example[1]);
        }
        EXPECT_EQ(frames.size(), 5U) << "all are different";
      }
    }
  }
  EXPECT_EQ(
      error_of([&] {
        clip_of(folder({{"example", int64_t{1}}}), 0);
      }),
      "`example` is given, but `length`, which makes clips of sequences, is not\n  add a length, such as `length = "
      "6`; 0 makes a clip as long as its sequence allows");
}

TEST_F(FileFolders, TheLengthOfAClipIsKnownBefore) {
  EXPECT_EQ(folder({}).frame_count(), std::nullopt);
  EXPECT_EQ(folder({{"length", int64_t{0}}}).frame_count(), std::nullopt) << "as long as its sequence allows";
  EXPECT_EQ(folder({{"length", int64_t{6}}}).frame_count(), 6);
  EXPECT_EQ(folder({{"length", int64_t{6}}, {"example", int64_t{1}}}).frame_count(), 1);
}

TEST_F(FileFolders, HeldOutSequencesAreNotRead) {
  for (const char* name : {"data/a", "data/b", "kept/c", "kept/b"}) {
    std::filesystem::create_directories(path(name));
    write(std::string(name) + "/0.txt", "");
  }
  const std::string kept = path("kept");
  EXPECT_EQ(error_of([&] {
              clip_of(folder({{"path", path("data")}, {"held_out", kept}}), 0);
            }),
            "1 sequence to be read is held out in " + kept +
                ": \"b\"\n  remove them from one of the two: what is measured must not be known from training");
}

TEST_F(FileFolders, ASingleSequenceCanBeHeldOutToo) {
  std::filesystem::create_directories(path("kept/a"));
  std::filesystem::create_directories(path("other/b"));
  write("kept/a/0.txt", "");
  const auto fault_of = [&](const std::string& held_out) {
    return error_of([&] { clip_of(folder({{"path", path("kept/a")}, {"held_out", held_out}}), 0); });
  };
  EXPECT_THAT(fault_of(path("kept")), ::testing::HasSubstr("1 sequence to be read is held out"));
  EXPECT_THAT(fault_of(path("kept/a")), ::testing::HasSubstr("1 sequence to be read is held out"));
  EXPECT_THAT(fault_of(path("nowhere")), ::testing::HasSubstr(path("nowhere")));
  EXPECT_EQ(clip_of(folder({{"path", path("kept/a")}, {"held_out", path("other")}}), 0),
            clip_of(folder({{"path", path("kept/a")}}), 0));
}

TEST_F(FileFolders, ClipsAreDrawnInProportionToTheFrames) {
  for (const auto& [name, frames] : {std::pair{"a", 30}, std::pair{"b", 10}}) {
    std::filesystem::create_directories(path(name));
    for (int frame = 0; frame < frames; ++frame) write(std::string(name) + '/' + std::to_string(frame) + ".txt", "");
  }
  const ParamValues values = {{"length", int64_t{2}}, {"clips", int64_t{0}}};
  std::map<std::string, int> count;
  std::set<std::vector<std::string>> clips;
  for (int64_t epoch = 0; epoch < 5; ++epoch) {
    for (int64_t place = 0; place < 40; ++place) {
      const std::vector<std::string> clip = clip_of(folder(values), epoch, place);
      ++count[clip[0]];
      clips.insert(clip);
    }
    EXPECT_EQ(clip_of(folder(values), epoch, 40), (std::vector<std::string>{"none"})) << "30 + 10 frames, 40 clips";
  }
  EXPECT_NEAR(count["a"], 150, 4 * 6.2) << "three of four in 200; four deviations";
  EXPECT_GT(clips.size(), 25U) << "29 and 9 are possible";
  EXPECT_EQ(clip_of(folder({{"length", int64_t{2}}, {"clips", int64_t{7}}}), 0, 7), (std::vector<std::string>{"none"}));
  EXPECT_EQ(clip_of(folder(values), 0, 2, false), (std::vector<std::string>{"none"})) << "a run gives each once";
  EXPECT_EQ(error_of([&] {
              clip_of(folder({{"clips", int64_t{2}}}), 0);
            }),
            "`clips` is given, but `length`, which makes clips of sequences, is not\n  add a length, such as `length = "
            "6`; 0 makes a clip as long as its sequence allows");
}

TEST_F(FileFolders, SaysWhatItLookedForAndFound) {
  const std::string none = "the folder " + path() + " has no lists\n  looked for files with the ending .txt\n  ";
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
            file + " is a file, but a folder of lists is wanted\n  give the folder that contains it");
  EXPECT_EQ(error_of([&] {
              folder({{"path", path("none")}}).open();
            }),
            "there is no folder " + path("none") + kRelative);
}

TEST_F(FileFolders, RefusesANulInItsPath) {
  write("a.txt", "");
  EXPECT_EQ(error_of([&] {
              folder({{"path", path() + std::string("\0/b", 3)}}).open();
            }),
            "a path has a NUL in it, behind \"" + path() + '"');
}

TEST_F(FileFolders, ALinkToItselfIsPassedOver) {
  std::filesystem::create_directory(path("a"));
  write("a/1.txt", "");
  std::filesystem::create_directory_symlink(".", path("self"));
  std::filesystem::create_directory_symlink("..", path("a/up"));
  std::filesystem::create_symlink("loop", path("loop"));
  EXPECT_EQ(folder().sequences(), std::vector<std::string>{"a"});
}

TEST_F(FileFolders, NamesThatWouldBeLinesOfMessagesAreRefused) {
  write("a.txt", "");
  write("b\n\x1b[31m.txt", "");
  EXPECT_EQ(error_of([&] { folder().sequences(); }), "the folder " + path("") +
                                                         " has a name with control characters: "
                                                         "\"b\\n\\u001B[31m.txt\"\n  rename it");
}

TEST_F(FileFolders, FilesThatAreNoneAreRefusedAtOnce) {
  const auto said = [&](const std::string& name) { return error_of([&] { data::read_small_file(path(name), 100); }); };
  ASSERT_EQ(mkfifo(path("pipe.txt").c_str(), 0600), 0);
  EXPECT_EQ(said("pipe.txt"), "cannot read " + path("pipe.txt") + ": it is a pipe, not an ordinary file");
  const int socket = ::socket(AF_UNIX, SOCK_STREAM, 0);
  sockaddr_un address{.sun_family = AF_UNIX, .sun_path = {}};
  ASSERT_LT(path("s.txt").size(), sizeof address.sun_path);
  path("s.txt").copy(address.sun_path, sizeof address.sun_path - 1);
  ASSERT_EQ(::bind(socket, reinterpret_cast<const sockaddr*>(&address), sizeof address), 0);
  EXPECT_EQ(said("s.txt"), "cannot read " + path("s.txt") + ": it is a socket, not an ordinary file");
  ::close(socket);
  std::filesystem::create_symlink("/dev/zero", path("zero.txt"));
  EXPECT_EQ(said("zero.txt"), "cannot read " + path("zero.txt") + ": it is a device, not an ordinary file");
  EXPECT_EQ(said(""), "cannot read " + path() + ": it is a folder, not an ordinary file");
  std::filesystem::create_symlink("loop.txt", path("loop.txt"));
  EXPECT_EQ(said("loop.txt"), "cannot read " + path("loop.txt") + ": Too many levels of symbolic links");
}

TEST_F(FileFolders, ReadsSmallFilesOnly) {
  const std::string file = write("a.txt", "123456");
  EXPECT_EQ(data::read_small_file(file, 6), "123456");
  EXPECT_EQ(error_of([&] { data::read_small_file(file, 5); }),
            file + " has 6 B, which is too large for what it should be\n  such files have at most 5 B");
  EXPECT_EQ(error_of([&] { data::read_small_file(path("none"), 5); }),
            "cannot read " + path("none") + ": No such file or directory");
}

TEST_F(FileFolders, TextsAreReadWithoutAByteOrderMark) {
  EXPECT_EQ(data::read_small_text(write("a.txt",
                                        "\xEF\xBB\xBF"
                                        "0.2 0"),
                                  100),
            "0.2 0");
  const std::string file = write("b.txt",
                                 "\xFF\xFE"
                                 "0");
  EXPECT_EQ(error_of([&] { data::read_small_text(file, 100); }),
            file + " is text in UTF-16\n  save it as UTF-8 or plain text");
}

}  // namespace
}  // namespace weft::data
