// Whole runs with files: label maps of a street in, a video out, and what happens when either fails.
#include "tests/cli/media_fixture.h"
#include "tests/plugins/media/files.h"
#include "tests/plugins/media/film.h"

#include <gmock/gmock.h>

#include <csignal>

namespace weft::testing {
namespace {

using ::testing::HasSubstr;
using ::testing::MatchesRegex;

TEST_F(Media, AStreetBecomesAVideoThatPlays) {
  write_street();
  fill_weights();
  const Outcome run = weft(small({"run", "--peek", "F.flow", "--peek", "F.mask", "--seed", "1"}));
  EXPECT_EQ(run.exit, 0) << run.err;
  EXPECT_THAT(run.err, HasSubstr("done: 6 frames in "));
  for (const char* file : {"out/street.mp4", "out/street.F.flow.mp4", "out/street.F.mask.mp4"}) {
    EXPECT_THAT(run.err, HasSubstr(std::string("\n  ") + file + "\n"));
    const Film film = play(folder_ / file);
    EXPECT_EQ(film.width, 64);
    EXPECT_EQ(film.height, 32);
    EXPECT_EQ(film.frames(), file == std::string("out/street.mp4") ? 6 : 4) << file << ": networks run from t = 2 on";
  }
  // The first two frames are given: grey 100 and 101 of 255, in limited range.
  EXPECT_NEAR(play(folder_ / "out/street.mp4").middles.at(0).at(0), 16 + 219 * 100 / 255.0, 3);
}

TEST_F(Media, PeeksOfAGraphThatWritesNoVideoHaveTheNamesOfTheirStreams) {
  write("numbers.toml",
        "format = 1\n[node.street]\nuse = \"world.street\"\nsize = [32, 64]\nframes = 2\n"
        "[node.sharp]\nuse = \"metric.sharpness\"\nin.image = \"street.image\"\nin.reference = \"street.image\"\n"
        "[node.say]\nuse = \"metric.report\"\nin = \"sharp\"\nname = \"sharpness\"\n");
  const Outcome run = weft({"run", "numbers.toml", "--peek", "street.image", "--peek", "street.labels"});
  EXPECT_EQ(run.exit, 0) << run.err;
  for (const char* file : {"street.image.mp4", "street.labels.mp4"}) EXPECT_EQ(play(folder_ / file).frames(), 2);
}

TEST_F(Media, PeeksLieBesideAFolderOfImages) {
  write("pictures.toml",
        "format = 1\n[node.street]\nuse = \"world.street\"\nsize = [32, 64]\nframes = 2\n"
        "[node.pictures]\nuse = \"media.write_images\"\nin = \"street.image\"\npath = \"out/pictures/\"\n");
  const Outcome run = weft({"run", "pictures.toml", "--peek", "street.labels"});
  EXPECT_EQ(run.exit, 0) << run.err;
  EXPECT_EQ(play(folder_ / "out/pictures.street.labels.mp4").frames(), 2);
}

TEST_F(Media, TheGraphOfTheRunFolderMakesTheSameVideo) {
  write_street();
  fill_weights();
  EXPECT_EQ(weft(small({"run", "--frames", "3..4"})).exit, 0);
  const std::string first = read("out/street.mp4");
  std::filesystem::remove_all(folder_ / "out");
  const Outcome again = weft({"run", "runs/street/last/graph.toml", "--frames", "3..4", "--run-folder", "none"});
  EXPECT_EQ(again.exit, 0) << again.err;
  EXPECT_EQ(play(folder_ / "out/street.mp4").frames(), 2);
  EXPECT_TRUE(read("out/street.mp4") == first);
}

TEST_F(Media, HalfPrecisionMakesNearlyTheSameVideo) {
  write_street();
  fill_weights();
  EXPECT_EQ(weft(small({"run", "--frames", "..3"})).exit, 0);
  const Film full = play(folder_ / "out/street.mp4");
  const Outcome run = weft(small({"run", "--frames", "..3", "--precision", "bf16", "--force"}));
  EXPECT_EQ(run.exit, 0) << run.err;
  const Film half = play(folder_ / "out/street.mp4");
  ASSERT_EQ(half.frames(), 4);
  // bf16 keeps 8 bits: a few grey levels of 255 after some layers.
  for (size_t t = 0; t < 4; ++t) EXPECT_NEAR(half.middles[t][0], full.middles[t][0], 12) << t;
}

TEST_F(Media, AVideoGoesToStandardOutputAndComesFromAFile) {
  write_graph("g.toml",
              "[node.a]\nuse = \"toy.counter\"\nsize = [16, 16]\nframes = 3\n"
              "[node.video]\nuse = \"media.write_video\"\nin = \"a\"\npath = \"-\"\nfps = \"30000/1001\"\n");
  const Outcome run = weft({"run", "g.toml", "--run-folder", "none"});
  EXPECT_EQ(run.exit, 0) << run.err;
  write("piped.mkv", run.out);
  const Film film = play(folder_ / "piped.mkv");
  EXPECT_EQ(film.frames(), 3);
  EXPECT_DOUBLE_EQ(film.frames_per_second, 30000.0 / 1001);
  write_graph("again.toml",
              "[node.a]\nuse = \"media.video\"\npath = \"piped.mkv\"\n"
              "[node.video]\nuse = \"media.write_video\"\nin = \"a\"\npath = \"out/{sequence}.gif\"\n"
              "fps = 10\n");
  const Outcome again = weft({"run", "again.toml"});
  EXPECT_EQ(again.exit, 0) << again.err;
  EXPECT_THAT(again.err, HasSubstr("\n  out/piped.gif\n"));
  EXPECT_EQ(play(folder_ / "out/piped.gif").frames(), 3);
}

TEST_F(Media, ADryRunReadsNoFrames) {
  write_street();
  write("labels/frame_0.png", "no picture");
  fill_weights();
  const Outcome run = weft(small({"run", "--dry-run"}));
  EXPECT_EQ(run.exit, 0) << run.err;
}

TEST_F(Media, CheckReadsTheDataWithoutWeights) {
  write_street();
  const Outcome good = weft(small({"check", "--data"}));
  EXPECT_EQ(good.exit, 0) << good.err;
  EXPECT_THAT(good.out, HasSubstr("\n  labels: 6 frames of [1, 1, 32, 64]\n"));
  write("labels/frame_3.png", labels(3, 35));
  const Outcome bad = weft(small({"check", "--data"}));
  EXPECT_EQ(bad.exit, 4);
  EXPECT_THAT(bad.err,
              HasSubstr("\nweft: the label id 35 is none of the 35 classes (0 to 34), in 1 pixel of this frame\n"));
  std::filesystem::remove_all(folder_ / "labels");
  const Outcome missing = weft(small({"check", "--data"}));
  EXPECT_EQ(missing.exit, 4);
  EXPECT_EQ(missing.err,
            "weft: there is no folder labels\n  in node \"labels\" (media.label_folder), frame 0, "
            "SOURCE/graphs/vid2vid/street.toml:19:7\n  a path in a graph file is relative to that file, a path on the "
            "command line to the working directory\n");
}

class BadData : public Media {
 protected:
  /// Runs `labels` through one_hot, as the street does, and expects one error.
  void expect_fault(const std::string& message, const std::string& more = "") const {
    write_graph("g.toml", "[node.labels]\nuse = \"media.label_folder\"\npath = \"labels\"\n" + more +
                              "[node.semantics]\nuse = \"semantics.one_hot\"\nin = \"labels\"\nclasses = 35\n"
                              "[node.show]\nuse = \"image.show\"\nkind = \"semantics\"\nin = \"semantics\"\n"
                              "[node.video]\nuse = \"media.write_video\"\nin = \"show\"\npath = \"out.mp4\"\n");
    expect_error(weft({"run", "g.toml"}), 4, message);
  }
};

TEST_F(BadData, APictureThatIsCutShortIsNamed) {
  for (uint32_t t = 0; t < 3; ++t) write("labels/" + std::to_string(t) + ".png", labels(t));
  write("labels/3.png", labels(3).substr(0, 1000));
  expect_fault(
      "out.part.mp4 holds the frames written before the end\nweft: labels/3.png is cut short: the picture is not "
      "whole\n  in node \"labels\" (media.label_folder), frame 3, g.toml:2:7");
  EXPECT_EQ(play(folder_ / "out.part.mp4").frames(), 3) << "what was written before is playable";
}

TEST_F(BadData, SizesThatDifferAreNamed) {
  write("labels/0.png", labels(0));
  write("labels/1.png", labels(1, 23, 16));
  expect_fault(
      "weft: frames differ in size: labels/1.png is 64x16, but labels/0.png is 64x32\n  in node \"labels\" "
      "(media.label_folder), frame 0, g.toml:2:7\n  `size = [height, width]` resizes all to one size");
}

TEST_F(BadData, AnEmptyFolderIsNamed) {
  std::filesystem::create_directory(folder_ / "labels");
  expect_fault(
      "weft: the folder labels has no pictures\n  in node \"labels\" (media.label_folder), frame 0, g.toml:2:7\n  "
      "looked for files with the ending .png, .bmp, .ppm, .pgm, .tif, .tiff\n  it is empty");
}

TEST_F(BadData, AFolderThatIsNotThereIsNamed) {
  expect_fault(
      "weft: there is no folder labels\n  in node \"labels\" (media.label_folder), frame 0, g.toml:2:7\n  a path in a "
      "graph file is relative to that file, a path on the command line to the working directory");
}

TEST_F(BadData, ALabelAboveTheClassesIsNamed) {
  write("labels/0.png", labels(0));
  write("labels/1.png", labels(1, 35));
  expect_fault(
      "out.part.mp4 holds the frames written before the end\nweft: the label id 35 is none of the 35 classes (0 to "
      "34), in 1 pixel of this frame\n  its inputs: labels [1, 1, 32, 64]\n  in node \"semantics\" "
      "(semantics.one_hot), frame 1, g.toml:5:7\n  semantics.remap in front of it converts ids\n  `ignore = [35]` or "
      "`outside = \"drop\"` sets such pixels to 0 in all channels");
  EXPECT_EQ(play(folder_ / "out.part.mp4").frames(), 1);
}

class BadEnd : public Media {};

TEST_F(BadEnd, AFullDiskLeavesAVideoThatPlays) {
  write_noise("frames = 200\n");
  Surroundings surroundings;
  surroundings.largest_file = 100'000;
  const Outcome run = weft({"run", "g.toml"}, surroundings);
  EXPECT_EQ(run.signal, 0);
  EXPECT_EQ(run.exit, 1);
  EXPECT_THAT(
      run.err,
      MatchesRegex(
          "images/unfinished holds the [0-9]+ frames written before the end\nweft: cannot write out\\.part\\.mp4: File "
          "too large\n  its inputs: in .1, 3, 64, 64.\n  in node \"video\" \\(media\\.write_video\\), frame [0-9]+, "
          "g\\.toml:9:7\n  the frames written so far can be played\n"));
  EXPECT_GE(play(folder_ / "out.part.mp4").frames(), 5);
}

TEST_F(BadEnd, AFolderThatIsClosedIsNamed) {
  write_noise("frames = 2\n");
  std::filesystem::create_directory(folder_ / "closed");
  std::filesystem::permissions(folder_ / "closed",
                               std::filesystem::perms::owner_read | std::filesystem::perms::owner_exec);
  Surroundings surroundings;
  surroundings.obeys_permissions = true;
  const Outcome run = weft({"run", "g.toml", "--set", "video.path=closed/out.mp4"}, surroundings);
  EXPECT_EQ(run.exit, 1);
  EXPECT_THAT(run.err, HasSubstr("weft: cannot write closed/out.part.mp4: Permission denied\n"
                                 "  its inputs: in [1, 3, 64, 64]\n"
                                 "  in node \"video\" (media.write_video), frame 0, g.toml:9:7\n"));
}

TEST_F(Media, AnAddressIsTakenFromTheCommandLineAlone) {
  write_graph("g.toml",
              "[params]\nurl = { about = \"the stream\" }\n[node.a]\nuse = \"media.stream\"\nurl = \"$url\"\n"
              "[node.write]\nuse = \"media.write_video\"\nin = \"a\"\npath = \"out.mp4\"\n");
  EXPECT_EQ(weft({"check", "g.toml", "--set", "url=tcp://127.0.0.1:1"}).exit, 0);
  write_graph("h.toml", "base = \"./g.toml\"\n[params]\nurl = \"tcp://127.0.0.1:1\"\n");
  const Outcome check = weft({"check", "h.toml"});
  EXPECT_EQ(check.exit, 3);
  EXPECT_THAT(check.out, HasSubstr("h.toml:4:7: error E211: node \"a\": `url` has the address \"tcp://127.0.0.1:1\""));
  EXPECT_EQ(weft({"check", "h.toml", "--trust"}).exit, 0);
  EXPECT_EQ(weft({"check", "h.toml", "--set", "url=tcp://127.0.0.1:2"}).exit, 0);
  const Outcome run = weft({"run", "h.toml", "--trust"});
  EXPECT_EQ(run.exit, 4);
  EXPECT_THAT(run.err, HasSubstr("tcp://127.0.0.1:1 cannot be opened: Connection refused"));
}

TEST_F(BadEnd, AStopInMidRunLeavesAVideoThatPlays) {
  write_noise("frames = 1000000\nmilliseconds = 5\n");
  Surroundings surroundings;
  surroundings.meanwhile = [this](pid_t program) {
    EXPECT_TRUE(wait_until([this] { return images() >= 7; }));
    kill(program, SIGTERM);
  };
  const Outcome run = weft({"run", "g.toml"}, surroundings);
  EXPECT_EQ(run.exit, 128 + SIGTERM);
  EXPECT_THAT(run.err, HasSubstr("\nstopped: "));
  EXPECT_THAT(run.err, HasSubstr("out.part.mp4 holds the frames written before the end\n"));
  EXPECT_EQ(play(folder_ / "out.part.mp4").frames(), images()) << "every frame that was computed is written";
}

TEST_F(BadEnd, AKilledProgramLeavesAVideoThatPlays) {
  write_noise("frames = 1000000\nmilliseconds = 5\n");
  Surroundings surroundings;
  surroundings.meanwhile = [this](pid_t program) {
    EXPECT_TRUE(wait_until([this] { return images() >= 25; }));
    kill(program, SIGKILL);
  };
  EXPECT_EQ(weft({"run", "g.toml"}, surroundings).signal, SIGKILL);
  // A fragment a second, and the writer may be a few frames behind that of the images.
  EXPECT_GE(play(folder_ / "out.part.mp4").frames(), 10);
}

}  // namespace
}  // namespace weft::testing
