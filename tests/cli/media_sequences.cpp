// Folders of sequences: each becomes outputs of its own.
#include "tests/cli/media_fixture.h"
#include "tests/plugins/media/files.h"
#include "tests/plugins/media/film.h"

#include <gmock/gmock.h>

namespace weft::testing {
namespace {

using ::testing::HasSubstr;

/// Folders of sequences: each becomes outputs of its own.
class SequencesOfMedia : public Media {
 protected:
  /// Writes sequences of as many label maps as `frames` says, called a, b, c …, and a graph that draws them.
  void write_sequences(const std::vector<uint32_t>& frames, const std::string& of_video = "out/{sequence}.mkv") const {
    for (size_t i = 0; i < frames.size(); ++i) {
      for (uint32_t t = 0; t < frames[i]; ++t)
        write("maps/" + std::string(1, static_cast<char>('a' + i)) + "/map_" + std::to_string(t) + ".png",
              labels(t + 5 * static_cast<uint32_t>(i)));
    }
    write_graph("g.toml",
                "[node.labels]\nuse = \"media.label_folder\"\npath = \"maps\"\n"
                "[node.colours]\nuse = \"semantics.colours\"\nin = \"labels\"\n"
                "[node.video]\nuse = \"media.write_video\"\nin = \"colours\"\npath = \"" +
                    of_video +
                    "\"\n"
                    "[node.images]\nuse = \"media.write_images\"\nin = \"colours\"\npath = \"out/{sequence}\"\n"
                    "name = \"real_A_{stem}.png\"\n");
  }
  /// All files below out/, with their content.
  std::map<std::string, std::string> outputs() const {
    std::map<std::string, std::string> files;
    for (const auto& entry : std::filesystem::recursive_directory_iterator(folder_ / "out")) {
      const std::string name = entry.path().lexically_relative(folder_ / "out");
      if (!entry.is_directory()) files[name] = content_of_file(entry.path());
    }
    return files;
  }
};

TEST_F(SequencesOfMedia, EachBecomesAnOutputOfItsOwn) {
  write_sequences({3, 4, 2});
  const Outcome run = weft({"run", "g.toml"});
  EXPECT_EQ(run.exit, 0) << run.err;
  EXPECT_THAT(run.err, HasSubstr("done: 9 frames in "));
  EXPECT_THAT(run.err, HasSubstr("\n  out/a.mkv\n  out/a/real_A_{stem}.png\n  out/b.mkv\n"));
  EXPECT_EQ(play(folder_ / "out/a.mkv").frames(), 3);
  EXPECT_EQ(play(folder_ / "out/b.mkv").frames(), 4);
  EXPECT_EQ(play(folder_ / "out/c.mkv").frames(), 2);
  EXPECT_TRUE(has("out/b/real_A_map_3.png"));
  EXPECT_EQ(outputs().size(), 3 + 9);
}

TEST_F(SequencesOfMedia, OneFileHoldsOneSequenceAlsoWhereTheirNumberIsNotKnownBefore) {
  write_graph("g.toml",
              "[node.street]\nuse = \"world.street\"\nframes = 2\nsequences = 2\nsize = [16, 32]\n"
              "[node.video]\nuse = \"media.write_video\"\nin = \"street.image\"\npath = \"out.mkv\"\n");
  for (const std::vector<std::string>& options : {std::vector<std::string>{}, {"--force"}}) {
    std::vector<std::string> command = {"run", "g.toml"};
    command.insert(command.end(), options.begin(), options.end());
    const Outcome run = weft(command);
    EXPECT_EQ(run.exit, 3);
    EXPECT_THAT(run.err, HasSubstr("out.mkv holds one sequence, but a second one has begun\n"));
    EXPECT_THAT(run.err, HasSubstr("write {sequence} in `path`"));
    std::filesystem::remove(folder_ / "out.mkv");
  }
}

TEST_F(SequencesOfMedia, NothingIsOverwrittenUnlessItIsForced) {
  write_sequences({3, 2});
  EXPECT_EQ(weft({"run", "g.toml"}).exit, 0);
  std::filesystem::remove(folder_ / "out/a.mkv");
  std::filesystem::remove_all(folder_ / "out/a");
  std::filesystem::remove_all(folder_ / "runs");
  write("out/b.mkv", "mine");
  expect_error(weft({"run", "g.toml"}), 1,
               "weft: out/b.mkv is already there\n  in node \"video\" (media.write_video), g.toml:8:7\n"
               "  --force replaces it; of `weft run`, --resume leaves out the sequences that are finished");
  EXPECT_FALSE(has("out/a.mkv")) << "nothing was computed";
  EXPECT_FALSE(has("runs"));
  EXPECT_EQ(read("out/b.mkv"), "mine");
  EXPECT_EQ(weft({"run", "g.toml", "--force"}).exit, 0);
  EXPECT_EQ(play(folder_ / "out/b.mkv").frames(), 2);
}

TEST_F(SequencesOfMedia, ResumeMakesOnlyWhatIsNotFinished) {
  write_sequences({3, 2, 4});
  EXPECT_EQ(weft({"run", "g.toml"}).exit, 0);
  const auto all = outputs();
  std::filesystem::remove(folder_ / "out/b.mkv");
  write("out/a.mkv", "taken for finished");
  const Outcome run = weft({"run", "g.toml", "--resume"});
  EXPECT_EQ(run.exit, 0) << run.err;
  EXPECT_THAT(run.err, HasSubstr("done: 2 frames in "));
  EXPECT_THAT(run.err, HasSubstr("\n  2 sequences finished before\n  out/b.mkv\n"));
  EXPECT_EQ(read("out/a.mkv"), "taken for finished");
  EXPECT_TRUE(read("out/b.mkv") == all.at("b.mkv"));
  const Outcome again = weft({"run", "g.toml", "--resume"});
  EXPECT_EQ(again.exit, 0) << again.err;
  EXPECT_THAT(again.err, HasSubstr("done: 0 frames in "));
  EXPECT_THAT(again.err, HasSubstr("\n  3 sequences finished before\n"));
}

TEST_F(SequencesOfMedia, AFailureKeepsWhatWasFinishedForResume) {
  write_sequences({3, 3});
  const std::string good = read("maps/b/map_2.png");
  write("maps/b/map_2.png", good.substr(0, 900));
  EXPECT_EQ(weft({"run", "g.toml"}).exit, 4);
  EXPECT_EQ(play(folder_ / "out/a.mkv").frames(), 3);
  EXPECT_FALSE(has("out/b.mkv"));
  EXPECT_EQ(play(folder_ / "out/b.part.mkv").frames(), 2);
  EXPECT_TRUE(has("out/b/unfinished/real_A_map_1.png"));
  write("maps/b/map_2.png", good);
  const Outcome run = weft({"run", "g.toml", "--resume"});
  EXPECT_EQ(run.exit, 0) << run.err;
  EXPECT_THAT(run.err, HasSubstr("done: 3 frames in "));
  EXPECT_EQ(play(folder_ / "out/b.mkv").frames(), 3);
  EXPECT_FALSE(has("out/b.part.mkv"));
  EXPECT_FALSE(has("out/b/unfinished"));
}

TEST_F(SequencesOfMedia, ABatchMakesTheSameFiles) {
  write_sequences({3, 3, 3, 2, 4, 4});  // side by side in threes: a b c, d, e f
  EXPECT_EQ(weft({"run", "g.toml"}).exit, 0);
  const auto alone = outputs();
  std::filesystem::remove_all(folder_ / "out");
  const Outcome run = weft({"run", "g.toml", "--set", "run.batch=3"});
  EXPECT_EQ(run.exit, 0) << run.err;
  EXPECT_THAT(run.err, HasSubstr("done: 19 frames in "));
  EXPECT_TRUE(outputs() == alone);
}

TEST_F(SequencesOfMedia, OneNameForSeveralIsRefused) {
  write_sequences({2, 2}, "out/all.mkv");
  expect_error(weft({"run", "g.toml"}), 3,
               "weft: g.toml:8:7: node \"video\" would write both \"a\" and \"b\" to out/all.mkv\n"
               "  write {sequence} in `path`: the name of each sequence takes its place");
  EXPECT_FALSE(has("out"));
}

TEST_F(SequencesOfMedia, SourcesMustHaveTheSameOnes) {
  write_sequences({2, 2});
  write("others/a/0.png", labels(0));
  write("others/c/0.png", labels(0));
  std::string graph = read("g.toml");
  write("g.toml", graph +
                      "[node.others]\nuse = \"media.label_folder\"\npath = \"others\"\n"
                      "[node.copies]\nuse = \"media.write_labels\"\nin = \"others\"\npath = \"copies/{sequence}\"\n");
  const Outcome run = weft({"run", "g.toml"});
  EXPECT_EQ(run.exit, 4);
  EXPECT_THAT(run.err, HasSubstr("node \"others\" has the sequence \"c\" where \"labels\" has \"b\""));
  write("others/d/0.png", labels(0));
  EXPECT_THAT(weft({"run", "g.toml"}).err, HasSubstr("node \"others\" has 3 sequences, but \"labels\" has 2"));
}

}  // namespace
}  // namespace weft::testing
