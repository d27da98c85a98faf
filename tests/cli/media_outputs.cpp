// Folders of pictures as outputs: what is in them already, who else writes to them, who reads from them.
#include "tests/cli/media_fixture.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <sys/file.h>
#include <unistd.h>

#include <set>

namespace weft::testing {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

class OutputsOfMedia : public Media {
 protected:
  void write_counter(const std::string& writers) const {
    write_graph("g.toml",
                "[params]\nframes = 5\n[node.a]\nuse = \"toy.counter\"\nsize = [8, 8]\nframes = \"$frames\"\n"
                "[node.noise]\nuse = \"toy.noise\"\nin = \"a\"\n" +
                    writers);
  }
  static std::string writer(const std::string& node, const std::string& name) {
    return "[node." + node + "]\nuse = \"media.write_images\"\nin = \"noise\"\npath = \"out\"\nname = \"" + name +
           "\"\n";
  }
  std::set<std::string> names() const {
    std::set<std::string> names;
    for (const auto& entry : std::filesystem::directory_iterator(folder_ / "out"))
      names.insert(entry.path().filename());
    return names;
  }
};

TEST_F(OutputsOfMedia, FramesOfALongerRunBeforeGoWithForce) {
  write_counter(writer("images", "%06d.png"));
  ASSERT_EQ(weft({"run", "g.toml"}).exit, 0);
  write("out/note.txt", "mine");
  write("out/mine.png", "mine");
  EXPECT_EQ(weft({"run", "g.toml", "--set", "frames=2"}).exit, 1);
  EXPECT_EQ(names().size(), 7U);
  const Outcome again = weft({"run", "g.toml", "--set", "frames=2", "--force"});
  EXPECT_EQ(again.exit, 0);
  EXPECT_THAT(again.err, HasSubstr("out: 3 files of an earlier run removed"));
  EXPECT_THAT(names(), ElementsAre("000000.png", "000001.png", "mine.png", "note.txt"));
}

TEST_F(OutputsOfMedia, TwoWritersFillOneFolder) {
  // Every name of the second fits the pattern of the first.
  write_graph("h.toml", "[node.noise]\nuse = \"media.image_folder\"\npath = \"in\"\n" + writer("images", "{stem}.png") +
                            writer("again", "again_{stem}.png"));
  for (const char* name : {"a", "b"}) write(std::string("in/") + name + ".png", labels(3));
  const Outcome run = weft({"run", "h.toml"});
  ASSERT_EQ(run.exit, 0) << run.err;
  EXPECT_THAT(names(), ElementsAre("a.png", "again_a.png", "again_b.png", "b.png"));
  EXPECT_EQ(weft({"run", "h.toml", "--force"}).exit, 0);
  EXPECT_THAT(names(), ElementsAre("a.png", "again_a.png", "again_b.png", "b.png"));
}

TEST_F(OutputsOfMedia, AnotherRunThatFillsTheFolderUnderOtherNamesIsMet) {
  write_counter(writer("images", "frame_%03d.png"));
  std::filesystem::create_directory(folder_ / "out");
  const int other = ::open((folder_ / "out/.unfinished.lock").c_str(), O_RDWR | O_CREAT, 0666);
  ASSERT_EQ(::flock(other, LOCK_EX), 0);
  const Outcome run = weft({"run", "g.toml", "--run-folder", "none"});
  EXPECT_EQ(run.exit, 1);
  EXPECT_THAT(run.err, HasSubstr("out/frame_%03d.png is being written already"));
  ::close(other);
  EXPECT_EQ(weft({"run", "g.toml", "--run-folder", "none"}).exit, 0);
  EXPECT_EQ(names().size(), 5U);
}

TEST_F(OutputsOfMedia, WhatARunHasLeftUnfinishedIsNotReadWhereItWouldBeWritten) {
  write_graph("g.toml",
              "[node.a]\nuse = \"media.image_folder\"\npath = \"out/unfinished\"\n"
              "[node.images]\nuse = \"media.write_images\"\nin = \"a\"\npath = \"out\"\n");
  for (const char* name : {"000000", "000001"}) write(std::string("out/unfinished/") + name + ".png", labels(3));
  const Outcome run = weft({"run", "g.toml"});
  EXPECT_EQ(run.exit, 3);
  EXPECT_THAT(run.err, HasSubstr("out/unfinished is where out/%06d.png is written until it is complete, but is read by "
                                 "the node \"a\""));
  EXPECT_EQ(read("out/unfinished/000001.png"), labels(3));
}

}  // namespace
}  // namespace weft::testing
