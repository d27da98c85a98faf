// `weft train` as a user runs it: what it leaves, how it ends, and that nothing which was saved is ever lost.
#include "tests/cli/program.h"
#include "tests/toy/recurrence.h"

#include <gmock/gmock.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <chrono>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <thread>

namespace weft::testing {
namespace {

namespace fs = std::filesystem;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::StartsWith;

/// y_t = w y_{t-1} + x_t plus noise that depends on what was before; a frame takes two milliseconds.
const std::string kTraining = R"([run]
chunk = 3
bptt = 3
epochs = 2
checkpoint = "1 steps"
[node.x]
use = "toy.ramp"
frames = 11
sequences = 3
milliseconds = 2
)" + kNoisyRecurrence + R"([node.loss]
use = "toy.mean"
in = "y"
)" + kLearning;

class TrainVerb : public ProgramTest {
 protected:
  /// The newest checkpoint of the newest run.
  std::string newest() const {
    std::string newest;
    std::error_code error;
    for (const auto& entry : fs::directory_iterator(folder_ / "runs/g/last/checkpoints", error)) {
      if (entry.path().extension() == ".safetensors") newest = std::max(newest, fs::absolute(entry.path()).string());
    }
    return newest;
  }
  /// The steps that the log of the newest run holds, in its order.
  std::vector<int> steps_logged() const {
    std::istringstream log(read("runs/g/last/log.jsonl"));
    std::vector<int> steps;
    for (std::string line; std::getline(log, line);) {
      const auto record = nlohmann::json::parse(line);
      if (record.at("level") == "step") steps.push_back(record.at("step"));
    }
    return steps;
  }
  /// Ends the program with `signal` once a checkpoint of at least this step is there.
  Surroundings ended_by(int signal, int step) const {
    Surroundings surroundings;
    surroundings.meanwhile = [=, this](pid_t program) {
      char name[40];
      std::snprintf(name, sizeof name, "%08d", step);
      for (int i = 0; i < 2000 && fs::path(newest()).filename().string() < name; ++i)
        std::this_thread::sleep_for(std::chrono::milliseconds(2));
      ::kill(program, signal);
    };
    return surroundings;
  }
};

TEST_F(TrainVerb, TheGraphOfARunFolderTrainsAndRunsByItself) {
  std::string graph = kTraining;
  graph.replace(graph.find("[run]\n"), 6, "[run]\nshow = [\"real\", \"y\"]\n");
  graph.replace(graph.find("[stream]\n"), 9, "[stream]\nreal = \"x\"\n");
  write_graph("g.toml", graph + "[node.w]\nuse = \"toy.write\"\nin = \"y\"\npath = \"out.txt\"\n");
  ASSERT_EQ(weft({"train", "g.toml", "--threads", "1"}).exit, 0);
  const std::string weights = read("runs/g/last/weights/G.safetensors");
  write("trained.toml", read("runs/g/last/graph.toml"));
  const Outcome trained = weft({"train", "trained.toml", "--threads", "1"});
  ASSERT_EQ(trained.exit, 0) << trained.err;
  EXPECT_EQ(read("runs/trained/last/weights/G.safetensors"), weights);
  ASSERT_EQ(weft({"run", "g.toml"}).exit, 0);
  const std::string out = read("out.txt");
  write("run.toml", read("runs/g/last/graph.toml"));
  EXPECT_THAT(read("run.toml"), Not(HasSubstr("[update"))) << "a run trains nothing";
  const Outcome run = weft({"run", "run.toml", "--force"});
  EXPECT_EQ(run.exit, 0) << run.err;
  EXPECT_EQ(read("out.txt"), out);
}

TEST_F(TrainVerb, LeavesWeightsCheckpointsLogAndCurves) {
  write_graph("g.toml", kTraining);
  const Outcome outcome = weft({"train", "g.toml"});
  EXPECT_EQ(outcome.exit, 0) << outcome.err;
  EXPECT_THAT(outcome.err, HasSubstr("done: 24 steps, 66 frames in "));
  for (const char* file : {"graph.toml", "lock.toml", "weights/G.safetensors", "events.out.tfevents.weft",
                           "report.html", "checkpoints/00000022.safetensors", "checkpoints/00000024.safetensors"})
    EXPECT_TRUE(has(std::string("runs/g/last/") + file)) << file;
  EXPECT_FALSE(has("runs/g/last/checkpoints/00000021.safetensors")) << "three stay";
  EXPECT_EQ(steps_logged().size(), 24U);
  write_graph("run.toml",
              "[node.x]\nuse = \"toy.ramp\"\n[node.G]\nuse = \"toy.scale\"\nin = \"x\"\n[node.w]\nuse = "
              "\"toy.write\"\nin = \"G\"\npath = \"out.txt\"\n[weights]\nG = "
              "\"runs/g/last/weights/G.safetensors\"\n");
  EXPECT_EQ(weft({"run", "run.toml"}).exit, 0) << "what was learnt can be run";
}

TEST_F(TrainVerb, AnythingButASafeEndLosesAtMostTheChunkInHand) {
  write_graph("g.toml", kTraining);
  ASSERT_EQ(weft({"train", "g.toml"}).exit, 0);
  const std::string whole = newest();
  for (const int step : {1, 4, 6, 9, 12, 13, 15, 18, 21, 23}) {
    const Outcome killed = weft({"train", "g.toml"}, ended_by(SIGKILL, step));
    EXPECT_EQ(killed.signal, SIGKILL);
    const Outcome resumed = weft({"train", "g.toml", "--resume", "last"});
    EXPECT_EQ(resumed.exit, 0) << resumed.err;
    const Outcome difference = weft({"weights", "diff", whole, newest()});
    EXPECT_EQ(difference.exit, 0) << "killed at step " << step << ": " << difference.out;
    std::vector<int> all(24);
    for (int i = 0; i < 24; ++i) all[static_cast<size_t>(i)] = i;
    EXPECT_EQ(steps_logged(), all) << "each step is logged once";
  }
}

TEST_F(TrainVerb, TheCommandThatGoesOnHasTheOptionsOfTheRun) {
  write_graph("g.toml", kTraining);
  const Outcome stopped = weft({"train", "g.toml", "--seed", "3", "--set", "node.G.weight=2.5"}, ended_by(SIGTERM, 2));
  EXPECT_THAT(stopped.err, ::testing::ContainsRegex("\n  weft train g.toml --set 'node.G.weight=2.5' --seed 3 --resume "
                                                    "runs/g/[0-9_-]+  goes on\n"));
  EXPECT_EQ(weft({"train", "g.toml", "--set", "node.G.weight=2.5", "--seed", "3", "--resume", "last"}).exit, 0);
}

TEST_F(TrainVerb, ASignalSavesAndEnds) {
  write_graph("g.toml", kTraining);
  const Outcome stopped = weft({"train", "g.toml"}, ended_by(SIGTERM, 2));
  EXPECT_EQ(stopped.exit, 143);
  EXPECT_THAT(stopped.err, HasSubstr("stopped and saved: "));
  EXPECT_THAT(stopped.err, ::testing::ContainsRegex("\n  weft train g.toml --resume runs/g/[0-9_-]+  goes on\n"));
  EXPECT_THAT(fs::path(newest()).stem().string(), StartsWith("000000"));
  EXPECT_EQ(weft({"train", "g.toml", "--resume", "last"}).exit, 0);
  EXPECT_EQ(steps_logged().size(), 24U);
}

TEST_F(TrainVerb, GoingBackKeepsWhatWasLaterAside) {
  write_graph("g.toml", kTraining);
  ASSERT_EQ(weft({"train", "g.toml"}).exit, 0);
  const Outcome back =
      weft({"train", "g.toml", "--steps", "23", "--resume", "runs/g/last/checkpoints/00000022.safetensors"});
  EXPECT_EQ(back.exit, 0) << back.err;
  EXPECT_THAT(back.err, HasSubstr("goes back to step 22, runs/g/last/checkpoints/00000022.safetensors: "
                                  "2 checkpoints of later steps, up to 24, kept aside in runs/g/"));
  EXPECT_TRUE(has("runs/g/last/checkpoints/00000023.safetensors"));
  EXPECT_FALSE(has("runs/g/last/checkpoints/00000024.safetensors"));
  const Outcome on = weft({"train", "g.toml", "--resume", "last"});
  EXPECT_THAT(on.err, HasSubstr("done: 1 step, "));
  EXPECT_EQ(steps_logged().size(), 24U);
  const std::string aside = "runs/g/last/aside-1/checkpoints/00000024.safetensors";
  EXPECT_EQ(weft({"weights", "diff", aside, newest()}).exit, 0);
  const Outcome done = weft({"train", "g.toml", "--resume", "last"});
  EXPECT_EQ(done.exit, 0) << done.err;
  EXPECT_THAT(
      done.err,
      HasSubstr("training has finished: step 24 is the last by `epochs` = 2; --epochs N with more than 2 goes on"));
}

TEST_F(TrainVerb, AFolderInWhichAnotherProcessTrainsIsRefused) {
  write_graph("g.toml", kTraining);
  Outcome second;
  Surroundings surroundings;
  surroundings.meanwhile = [&](pid_t program) {
    EXPECT_TRUE(wait_until([&] { return !newest().empty(); }));
    second = weft({"train", "g.toml", "--set", "x.milliseconds=50", "--resume", "last"});
    ::kill(program, SIGTERM);
  };
  EXPECT_EQ(weft({"train", "g.toml", "--set", "x.milliseconds=50"}, surroundings).exit, 143);
  EXPECT_EQ(second.exit, 1);
  EXPECT_THAT(second.err, HasSubstr(" is in use: another process is training in it\n  wait until it has ended"));
  EXPECT_EQ(weft({"train", "g.toml", "--set", "x.milliseconds=50", "--resume", "last"}).exit, 0);
}

TEST_F(TrainVerb, WhatIsNoCheckpointIsRefusedAndLeavesNoTrace) {
  write_graph("g.toml", kTraining);
  ASSERT_EQ(weft({"train", "g.toml", "--steps", "2"}).exit, 0);
  const std::string log = read("runs/g/last/log.jsonl");
  fs::copy_file(folder_ / "runs/g/last/weights/G.safetensors", folder_ / "weights.safetensors");
  write("empty.safetensors", "");
  write("text.safetensors", "format = 1\n");
  write("torn.safetensors", read("runs/g/last/checkpoints/00000002.safetensors").substr(0, 2000));
  for (const auto& [file, expected] : std::map<std::string, std::string>{
           {"weights.safetensors", "weft: weights.safetensors is no checkpoint of weft\n"},
           {"empty.safetensors", "weft: empty.safetensors: is empty"},
           {"text.safetensors", "weft: text.safetensors: is no weight file"},
           {"torn.safetensors", "weft: torn.safetensors: "},
           {"nowhere.safetensors", "weft: there is no checkpoint in nowhere.safetensors\n"}}) {
    const Outcome outcome = weft({"train", "g.toml", "--resume", file});
    EXPECT_EQ(outcome.exit, 4) << file;
    EXPECT_THAT(outcome.err, StartsWith(expected));
    EXPECT_GE(std::count(outcome.err.begin(), outcome.err.end(), '\n'), 2) << "a way out: " << outcome.err;
  }
  EXPECT_EQ(read("runs/g/last/log.jsonl"), log);
  EXPECT_EQ(std::distance(fs::directory_iterator(folder_ / "runs/g"), {}), 2) << "the run and the link to it";
}

/// `kTraining`, whose source waits before a frame until there is the file "go".
std::string waiting_at(int frame) {
  std::string graph(kTraining);
  return graph.insert(graph.find("frames = 11"), "waits_for = \"go\"\nwaits_at = " + std::to_string(frame) + '\n');
}

TEST_F(TrainVerb, ASignalSavesWhileASourceIsWaitedFor) {
  write_graph("g.toml", kTraining);
  ASSERT_EQ(weft({"train", "g.toml"}).exit, 0);
  const fs::path whole = folder_ / "whole.safetensors";
  fs::copy_file(newest(), whole);
  for (const int frame : {-10, 4, 20}) {
    fs::remove_all(folder_ / "runs");
    fs::remove(folder_ / "go");
    write_graph("g.toml", waiting_at(frame));
    Surroundings surroundings;
    surroundings.meanwhile = [&](pid_t program) {
      // A frame before each wait is one of the current chunk; with the first wait there is none.
      EXPECT_TRUE(wait_until([&] { return has("runs/g/last/log.jsonl") && (frame < 0 || !newest().empty()); }));
      ::kill(program, SIGTERM);
    };
    const Outcome stopped = weft({"train", "g.toml"}, surroundings);
    EXPECT_EQ(stopped.exit, 143) << stopped.err;
    EXPECT_THAT(stopped.err, HasSubstr("stopped and saved: "));
    write("go", "");
    EXPECT_EQ(weft({"train", "g.toml", "--resume", "last"}).exit, 0);
    const Outcome difference = weft({"weights", "diff", whole, newest()});
    EXPECT_EQ(difference.exit, 0) << "waited before " << frame << ": " << difference.out;
  }
}

TEST_F(TrainVerb, AFullDiskLosesNothingThatWasSaved) {
  write_graph("g.toml", kTraining);
  ASSERT_EQ(weft({"train", "g.toml", "--steps", "2"}).exit, 0);
  const std::string kept = newest();
  const std::string before = weft({"weights", "list", kept}).out;
  Surroundings full;
  full.largest_file = 1000;  // smaller than a checkpoint
  const Outcome outcome = weft({"train", "g.toml", "--resume", "last"}, full);
  EXPECT_EQ(outcome.exit, 1);
  EXPECT_THAT(outcome.err, HasSubstr("could not be written"));
  EXPECT_THAT(outcome.err, HasSubstr("the files saved before are complete: once there is room, --resume "));
  EXPECT_EQ(newest(), kept);
  EXPECT_EQ(weft({"weights", "list", kept}).out, before);
  EXPECT_EQ(weft({"train", "g.toml", "--resume", "last"}).exit, 0);
}

TEST_F(TrainVerb, ALossThatIsNotFiniteHasAnExitCodeOfItsOwn) {
  write_graph("g.toml", kTraining);
  const Outcome outcome = weft({"train", "g.toml", "--set", "update.G.lr=1e30", "--set", "update.G.use=sgd"});
  EXPECT_EQ(outcome.exit, 7) << outcome.err;
  EXPECT_THAT(outcome.err, HasSubstr("the loss loss of [update.G] is "));
  EXPECT_TRUE(has("runs/g/last/checkpoints/not-finite.safetensors"));
}

TEST_F(TrainVerb, ADryRunKeepsNothing) {
  write_graph("g.toml", kTraining);
  const Outcome outcome = weft({"train", "g.toml", "--dry-run"});
  EXPECT_EQ(outcome.exit, 0) << outcome.err;
  EXPECT_THAT(outcome.out, StartsWith("3 frames, "));
  EXPECT_THAT(outcome.out, HasSubstr("peak memory"));
  EXPECT_FALSE(has("runs"));
}

TEST_F(TrainVerb, AGraphWithoutUpdatesIsToldSo) {
  write_graph("g.toml", "[node.x]\nuse = \"toy.ramp\"\n[node.w]\nuse = \"toy.write\"\nin = \"x\"\npath = \"o.txt\"\n");
  expect_error(weft({"train", "g.toml"}), 3,
               "weft: g.toml: there is nothing to train: this graph has no [update]\n"
               "  write [update.NAME] with `of` and [update.NAME.loss]");
}

TEST_F(TrainVerb, NothingToResumeIsToldSo) {
  write_graph("g.toml", kTraining);
  expect_error(weft({"train", "g.toml", "--resume", "last"}), 4,
               "weft: there is no checkpoint in runs/g/last\n"
               "  --resume takes a checkpoint, a run folder, or `last` for the newest run of this graph");
}

TEST_F(TrainVerb, ARunWithoutCheckpointsIsNotTheEndOfThoseBefore) {
  write_graph("g.toml", kTraining);
  EXPECT_EQ(weft({"train", "g.toml", "--steps", "2"}).exit, 0);
  const std::string run = fs::read_symlink(folder_ / "runs/g/last");
  fs::remove(folder_ / "runs/g/last");
  fs::create_directories(folder_ / "runs/g/later/checkpoints");  // it failed in its first step
  fs::create_directory_symlink("later", folder_ / "runs/g/last");
  expect_error(weft({"train", "g.toml", "--resume", "last", "--steps", "3"}), 4,
               "weft: there is no checkpoint in runs/g/last\n  --resume runs/g/" + run +
                   " goes on with the newest run that has one");
  EXPECT_EQ(weft({"train", "g.toml", "--resume", "runs/g/" + run, "--steps", "3"}).exit, 0);
}

TEST_F(TrainVerb, TheCheckTellsWhatEachStageComesTo) {
  write_graph("g.toml", std::string(kTraining) + R"(
[[stage]]
name = "short"
epochs = 2
[[stage]]
name = "long"
epochs = 3
optimiser = "new"
set.run.batch = 2
set.run.frames = 7
)");
  EXPECT_EQ(weft_out({"check", "g.toml"}),
            "g.toml: good; 5 nodes in 1 file, 2 configurations\n"
            "stage \"short\": 2 epochs, clips as long as the data, chunks of 3 frames\n"
            "  G learns G from 1 loss\n"
            "  weights: G = random\n"
            "stage \"long\": 3 epochs, clips of 7 frames, chunks of 3 frames, 2 clips at once\n"
            "  optimisers are reset\n");
}

TEST_F(TrainVerb, TheCheckIsSilentAboutWhatRunsInAnotherStage) {
  const std::string later = std::string(kTraining) + R"(late = 1.0
[node.count]
use = "toy.counter"
frames = 9
[node.late]
use = "toy.mean"
in = "count[t-5..t]"
[[stage]]
name = "short"
epochs = 2
set.node.count.frames = 4
)";
  write_graph("g.toml", later + "[[stage]]\nname = \"long\"\nepochs = 3\n");
  EXPECT_THAT(weft_out({"check", "g.toml"}), Not(HasSubstr("W301")));
  write_graph("g.toml", later);
  EXPECT_THAT(weft_out({"check", "g.toml"}), HasSubstr("warning W301: node \"late\" never runs"));
}

}  // namespace
}  // namespace weft::testing
