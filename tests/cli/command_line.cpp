// What the program says of its command line, and where: data on stdout, talk on stderr.
#include "tests/cli/program.h"

#include <gmock/gmock.h>

namespace weft::testing {
namespace {

using ::testing::HasSubstr;
using ::testing::MatchesRegex;
using ::testing::Not;

/// Three frames whose numbers go to out.txt.
constexpr std::string_view kGraph = R"([params]
n = 3
[node.a]
use = "toy.counter"
frames = "$n"
[node.w]
use = "toy.write"
in = "a"
path = "out.txt"
)";

class CommandLine : public ProgramTest {
 protected:
  void SetUp() override {
    ProgramTest::SetUp();
    write_graph("g.toml", kGraph);
  }
  void expect_usage(const std::vector<std::string>& arguments, const std::string& message) const {
    const std::string more = "\n  weft --help and weft VERB --help tell more";
    expect_error(weft(arguments), 2, "weft: " + message + more);
  }
};

TEST_F(CommandLine, WithoutAVerbNamesThoseThatThereAre) {
  expect_usage({},
               "`weft` wants a verb: run, train, ablate, eval, study, check, plan, graph, nodes, weights, data, pack, "
               "doctor, explain, fetch, new, plugin, completion");
  expect_usage({"weights"}, "`weft weights` wants a verb: list, convert, diff, fill");
}

TEST_F(CommandLine, WithAVerbThatIsNoneNamesTheNearest) {
  expect_usage({"chek", "g.toml"}, "there is no `weft chek`; did you mean \"check\"?");
  expect_usage({"render", "g.toml"},
               "there is no `weft render`; there are run, train, ablate, eval, study, check, plan, graph, nodes, "
               "weights, data, pack, doctor, explain, fetch, new, plugin, completion");
  expect_usage({"weights", "lst"}, "there is no `weft weights lst`; did you mean \"list\"?");
}

TEST_F(CommandLine, NamesWhatItDoesNotKnow) {
  expect_usage({"run", "--fast", "g.toml"}, "`weft run` has no option --fast");
  expect_usage({"run", "--frame=3", "g.toml"}, "`weft run` has no option --frame=3; did you mean --frames?");
  expect_usage({"weights", "fill", "--quite", "g.toml"},
               "`weft weights fill` has no option --quite; did you mean --quiet?");
  expect_usage({"run", "g.toml", "h.toml"}, "`weft run`: unexpected argument h.toml");
  expect_usage({"run", "g.toml", "--set", "n", "4"}, "--set n 4: write --set n=4");
}

TEST_F(CommandLine, NamesWhatIsMissing) {
  expect_usage({"run"}, "`weft run` wants `graph`: The graph file (TOML)");
  expect_usage({"new", "plugin"}, "`weft new plugin` wants `name`: The name of the plugin, as in mylab");
  expect_usage({"run", ""}, "graph: the name is empty");
  expect_usage({"run", "g.toml", "--set"}, "--set: 1 required PATH=VALUE missing");
}

TEST_F(CommandLine, SaysWhichValuesAnOptionTakes) {
  expect_usage({"run", "g.toml", "--precision", "f64"}, "--precision: f64 not in {f32,bf16}");
  expect_usage({"run", "g.toml", "--seed", "-3"}, "--seed: wants a whole number from 0 on, not -3");
  expect_usage({"run", "g.toml", "--threads", "1.5"}, "--threads: wants a whole number from 1 to 1024, not 1.5");
  expect_usage({"plan", "g.toml", "--format", "xml"}, "--format: xml not in {text,json}");
}

TEST_F(CommandLine, SaysHowFramesAreWritten) {
  const std::string form = ": write first..last, as in 5..100, 5.. or ..100";
  for (const std::string frames : {"5", "a..b", "-1..3", "1..2..3"}) {
    expect_error(weft({"run", "g.toml", "--frames=" + frames}), 2, "weft: --frames " + frames + form);
  }
  expect_error(weft({"run", "g.toml", "--frames", "5..3"}), 2,
               "weft: --frames 5..3: the first frame comes after the last");
}

TEST_F(CommandLine, SaysWhatIsWrongWithASetting) {
  expect_error(weft({"run", "g.toml", "--set", "n"}), 2, "weft: --set n: write --set name=value");
  expect_error(weft({"run", "g.toml", "--set", "=3"}), 2, "weft: --set =3: write --set name=value");
  expect_error(weft({"run", "g.toml", "--set", "n=x"}), 3,
               "command line: error E205: the graph: `n` must be an integer, not a text (\"x\")");
  expect_error(weft({"run", "g.toml", "--set", "m=3"}), 3,
               "command line: error E204: the graph: g.toml has no parameter \"m\"      its parameters are n");
  expect_error(weft({"run", "g.toml", "--set", "b.frames=3"}), 3,
               "command line: error E701: --set b.frames=3: no node has the path \"b\"");
}

TEST_F(CommandLine, SaysWhichDevicesThereAre) {
  expect_error(weft({"run", "g.toml", "--device", "gpu"}), 2, "weft: --device gpu: there are cpu, cuda and cuda:N");
  // That of the tests (docs/decisions/0022-simulated-device.md) is no part of the product.
  expect_error(weft({"run", "g.toml", "--device", "simulated"}), 2,
               "weft: --device simulated: there are cpu, cuda and cuda:N");
}

TEST_F(CommandLine, AWrongPeekNamesTheNearestStream) {
  write_graph("split.toml",
              "[node.a]\nuse = \"toy.counter\"\nframes = 1\n[node.both]\nuse = \"toy.split\"\nin = \"a\"\n"
              "[node.w]\nuse = \"toy.write\"\nin = \"both.mask\"\npath = \"out.txt\"\n");
  expect_error(weft({"run", "split.toml", "--peek", "both"}), 3,
               "command line: error E302: there is no stream or output \"both\"      "
               "there are \"both.image\" and \"both.mask\"");
  expect_error(weft({"run", "split.toml", "--peek", "both.msk"}), 3,
               "command line: error E302: there is no stream or output \"both.msk\"      did you mean \"both.mask\"?");
}

TEST_F(CommandLine, HelpAndVersionGoToStdout) {
  EXPECT_THAT(weft_out({"--version"}), MatchesRegex("weft [0-9]+\\.[0-9]+\\.[0-9]+\n"));
  EXPECT_THAT(weft_out({"--help"}), HasSubstr("Exit codes: 0 done"));
  EXPECT_THAT(weft_out({"run", "--help"}), HasSubstr("--peek PATH"));
}

TEST_F(CommandLine, ARunTalksOnStderrAlone) {
  const Outcome outcome = weft({"run", "g.toml"});
  EXPECT_EQ(outcome.exit, 0);
  EXPECT_EQ(outcome.out, "");
  EXPECT_THAT(outcome.err, MatchesRegex("done: 3 frames in [0-9.]+ s, [0-9.]+ frames/s\n  out\\.txt\n"
                                        "  runs/g/[-_0-9]+  \\(graph, versions, log\\)\n"));
}

TEST_F(CommandLine, QuietIsQuietWhereverItStands) {
  for (const auto& arguments : {std::vector<std::string>{"-q", "run", "g.toml"}, {"run", "g.toml", "--quiet"}}) {
    const Outcome outcome = weft(arguments);
    EXPECT_EQ(outcome.exit, 0);
    EXPECT_EQ(outcome.out + outcome.err, "");
  }
  expect_error(weft({"-q", "run", "h.toml"}), 3, "h.toml: error E102: there is no such file");
}

TEST_F(CommandLine, OutsideOfATerminalThereAreNoColoursAndNoMovingLines) {
  write_graph("slow.toml", std::string(kGraph) + "[node.a]\n");  // a key written twice: an error with a place
  for (const char* wish : {"", "1"}) {
    Surroundings surroundings;
    surroundings.environment["NO_COLOR"] = wish;
    for (const char* file : {"g.toml", "slow.toml"}) {
      const Outcome outcome = weft({"run", file}, surroundings);
      EXPECT_THAT(outcome.err, Not(HasSubstr("\033")));
      EXPECT_THAT(outcome.err, Not(HasSubstr("\r")));
    }
  }
}

TEST_F(CommandLine, WarningsOfAGraphStandBeforeTheRun) {
  write_graph("h.toml", std::string(kGraph) + "[node.lost]\nuse = \"toy.add\"\nin = \"a\"\n");
  const Outcome outcome = weft({"run", "h.toml", "--run-folder", "none"});
  EXPECT_EQ(outcome.exit, 0);
  EXPECT_THAT(outcome.err, MatchesRegex("h\\.toml:11:7: warning W302: node \"lost\" is not used: no writer or loss "
                                        "needs it\ndone: 3 frames(.|\n)*"));
}

}  // namespace
}  // namespace weft::testing
