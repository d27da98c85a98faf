// `weft run` with all its options, on nodes whose numbers are known: frame t of the counter is t everywhere.
#include "tests/cli/program.h"

#include <gmock/gmock.h>
#include <nlohmann/json.hpp>

#include <sstream>

namespace weft::testing {
namespace {

using nlohmann::json;
using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsSubsetOf;
using ::testing::Not;

/// The sums of all frames so far: x_t = x_{t-1} + t + plus.
constexpr std::string_view kSums = R"([params]
n = { default = 6, min = 1 }
plus = 0.0
out = "out.txt"
[node.a]
use = "toy.counter"
frames = "$n"
[node.more]
use = "toy.add"
in = "a"
plus = "$plus"
[node.sum]
use = "toy.sum"
in = "more"
[node.w]
use = "toy.write"
in = "sum"
path = "$out"
)";

class RunVerb : public ProgramTest {
 protected:
  void SetUp() override {
    ProgramTest::SetUp();
    write_graph("g.toml", kSums);
  }
  /// Runs g.toml with these options and no run folder; what it wrote to out.txt.
  std::string run(std::vector<std::string> options) const {
    options.insert(options.begin(), {"run", "g.toml", "--run-folder", "none"});
    const Outcome outcome = weft(options);
    EXPECT_EQ(outcome.exit, 0) << outcome.err;
    return read("out.txt");
  }
};

TEST_F(RunVerb, WritesAllFrames) {
  EXPECT_EQ(run({}),
            "sequence 1: 0 0\nsequence 1: 1 1\nsequence 1: 2 3\nsequence 1: 3 6\nsequence 1: 4 10\n"
            "sequence 1: 5 15\n");
  EXPECT_FALSE(has("runs"));
}

TEST_F(RunVerb, FramesAreThoseOfTheWholeRunAlsoBehindANodeWithState) {
  EXPECT_EQ(run({"--frames", "3..4"}), "sequence 1: 3 6\nsequence 1: 4 10\n");
  EXPECT_EQ(run({"--frames", "5.."}), "sequence 1: 5 15\n");
  EXPECT_EQ(run({"--frames", "..1"}), "sequence 1: 0 0\nsequence 1: 1 1\n");
}

TEST_F(RunVerb, CountsTheFramesThatItWrote) {
  EXPECT_THAT(weft({"run", "g.toml", "--frames", "3..4"}).err, HasSubstr("done: 2 frames in "));
}

TEST_F(RunVerb, FailsWhereNoFrameIsWritten) {
  expect_error(weft({"run", "g.toml", "--frames", "7..9"}), 4,
               "weft: no frame was written: --frames 7..9 selects none of the existing frames");
  write_graph("h.toml",
              "[node.a]\nuse = \"toy.stream\"\nlength = 1\n[node.sum]\nuse = \"toy.total\"\nin = \"a[t-1..t]\"\n"
              "[node.w]\nuse = \"toy.write\"\nin = \"sum\"\npath = \"out.txt\"\n");
  expect_error(weft({"run", "h.toml"}), 4,
               "weft: no frame was written: the sources end before the first output frame\n  a: 1 frame of [1, 3, 2, "
               "2]\n  `weft plan h.toml` shows from which t on each node runs");
}

TEST_F(RunVerb, SettingsReachParametersNodesAndTheRun) {
  EXPECT_EQ(run({"--set", "n=2", "--set", "plus=0.5"}), "sequence 1: 0 0.5\nsequence 1: 1 2\n");
  EXPECT_EQ(run({"--set", "plus=1"}).substr(0, 16), "sequence 1: 0 1\n") << "an integer is a number";
  EXPECT_EQ(run({"--set", "a.frames=1"}), "sequence 1: 0 0\n");
  EXPECT_EQ(run({"--set", "node.a.frames=1"}), "sequence 1: 0 0\n");
  EXPECT_EQ(run({"--set", "run.frames=1"}), "sequence 1: 0 0\n");
  run({"--set", "a.use=toy.semantics", "--set", "n=2", "--set", "w.path=other.txt"});
  EXPECT_EQ(read("other.txt"), "0 0\n1 1\n") << "another type keeps the other keys";
}

TEST_F(RunVerb, TheSeedDecidesWhatIsRandom) {
  write_graph("g.toml",
              "[node.a]\nuse = \"toy.counter\"\nframes = 2\n[node.noise]\nuse = \"toy.noise\"\nin = \"a\"\n"
              "[node.w]\nuse = \"toy.write\"\nin = \"noise\"\npath = \"out.txt\"\n");
  const std::string one = run({"--seed", "1"}), two = run({"--seed", "2"});
  EXPECT_NE(one, two);
  EXPECT_EQ(run({"--seed", "1", "--threads", "1"}), one);
  EXPECT_EQ(run({"--set", "run.seed=2"}), two);
}

TEST_F(RunVerb, PrecisionIsThatOfNetworks) {
  write_graph("g.toml",
              "[weights]\nnet = \"fill\"\n[node.s]\nuse = \"toy.semantics\"\nframes = 2\n[node.net]\nuse = "
              "\"toy.network\"\nin.s = \"half\"\n[node.half]\nuse = \"toy.half\"\nin = \"s\"\n[node.w]\nuse = "
              "\"toy.write\"\nin = \"net\"\npath = \"out.txt\"\n");
  const std::string of_f32 = run({"--precision", "f32"});
  EXPECT_NE(of_f32, "");
  const Outcome outcome = weft({"run", "g.toml", "--precision", "bf16"});
  if (__builtin_cpu_supports("avx512bw")) {
    // toy.network does not adapt its input, so a network of bf16 refuses it: the option reached the layers.
    EXPECT_EQ(outcome.exit, 1);
    EXPECT_THAT(outcome.err, HasSubstr("in node \"net\" (toy.network), frame 0, g.toml:7:7"));
    EXPECT_THAT(outcome.err, Not(HasSubstr("in place of")));
  } else {
    EXPECT_EQ(outcome.exit, 0);
    EXPECT_THAT(outcome.err, HasSubstr("precision: f32 in place of bf16, which is slower on this processor"));
    EXPECT_THAT(read("runs/g/last/lock.toml"), HasSubstr("precision = \"f32\""));
    EXPECT_EQ(read("out.txt"), of_f32);
  }
}

TEST_F(RunVerb, ADryRunMakesNothing) {
  const Outcome outcome = weft({"run", "g.toml", "--dry-run"});
  EXPECT_EQ(outcome.exit, 0);
  EXPECT_EQ(outcome.err, "g.toml: good; nodes are made and weights loaded\n");
  EXPECT_FALSE(has("out.txt"));
  EXPECT_FALSE(has("runs"));
}

TEST_F(RunVerb, TheRunFolderTellsHowTheRunWas) {
  weft({"run", "g.toml", "--set", "n=2", "--seed", "7"});
  EXPECT_THAT(read("runs/g/last/graph.toml"), HasSubstr("frames = 2\n"));
  const std::string lock = read("runs/g/last/lock.toml");
  EXPECT_THAT(lock, HasSubstr("seed = 7\n"));
  EXPECT_THAT(lock, HasSubstr("toy = { version = \"1.0.0\", file = \""));
  std::vector<std::string> levels;
  std::istringstream lines(read("runs/g/last/log.jsonl"));
  json last;
  for (std::string line; std::getline(lines, line);) {
    last = json::parse(line);
    levels.push_back(last.at("level"));
  }
  EXPECT_THAT(levels, ElementsAre("start", "end"));
  EXPECT_EQ(last.at("outcome"), "done");
  EXPECT_EQ(last.at("frames"), 2);
  const std::string report = read("runs/g/last/report.html");
  EXPECT_THAT(report, HasSubstr("<p class=\"state\">done</p>"));
  EXPECT_THAT(report, HasSubstr("<dt>seed</dt><dd>7</dd>"));
  EXPECT_THAT(report, HasSubstr("<dt>frames</dt><dd>2</dd>"));
  EXPECT_THAT(report, HasSubstr("<section id=\"times\">"));
}

TEST_F(RunVerb, TheGraphOfTheRunFolderGivesTheSameFrames) {
  const std::string first = (weft({"run", "g.toml", "--set", "plus=0.25"}), read("out.txt"));
  std::filesystem::remove(folder_ / "out.txt");
  const Outcome again = weft({"run", "runs/g/last/graph.toml", "--run-folder", "none"});
  EXPECT_EQ(again.exit, 0) << again.err;
  EXPECT_EQ(read("out.txt"), first);
}

TEST_F(RunVerb, RunsInOneSecondHaveFoldersOfTheirOwn) {
  weft({"run", "g.toml"});
  weft({"run", "g.toml"});
  size_t folders = 0;
  for (const auto& entry : std::filesystem::directory_iterator(folder_ / "runs/g")) {
    folders += entry.is_symlink() ? 0 : 1;
  }
  EXPECT_EQ(folders, 2);
}

TEST_F(RunVerb, TheTraceHasAnEventForEachNodeAndFrame) {
  run({"--set", "n=2", "--trace", "t.json"});
  std::vector<std::string> events;
  const json trace = json::parse(read("t.json"));
  for (const json& event : trace.at("traceEvents")) {
    if (event.at("ph") == "X") {
      events.push_back(event.at("name").get<std::string>() + ' ' + event.at("args").at("frame").dump());
    }
  }
  for (const char* node : {"a", "sum", "w"}) {
    for (const char* frame : {"0", "1"}) EXPECT_THAT(events, Contains(std::string(node) + ' ' + frame));
  }
}

TEST_F(RunVerb, ATraceReplacesOnlyATrace) {
  run({"--set", "n=2", "--trace", "t.json"});
  EXPECT_EQ(weft({"run", "g.toml", "--force", "--trace", "t.json"}).exit, 0);
  const std::string graph = read("g.toml");
  write("notes.json", "{}");
  expect_error(
      weft({"run", "g.toml", "--force", "--trace", "notes.json"}), 2,
      "weft: --trace notes.json: the file exists, and is no trace\n  only an earlier trace is replaced: name another "
      "file, or remove this one");
  EXPECT_EQ(read("notes.json"), "{}");
  expect_error(weft({"run", "g.toml", "--force", "--trace", "g.toml"}), 2,
               "weft: --trace g.toml: traces are JSON\n  name a file that ends in .json");
  EXPECT_EQ(weft({"train", "g.toml", "--trace", "g.toml"}).exit, 2);
  EXPECT_EQ(read("g.toml"), graph);
}

TEST_F(RunVerb, ATraceThatCannotBeWrittenIsSaidBeforeTheRun) {
  expect_error(weft({"run", "g.toml", "--trace", "nowhere/t.json"}), 1,
               "weft: --trace: nowhere/t.json cannot be written");
  EXPECT_FALSE(has("out.txt"));
}

TEST_F(RunVerb, ARunFolderThatCannotBeMadeIsSaidBeforeTheRun) {
  write("file", "");
  expect_error(weft({"run", "g.toml", "--run-folder", "file/runs"}), 1,
               "weft: the run folder file/runs/g cannot be made: Not a directory\n"
               "  --run-folder DIR puts it elsewhere, --run-folder none leaves it out");
  EXPECT_FALSE(has("out.txt"));
}

}  // namespace
}  // namespace weft::testing
