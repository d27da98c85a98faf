// Data sets on the command line: what `weft data check` says, and that training reads the clips that it should.
#include "framework/base/text.h"
#include "tests/cli/program.h"
#include "tests/plugins/media/miniature.h"

#include <gmock/gmock.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <sstream>

namespace weft::testing {
namespace {

using ::testing::HasSubstr;
using ::testing::StartsWith;

class Data : public ProgramTest {};

/// A network that learns from images alone.
std::string training(const std::string& root, const std::string& of_clips = "", const std::string& read = "image") {
  return "[run]\nchunk = 2\nepochs = 4\ncheckpoint = \"1 steps\"\n"
         "[node.clips]\nuse = \"media.clips\"\nroot = \"" +
         root + "\"\nlength = 4\nstride = 2\n" + of_clips + "[node.G]\nuse = \"toy.scale\"\nin = \"clips." + read +
         "\"\nweight = 0.5\n[node.loss]\nuse = \"toy.mean\"\nin = \"G\"\n[weights]\nG = \"random\"\n"
         "[update.G]\nof = [\"G\"]\nlr = 0.01\n[update.G.loss]\nloss = 1.0\n";
}

TEST_F(Data, ASoundDataSetIsTold) {
  const Miniature data("cityscapes");
  const Outcome outcome = weft({"data", "check", data.root(), "--layout", "cityscapes"});
  EXPECT_EQ(outcome.exit, 0) << outcome.err;
  EXPECT_EQ(outcome.out,
            "ok     train: 2 sequences of 5 to 12 frames, 17 in all\nok     image: 17 files, 8x4\nok     labels: 17 "
            "files, 8x4, ids up to 22\nok     instances: 17 files, 8x4, ids up to 1268\n");
  EXPECT_EQ(outcome.err, "");
}

TEST_F(Data, FaultsEndWithTheCodeOfData) {
  const Miniature data("vid2vid");
  data.remove("labels", 1, 3);
  data.write("image", 0, 1, "no picture");
  const Outcome outcome = weft({"data", "check", data.root(), "--layout", "vid2vid"});
  EXPECT_EQ(outcome.exit, 4);
  EXPECT_EQ(outcome.out,
            "FAULT  labels of sequence \"deep/b10\" has 11 files, but image has 12; frames are matched by their order, "
            "so there must be as many of each\nFAULT  " +
                data.file("image", 0, 1) +
                " is no picture that can be read, although its name says so; convert it to PNG, or remove it from the "
                "folder\nok     train: 1 sequence of 5 frames, 5 in all\nok     image: 5 files, 8x4\nok     labels: 5 "
                "files, 8x4, ids up to 5\nok     instances: 5 files, 8x4, ids up to 261\n2 faults\n");
}

/// 68 landmarks on a line through the frame, in the form of dlib's users.
std::string landmarks(float scale = 1) {
  std::string rows;
  for (int i = 0; i < 68; ++i)
    rows += text(scale * 0.1F * static_cast<float>(i), ',', scale * 0.05F * static_cast<float>(i), '\n');
  return rows;
}

/// An OpenPose file of one person whose 25 joints lie at one place, or of nobody.
std::string people(std::optional<float> x) {
  if (!x) return "{\"people\": []}";
  std::string numbers = text(*x, ", 2, 1");
  for (int i = 1; i < 25; ++i) numbers += text(", ", *x, ", 2, 1");
  return text("{\"people\": [{\"pose_keypoints_2d\": [", numbers, "]}]}");
}

TEST_F(Data, KeypointsAreReadByTheirNodes) {
  const Miniature data("folders");
  const std::string train = data.root() + "/train/";
  for (size_t s = 0; s < 2; ++s) {
    for (int64_t t = 0; t < data.frames[s]; ++t) {
      const std::string frame = text(data.names[s], "/f", t);
      write(train + "landmarks/" + frame + ".txt", landmarks());
      write(train + "people/" + frame + ".json", people(t == 2 ? std::nullopt : std::optional(3.0F)));
    }
  }
  const Outcome sound = weft({"data", "check", data.root()});
  EXPECT_EQ(sound.exit, 0) << sound.out << sound.err;
  EXPECT_THAT(sound.out, HasSubstr("ok     landmarks: 17 frames in 2 sequences\n"
                                   "ok     people: 17 frames in 2 sequences, 2 without anybody\n"));

  write(train + "landmarks/b2/f3.txt", "1,2\n3,4\n");
  write(train + "landmarks/b10/f12.txt", landmarks());
  write(train + "people/b10/f1.json", people(13));
  write(train + "people/b10/f5.json", people(130));
  std::filesystem::remove_all(train + "people/b2");
  const Outcome faulty = weft({"data", "check", data.root()});
  EXPECT_EQ(faulty.exit, 4);
  EXPECT_THAT(faulty.out, HasSubstr("FAULT  " + train + "landmarks/b2/f3.txt"));
  EXPECT_THAT(faulty.out,
              HasSubstr("FAULT  landmarks of sequence \"b10\" has 13 frames, but there are 12 pictures; keypoints "
                        "and pictures are matched by their order, so there must be as many of each\n"));
  EXPECT_THAT(faulty.out,
              HasSubstr("FAULT  people of sequence \"b10\", frame 1 (f1): keypoints lie far outside of frames of 8x4 "
                        "(2 such frames); they must be in pixels of these frames"));
  EXPECT_THAT(faulty.out, HasSubstr("FAULT  the frames have the sequence \"b2\", but people has not; "));
  EXPECT_THAT(faulty.out, HasSubstr("\n4 faults\n"));
  EXPECT_THAT(weft({"data", "check", data.root(), "--only-headers"}).out, HasSubstr("\n2 faults\n"));
}

TEST_F(Data, ALayoutMayRequireKeypoints) {
  const Miniature data("vid2vid_faces");
  std::filesystem::remove(data.root() + "/train_keypoints");
  EXPECT_THAT(weft({"data", "check", data.root(), "--layout", "vid2vid_faces"}).out,
              StartsWith(text("FAULT  there is no folder ", data.root(),
                              "/train_keypoints, where the files of [landmarks] should "
                              "lie; the layout vid2vid_faces wants {split}_keypoints\n")));
}

TEST_F(Data, SplitsThatAreThereAreNamed) {
  for (const char* split : {"train", "val"})
    std::filesystem::create_directories(folder_ / "d/leftImg8bit" / split / "ulm");
  EXPECT_THAT(weft({"data", "check", "d", "--layout", "cityscapes_frames", "--split", "test"}).out,
              StartsWith("FAULT  there is no split d/leftImg8bit/test; d/leftImg8bit has \"train\" and \"val\"\n"));
}

TEST_F(Data, DataWithoutSplitsIsToldAsSuch) {
  std::filesystem::create_directories(folder_ / "d/images/s");
  EXPECT_EQ(
      weft({"data", "check", "d"}).out,
      "FAULT  there is no split d/train; the data has no splits: give `split = \".\"`, on the command line --split "
      ".\n1 fault\n");
}

TEST_F(Data, ProgramsReadJson) {
  const Miniature data("folders");
  data.write("image", 0, 1, "");
  const Outcome outcome = weft({"data", "check", data.root(), "--format", "json", "--only-headers"});
  EXPECT_EQ(outcome.exit, 4);
  const auto report = nlohmann::json::parse(outcome.out);
  EXPECT_EQ(report.at("faults"), 1);
  EXPECT_EQ(report.at("findings").size(), 6U);
  EXPECT_EQ(report.at("findings")[0].at("fault"), true);
  EXPECT_EQ(report.at("findings")[0].at("text"), data.file("image", 0, 1) + " is empty: it has 0 bytes");
}

TEST_F(Data, OptionsThatAreWrongAreToldAsSuch) {
  const Miniature data("cityscapes");
  expect_error(weft({"data", "check", data.root(), "--layout", "cityscape"}), 2,
               "weft: --layout: must be one of \"apolloscape\", \"camvid\", \"cityscapes\", \"cityscapes_frames\", "
               "\"folders\", \"kitti\", "
               "\"kitti_frames\", \"kitti_raw\", \"vid2vid\", \"vid2vid_densepose\", \"vid2vid_faces\" or "
               "\"vid2vid_pictures\", not "
               "\"cityscape\"\n  did "
               "you mean \"cityscapes\"?");
  expect_error(weft({"data", "check", data.root(), "--layout", "cityscapes", "--remap", "training"}), 2,
               "weft: the layout cityscapes has no table of ids \"training\"\n  there is \"training_ids\" or "
               "\"training_ids_with_void\"");
  expect_error(weft({"data", "check", data.root(), "--layout-file", "own.toml"}), 4,
               "weft: cannot read own.toml: No such file or directory");
  write("own.toml", "[image]\nfile = \"a\"\n");
  expect_error(weft({"data", "check", data.root(), "--layout-file", "own.toml"}), 4,
               "weft: own.toml: [image] has no `files`");
}

TEST_F(Data, LayoutsAreCompleted) {
  EXPECT_EQ(weft_out({"complete", "data", "check", "--layout", "kitti"}), "kitti\nkitti_frames\nkitti_raw\n");
  EXPECT_EQ(weft_out({"complete", "data", ""}), "check\npalette\n");
}

/// What the log of the newest run says of its steps, without times.
std::vector<std::string> steps_in(const std::string& log) {
  std::istringstream in(log);
  std::vector<std::string> steps;
  for (std::string line; std::getline(in, line);) {
    const auto record = nlohmann::json::parse(line);
    if (record.at("level") != "step") continue;
    steps.push_back(record.at("clip").get<std::string>() + ' ' + record.at("numbers").dump());
  }
  return steps;
}

TEST_F(Data, TrainingThatIsResumedSeesTheSameClips) {
  const Miniature data("folders");
  write_graph("g.toml", training(data.root()));
  ASSERT_EQ(weft({"train", "g.toml"}).exit, 0);
  const std::vector<std::string> whole = steps_in(read("runs/g/last/log.jsonl"));
  EXPECT_EQ(whole.size(), 16U) << "4 epochs of 2 clips of 2 chunks";
  for (const int stop : {1, 2, 3, 6, 9}) {
    ASSERT_EQ(weft({"train", "g.toml", "--steps", std::to_string(stop)}).exit, 0);
    const Outcome resumed = weft({"train", "g.toml", "--resume", "last"});
    EXPECT_EQ(resumed.exit, 0) << resumed.err;
    EXPECT_EQ(steps_in(read("runs/g/last/log.jsonl")), whole) << "stopped at step " << stop;
  }
}

TEST_F(Data, ClipsStandSideBySide) {
  const Miniature data("folders");
  write_graph("g.toml", training(data.root()));
  const Outcome outcome = weft({"train", "g.toml", "--set", "run.batch=2"});
  EXPECT_EQ(outcome.exit, 0) << outcome.err;
  EXPECT_THAT(outcome.err, HasSubstr("done: 8 steps, 32 frames in "));
}

TEST_F(Data, ClipsOfDifferentSizesCannotStandSideBySide) {
  const Miniature data("vid2vid_pictures");
  const std::string wide = png_file({.width = 12, .height = 4, .colours = Png::Rgb, .rows = std::string(144, 'a')});
  for (const char* kind : {"image", "condition"}) {
    for (int64_t t = 0; t < data.frames[0]; ++t) data.write(kind, 0, t, wide);
  }
  write_graph("g.toml", training(data.root(), "layout = \"vid2vid_pictures\"\n"));
  EXPECT_EQ(weft({"train", "g.toml"}).exit, 0);
  const Outcome outcome = weft({"train", "g.toml", "--set", "run.batch=2"});
  EXPECT_EQ(outcome.exit, 4);
  EXPECT_THAT(outcome.err, HasSubstr("values of one batch differ in size: "));
  EXPECT_THAT(outcome.err,
              HasSubstr("\n  set `size` on their source to resize all, or run.batch = 1 to allow different sizes"));
}

TEST_F(Data, PeopleComeAndGoInABatch) {
  std::string person = R"({"pose_keypoints_2d": [4, 1, 1)";
  for (int point = 1; point < 25; ++point) person += ", 4, 3, 1";
  person += "]}";
  const std::string nobody = R"({"people": []})";
  const std::string one = "{\"people\": [" + person + "]}", two = "{\"people\": [" + person + ", " + person + "]}";
  const std::vector<std::vector<std::string>> sequences = {{nobody, one, two, nobody}, {one, nobody, nobody, one}};
  for (size_t s = 0; s < sequences.size(); ++s) {
    for (size_t t = 0; t < sequences[s].size(); ++t) write(text("people/", s, "/", t, ".json"), sequences[s][t]);
  }
  write_graph("g.toml",
              "[run]\nchunk = 2\nbatch = 2\n[node.people]\nuse = \"pose.openpose_folder\"\npath = \"people\"\n"
              "[node.skeletons]\nuse = \"pose.draw\"\nin = \"people\"\nframe_size = [6, 8]\n"
              "[node.G]\nuse = \"toy.scale\"\nin = \"skeletons\"\nweight = 0.5\n"
              "[node.loss]\nuse = \"toy.mean\"\nin = \"G\"\n[weights]\nG = \"random\"\n"
              "[update.G]\nof = [\"G\"]\nlr = 0.01\n[update.G.loss]\nloss = 1.0\n");
  const Outcome outcome = weft({"train", "g.toml", "--steps", "2"});
  EXPECT_EQ(outcome.exit, 0) << outcome.err;
  EXPECT_THAT(outcome.err, HasSubstr("done: 2 steps, 8 frames in "));
}

TEST_F(Data, WhatTheDataSetLacksCannotBeRead) {
  const Miniature data("folders");
  for (size_t s = 0; s < 2; ++s) {
    for (int64_t t = 0; t < data.frames[s]; ++t) data.remove("condition", s, t);
  }
  write_graph("g.toml", training(data.root(), "", "condition"));
  for (const char* batch : {"run.batch=1", "run.batch=2"}) {
    const Outcome outcome = weft({"train", "g.toml", "--set", batch});
    EXPECT_EQ(outcome.exit, 4);
    EXPECT_THAT(outcome.err, HasSubstr("node \"clips\" has no condition in its data, but `clips.condition` is read\n  "
                                       "add them to the data, or remove the nodes that read them"));
  }
  write_graph("run.toml", "[run]\nbatch = 2\n[node.clips]\nuse = \"media.clips\"\nroot = \"" + data.root() +
                              "\"\nlength = 5\n[node.images]\nuse = \"media.write_images\"\nin = \"clips.image\"\npath "
                              "= \"out/{sequence}\"\n");
  const Outcome run = weft({"run", "run.toml"});
  EXPECT_EQ(run.exit, 0) << run.err;
  EXPECT_TRUE(has("out/b2/000004.png"));
  EXPECT_TRUE(has("out/b10/000004.png"));
}

TEST_F(Data, ThePaletteOfAFolderIsOneThatItsLabelsAreReadWith) {
  std::filesystem::create_directories(folder_ / "maps/a");
  const auto paint = [&](const char* name, const std::string& rows) {
    std::ofstream(folder_ / name, std::ios::binary) << png_file({.width = 3, .colours = Png::Rgb, .rows = rows});
  };
  paint("maps/a/1.png", "abcabcabc");
  paint("maps/a/2.png", "xyzabcxyz");
  const Outcome outcome = weft({"data", "palette", "maps"});
  EXPECT_EQ(outcome.exit, 0) << outcome.err;
  EXPECT_EQ(outcome.out,
            "about = \"the colours of the labels, the most frequent first\"\n\n[colours]\n0 = \"#616263\"\n"
            "1 = \"#78797a\"\n\n[names]\n0 = \"class 0\"\n1 = \"class 1\"\n");
  EXPECT_EQ(weft({"data", "palette", "nowhere"}).exit, 4);
}

TEST_F(Data, AColourOfAFewPixelsIsTold) {
  std::filesystem::create_directories(folder_ / "maps");
  std::string rows;
  for (int i = 0; i < 400 * 400; ++i) rows += i == 7 ? "xyz" : "abc";
  std::ofstream(folder_ / "maps/1.png", std::ios::binary)
      << png_file({.width = 400, .height = 400, .colours = Png::Rgb, .rows = rows});
  const Outcome outcome = weft({"data", "palette", "maps"});
  EXPECT_EQ(outcome.exit, 0);
  EXPECT_THAT(outcome.out, HasSubstr("1 = \"#78797a\"\n"));
  EXPECT_THAT(outcome.err, HasSubstr("class 1, #78797a, has 1 of 160000 pixels: "));
}

TEST_F(Data, GraphsForItAreWrittenFromWhatIsSeen) {
  const Miniature data("folders");
  const Outcome made = weft({"new", "graph", "street", data.root(), "-o", "mine"});
  EXPECT_EQ(made.exit, 0) << made.err;
  EXPECT_THAT(made.err, HasSubstr("17 frames of 8x4, 23 classes, with instances\n"));
  EXPECT_THAT(made.err, HasSubstr("show clips that were trained on"));
  EXPECT_THAT(read("mine/train.toml"), HasSubstr("base   = \"weft:own/train-street.toml\"\n"));
  EXPECT_THAT(read("mine/train.toml"), HasSubstr("size    = [4, 8]"));
  size_t lines = 0;
  for (const char* name : {"run", "train", "no-warp", "measure"}) {
    const std::string file = text("mine/", name, ".toml"), content = read(file);
    const Outcome check = weft({"check", file});
    EXPECT_EQ(check.exit, 0) << check.out;
    lines += static_cast<size_t>(std::count(content.begin(), content.end(), '\n'));
  }
  EXPECT_LT(lines, 60U);
  expect_error(weft({"new", "graph", "street", data.root(), "-o", "mine"}), 1,
               "weft: mine is there already, and nothing is overwritten\n  -o FOLDER writes elsewhere");
}

TEST_F(Data, GraphsKnowTheClassesOfHeldOutClips) {
  const Miniature data("folders");
  const std::filesystem::path root = data.root(), held_out = root / "val";
  std::filesystem::copy(root / "train", held_out, std::filesystem::copy_options::recursive);
  const std::filesystem::path file =
      held_out / std::filesystem::path(data.file("labels", 0, 0)).lexically_relative(root / "train");
  std::ofstream(file, std::ios::binary) << png_file({.width = 8, .height = 4, .rows = std::string(32, 40)});
  const Outcome made = weft({"new", "graph", "scenes", data.root(), "-o", "mine"});
  EXPECT_EQ(made.exit, 0) << made.err;
  EXPECT_THAT(made.err, HasSubstr("17 frames of 8x4, 41 classes"));
  std::ofstream(file, std::ios::binary) << "no picture";
  const Outcome refused = weft({"new", "graph", "scenes", data.root(), "-o", "yours"});
  EXPECT_EQ(refused.exit, 4);
  EXPECT_THAT(refused.err, HasSubstr("--split val` tells all that is wrong"));
}

TEST_F(Data, GraphsForPosesAndFacesTrainRunAndMeasure) {
  namespace fs = std::filesystem;
  const fs::path tiny = fs::path(WEFT_SOURCE_DIR) / "graphs/tiny";
  const auto copy = [&](const fs::path& from, const fs::path& to) {
    fs::create_directories(folder_ / to);
    fs::copy(tiny / from, folder_ / to, fs::copy_options::recursive);
  };
  copy("face/images", "face/images/a");
  copy("face/landmarks", "face/landmarks/a");
  copy("pose/densepose", "pose/train/images/a");  // pictures that the poses lie over serve as frames
  copy("pose/openpose", "pose/train/people/a");
  for (const std::string kind : {"face", "pose"}) {
    const std::string folder = "mine-" + kind;
    const Outcome made = weft({"new", "graph", kind, kind, "-o", folder});
    ASSERT_EQ(made.exit, 0) << made.err;
    size_t lines = 0;
    for (const std::string name : {"train", "no-warp", "run", "measure", "retarget"}) {
      const std::string file = text(folder, '/', name, ".toml"), content = read(file);
      if (name != "retarget") lines += static_cast<size_t>(std::count(content.begin(), content.end(), '\n'));
      const std::string verb = name == "measure" ? "eval" : name == "run" || name == "retarget" ? "run" : "train";
      std::vector<std::string> command = {verb,           file,
                                          "--run-folder", folder + "/runs",
                                          "--set",        "params.features=4",
                                          "--set",        "params.blocks=1",
                                          "--set",        "params.size=[32,32]"};
      if (verb == "train") command.insert(command.end(), {"--steps", "2"});
      if (name == "retarget" && kind == "pose") command.insert(command.end(), {"--set", "people=pose/train/people/a"});
      if (name == "retarget" && kind == "face")
        command.insert(command.end(), {"--set", "landmarks=face/landmarks", "--set", "frames=face/images"});
      const Outcome outcome = weft(command);
      EXPECT_EQ(outcome.exit, 0) << name << outcome.err;
    }
    EXPECT_LT(lines, 60U);
    EXPECT_TRUE(has(folder + "/out/a.mp4") || has("out/a.mp4"));
  }
  fs::remove_all(folder_ / "face/landmarks/a");
  EXPECT_EQ(weft({"new", "graph", "face", "face", "-o", "more/mine"}).exit, 4);
  EXPECT_FALSE(has("more")) << "no empty folder stays";
}

TEST_F(Data, GraphsForFaultyDataAreNotWritten) {
  const Miniature data("folders");
  data.remove("labels", 1, 3);
  const Outcome outcome = weft({"new", "graph", "scenes", data.root(), "-o", "mine"});
  EXPECT_EQ(outcome.exit, 4);
  EXPECT_THAT(outcome.err, HasSubstr("labels"));
  EXPECT_FALSE(std::filesystem::exists(folder_ / "mine")) << "no empty folder stays";
  EXPECT_EQ(weft({"new", "graph", "scenes", "nowhere", "-o", "mine"}).exit, 4);
}

}  // namespace
}  // namespace weft::testing
