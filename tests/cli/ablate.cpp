// `weft ablate`: each variant is trained and measured once, killed or not.
#include "framework/base/text.h"
#include "tests/cli/program.h"
#include "tests/toy/recurrence.h"

#include <gmock/gmock.h>
#include <nlohmann/json.hpp>

#include <chrono>
#include <csignal>
#include <filesystem>
#include <thread>

namespace weft::testing {
namespace {

namespace fs = std::filesystem;
using ::testing::HasSubstr;
using ::testing::Not;

/// y_t = w y_{t-1} + x_t plus noise; with another learning rate another w is learnt.
const std::string kTraining = R"(seeds = [1, 2, 3]
measure = "measure.toml"
[run]
chunk = 3
bptt = 3
checkpoint = "1 steps"
[node.x]
use = "toy.ramp"
frames = 11
sequences = 3
milliseconds = 2
)" + kNoisyRecurrence + R"([node.loss]
use = "toy.mean"
in = "y"
)" + kLearning + R"([variant.full]
[variant.quick]
set.update.G.lr = 0.5
)";

constexpr std::string_view kMeasure = R"([weights]
G = "random"
[node.x]
use = "toy.ramp"
[node.G]
use = "toy.scale"
in = "x"
[node.distance]
use = "toy.squares"
in.a = "G"
in.b = "x"
[node.say]
use = "metric.report"
in = "distance"
name = "distance"
[node.w]
use = "toy.write"
in = "G"
path = "out.txt"
)";

class Ablate : public ProgramTest {
 protected:
  void SetUp() override {
    ProgramTest::SetUp();
    write_graph("a.toml", kTraining);
    write_graph("measure.toml", kMeasure);
  }
  std::string numbers() const { return read("runs/a-ablation/table.csv"); }
};

TEST_F(Ablate, TrainsAndMeasuresAllVariantsOnce) {
  const Outcome outcome = weft({"ablate", "a.toml"});
  EXPECT_EQ(outcome.exit, 0) << outcome.err;
  EXPECT_THAT(outcome.err, HasSubstr("[4 of 6] quick, seed 2: training\n[4 of 6] quick, seed 2: measuring\n"));
  EXPECT_THAT(outcome.out, HasSubstr("|  | distance |\n|---|---|\n| full |"));
  EXPECT_EQ(read("runs/a-ablation/table.md"), outcome.out);
  const auto table = nlohmann::json::parse(read("runs/a-ablation/table.json"));
  const auto& full = table.at("rows").at(0).at("metrics").at("distance");
  const auto& quick = table.at("rows").at(1).at("metrics").at("distance");
  EXPECT_EQ(full.at("values").size(), 3U);
  EXPECT_NE(full.at("mean"), quick.at("mean"));
  EXPECT_TRUE(has("runs/a-ablation/full/seed-1/clips/w-out.txt")) << "each has outputs of its own";
  EXPECT_FALSE(has("out.txt"));
  const Outcome again = weft({"ablate", "a.toml"});
  EXPECT_THAT(again.err, Not(HasSubstr("training")));
  EXPECT_EQ(again.out, outcome.out);
}

TEST_F(Ablate, OnlyVariantsThatAreAskedForAreTrained) {
  std::string one_seed = kTraining;
  one_seed.replace(one_seed.find("[1, 2, 3]"), 9, "[3]");
  write_graph("a.toml", one_seed + "[variant.slow]\ndefault = false\nset.update.G.lr = 0.1\n");
  EXPECT_EQ(weft({"ablate", "a.toml", "--dry-run"}).out, "full, seed 3: to do\nquick, seed 3: to do\n");
  EXPECT_EQ(weft({"ablate", "a.toml", "--variant", "slow", "--variant", "full", "--dry-run"}).out,
            "full, seed 3: to do\nslow, seed 3: to do\n");
  ASSERT_EQ(weft({"ablate", "a.toml", "--variant", "quick"}).exit, 0);
  EXPECT_THAT(numbers(), Not(HasSubstr("full")));
  const Outcome slow = weft({"ablate", "a.toml", "--variant", "slow"});
  EXPECT_THAT(slow.err, HasSubstr("[1 of 1] slow, seed 3: training"));
  EXPECT_THAT(slow.out, HasSubstr("| quick | ")) << "the table keeps what was measured before";
  EXPECT_THAT(slow.out, HasSubstr("| slow | "));
  EXPECT_THAT(slow.out, Not(HasSubstr("full |")));
  expect_error(weft({"ablate", "a.toml", "--variant", "fast"}), 2,
               "weft: --variant fast: the file has no such variant\n  it has full, quick, slow");
  write_graph("a.toml", one_seed + "[variant.slow]\ndefault = \"no\"\n");
  EXPECT_THAT(weft({"ablate", "a.toml"}).err, HasSubstr("variant slow: `default` must be true or false"));
}

TEST_F(Ablate, ThePageHasTheClipsAndCurvesOfTheTrainings) {
  std::string shown = kTraining;
  shown.replace(shown.find("[1, 2, 3]"), 9, "[3]");
  shown.replace(shown.find("[run]\n"), 6, "[run]\nshow = [\"y\"]\n");
  write_graph("a.toml", shown);
  ASSERT_EQ(weft({"ablate", "a.toml"}).exit, 0);
  const std::string page = read("runs/a-ablation/report.html");
  EXPECT_THAT(page, HasSubstr("<h3>y</h3>"));
  for (const char* variant : {"full", "quick"}) {
    int pictures = 0;
    for (const auto& entry : fs::directory_iterator(folder_ / "runs/a-ablation" / variant / "seed-3/a/last/clips"))
      if (page.find("/clips/" + entry.path().filename().string()) != std::string::npos) ++pictures;
    EXPECT_THAT(pictures, ::testing::AllOf(::testing::Ge(2), ::testing::Le(8))) << variant;
  }
  EXPECT_THAT(page, HasSubstr("aria-label=\"G/total\""));
}

TEST_F(Ablate, TwoAtATimeGiveTheSameTable) {
  EXPECT_THAT(weft({"ablate", "a.toml", "--dry-run"}).err, HasSubstr("no run has ended yet"));
  ASSERT_EQ(weft({"ablate", "a.toml", "-o", "whole", "--threads", "1"}).exit, 0);
  const Outcome outcome = weft({"ablate", "a.toml", "--threads", "1", "--jobs", "2"});
  EXPECT_EQ(outcome.exit, 0) << outcome.err;
  EXPECT_EQ(numbers(), read("whole/table.csv"));
}

TEST_F(Ablate, VariantsThatDifferInWhatMeasuresThemAreTrainedOnce) {
  std::string shared = kTraining;
  shared.replace(shared.find("[1, 2, 3]"), 9, "[3]");
  write_graph("shorter.toml", "base = \"measure.toml\"\n[node.x]\nframes = 2\n");
  write_graph("a.toml", shared + "[variant.shorter]\nmeasure = \"shorter.toml\"\n");
  EXPECT_EQ(weft({"ablate", "a.toml", "--dry-run"}).out,
            "full, seed 3: to do\nquick, seed 3: to do\nshorter, seed 3: to do (trained as full)\n");
  for (const char* jobs : {"1", "3"}) {
    const Outcome outcome = weft({"ablate", "a.toml", "--jobs", jobs, "--threads", "1", "-o", text("runs/", jobs)});
    EXPECT_EQ(outcome.exit, 0) << outcome.err;
    const size_t shared_at = outcome.err.find("[3 of 3] shorter, seed 3: trained as full\n");
    EXPECT_NE(shared_at, std::string::npos) << outcome.err;  // of three at a time, another may begin between the two
    EXPECT_LT(shared_at, outcome.err.find("[3 of 3] shorter, seed 3: measuring\n")) << outcome.err;
    EXPECT_THAT(outcome.err, Not(HasSubstr("shorter, seed 3: training")));
  }
  EXPECT_FALSE(has("runs/1/shorter/seed-3/a"));
  EXPECT_EQ(read("runs/1/table.csv"), read("runs/3/table.csv"));
  write_graph("a.toml", shared + "[variant.shorter]\nmeasure = \"shorter.toml\"\nset.update.G.lr = 0.1\n");
  EXPECT_THAT(weft({"ablate", "a.toml", "--dry-run"}).out, Not(HasSubstr("trained as")));
}

TEST_F(Ablate, ATrainingThatFailsFailsForAllThatShareIt) {
  std::string shared = kTraining;
  shared.replace(shared.find("[1, 2, 3]"), 9, "[3]");
  const std::string broken = "swap.x = { use = \"toy.counter\", frames = 11, fails_at = 2 }\n";
  write_graph("shorter.toml", "base = \"measure.toml\"\n[node.x]\nframes = 2\n");
  write_graph("a.toml",
              shared + "[variant.broken]\n" + broken + "[variant.also]\nmeasure = \"shorter.toml\"\n" + broken);
  const Outcome outcome = weft({"ablate", "a.toml"});
  EXPECT_EQ(outcome.exit, 1);
  EXPECT_THAT(outcome.out, HasSubstr("also, seed 3: its training is that of broken, which failed"));
  EXPECT_THAT(outcome.out, HasSubstr("| quick | "));
}

TEST_F(Ablate, GoesOnWhereItWasKilled) {
  ASSERT_EQ(weft({"ablate", "a.toml", "-o", "whole", "--threads", "1"}).exit, 0);
  const std::string whole = read("whole/table.csv");
  for (const int after : {300, 900}) {
    Surroundings surroundings;
    surroundings.meanwhile = [after](pid_t program) {
      std::this_thread::sleep_for(std::chrono::milliseconds(after));
      ::kill(program, SIGKILL);
    };
    EXPECT_EQ(weft({"ablate", "a.toml", "--threads", "1"}, surroundings).signal, SIGKILL);
    std::this_thread::sleep_for(std::chrono::milliseconds(300));  // the training it had begun saves, and ends
  }
  const Outcome outcome = weft({"ablate", "a.toml", "--threads", "1"});
  EXPECT_EQ(outcome.exit, 0) << outcome.err;
  EXPECT_EQ(numbers(), whole);
}

TEST_F(Ablate, WhatFailsIsToldAndTheRestGoesOn) {
  std::string one_seed = kTraining;
  one_seed.replace(one_seed.find("[1, 2, 3]"), 9, "[3]");
  write_graph(
      "a.toml",
      one_seed + "[variant.broken]\nswap.x = { use = \"toy.counter\", frames = 11, fails_at = 2 }\n[variant.last]\n");
  const Outcome outcome = weft({"ablate", "a.toml"});
  EXPECT_EQ(outcome.exit, 1);
  EXPECT_THAT(outcome.out, HasSubstr("Without numbers: broken, seed 3: exit code "));
  EXPECT_THAT(numbers(), HasSubstr("last,3,distance,"));
}

TEST_F(Ablate, AChangedGraphIsTrainedAnewAndTheOldRunIsKept) {
  ASSERT_EQ(weft({"ablate", "a.toml"}).exit, 0);
  std::string other = kTraining;
  other.replace(other.find("lr = 0.5"), 8, "lr = 0.4");
  write_graph("a.toml", other);
  const Outcome plan = weft({"ablate", "a.toml", "--dry-run"});
  EXPECT_EQ(plan.out,
            "full, seed 1: done\nquick, seed 1: to do\nfull, seed 2: done\nquick, seed 2: to do\n"
            "full, seed 3: done\nquick, seed 3: to do\n");
  EXPECT_THAT(plan.err, HasSubstr("about ")) << "by the time of what is done";
  EXPECT_EQ(weft({"ablate", "a.toml"}).exit, 0);
  EXPECT_TRUE(has("runs/a-ablation/quick/seed-1.before-1/log.txt"));
}

TEST_F(Ablate, AChangedMeasureIsMeasuredAnewAndNothingIsTrained) {
  ASSERT_EQ(weft({"ablate", "a.toml"}).exit, 0);
  const std::string before = numbers();
  std::string measured = std::string(kMeasure);
  measured.replace(measured.find("use = \"toy.ramp\"\n"), 17, "use = \"toy.ramp\"\nframes = 2\n");
  write_graph("measure.toml", measured);
  EXPECT_THAT(weft({"ablate", "a.toml", "--dry-run"}).out, HasSubstr("full, seed 1: to be measured\n"));
  const Outcome outcome = weft({"ablate", "a.toml"});
  EXPECT_EQ(outcome.exit, 0) << outcome.err;
  EXPECT_THAT(outcome.err, Not(HasSubstr("training")));
  EXPECT_NE(numbers(), before);
}

TEST_F(Ablate, WhatCannotEndWellIsRefusedBeforeTheFirstRun) {
  const auto fault_of = [&](const std::string& graph) {
    write_graph("a.toml", graph);
    const Outcome outcome = weft({"ablate", "a.toml"});
    EXPECT_EQ(outcome.exit, 3) << outcome.err;
    EXPECT_FALSE(has("runs"));
    return outcome.err;
  };
  EXPECT_THAT(fault_of(kTraining + "[variant.\"a/b\"]\n[variant.a_b]\n"),
              HasSubstr("the variant \"a_b\" cannot have the folder runs/a-ablation/a_b, which is that of \"a/b\""));
  EXPECT_THAT(fault_of(kTraining + "[variant.\"..\"]\n"), HasSubstr("the variant \"..\" cannot have the folder"));
  EXPECT_THAT(fault_of(kTraining + "[variant.\"table.md\"]\n"), HasSubstr("cannot have the folder"));
  EXPECT_THAT(fault_of(kTraining + "[variant.lost]\nmeasure = \"nowhere.toml\"\n"),
              HasSubstr("error E102: `measure` = \"nowhere.toml\": there is no file nowhere.toml"));
  write_graph("other.toml", "[node.x]\nuse = \"toy.ramp\"\n[node.w]\nuse = \"toy.write\"\nin = \"x\"\npath = \"o\"\n");
  EXPECT_THAT(fault_of(kTraining + "[variant.lost]\nmeasure = \"other.toml\"\n"),
              HasSubstr("no [weights] of other.toml have the names of those that \"lost\" trains: G"));
  std::string twice = kTraining;
  twice.replace(twice.find("[1, 2, 3]"), 9, "[1, 2, 1]");
  EXPECT_THAT(fault_of(twice), HasSubstr("error E206: `seeds` has 1 twice"));
  twice.replace(twice.find("[1, 2, 1]"), 9, "[1, 2,-1]");
  EXPECT_THAT(fault_of(twice), HasSubstr("error E206: `seeds` must be at least 0, not -1"));
}

TEST_F(Ablate, AColumnThatNothingMeasuresIsTold) {
  std::string one_seed = kTraining;
  one_seed.replace(one_seed.find("[1, 2, 3]"), 9, "[3]");
  write_graph("a.toml", "report = [\"distance\", \"distanc\"]\n" + one_seed);
  EXPECT_THAT(weft({"ablate", "a.toml"}).err,
              HasSubstr("`report`: no metric is called \"distanc\"; there are distance\n"));
}

TEST_F(Ablate, FaultsAreFoundBeforeTheFirstRun) {
  write_graph("a.toml", kTraining + "[variant.wrong]\nwithout = [\"nowhere\"]\n");
  const Outcome outcome = weft({"ablate", "a.toml"});
  EXPECT_EQ(outcome.exit, 3);
  EXPECT_THAT(outcome.err, HasSubstr("nowhere"));
  EXPECT_FALSE(has("runs"));
  write_graph("one.toml", kMeasure);
  expect_error(weft({"ablate", "one.toml"}), 3,
               "weft: one.toml has no variants\n  write [variant.NAME] tables, or a [grid]; docs/graph-format.md");
}

TEST_F(Ablate, AVariantCanBeAnotherGraph) {
  write_graph("b.toml", R"(base = "measure.toml"
[variant.untrained]
[variant.trained]
base = "a.toml"
measure = "measure.toml"
set.update.G.lr = 0.5
)");
  const Outcome outcome = weft({"ablate", "b.toml"});
  EXPECT_EQ(outcome.exit, 0) << outcome.err;
  EXPECT_THAT(outcome.err, HasSubstr("[1 of 2] untrained, seed 1: measuring\n[2 of 2] trained, seed 1: training\n"));
  EXPECT_TRUE(has("runs/b-ablation/untrained/seed-1/clips/w-out.txt")) << "each has outputs of its own";
  EXPECT_FALSE(has("out.txt"));
  EXPECT_THAT(outcome.out, HasSubstr("| untrained | "));
  EXPECT_THAT(outcome.out, HasSubstr("| trained | "));
  EXPECT_THAT(read("runs/b-ablation/trained/seed-1/b/last/graph.toml"), HasSubstr("lr = 0.5"));
  write_graph("b.toml", "base = \"measure.toml\"\n[variant.lost]\nbase = \"nowhere.toml\"\n");
  EXPECT_THAT(weft({"ablate", "b.toml"}).err,
              HasSubstr("b.toml:4:8: error E102: `base` = \"nowhere.toml\": there is no such file"));
  write_graph("b.toml", "base = \"measure.toml\"\n[variant.odd]\nbase = 1\n");
  EXPECT_THAT(
      weft({"ablate", "b.toml"}).err,
      HasSubstr("E106: variant odd: `base` must be the path of a graph file, or a list of paths, not an integer\n"));
}

TEST_F(Ablate, OneVariantIsRunByItself) {
  const Outcome whole = weft({"train", "a.toml"});
  EXPECT_EQ(whole.exit, 3);
  EXPECT_THAT(whole.err, HasSubstr("the file is an ablation: it has `variant`\n  `weft ablate a.toml` runs all of it"));
  EXPECT_EQ(weft({"train", "a.toml", "--variant", "quick", "--steps", "1"}).exit, 0);
  EXPECT_THAT(read("runs/a/last/graph.toml"), HasSubstr("lr = 0.5"));
  expect_error(weft({"train", "a.toml", "--variant", "quik"}), 2,
               "weft: --variant quik: the file has no such variant\n  it has full, quick");
}

}  // namespace
}  // namespace weft::testing
