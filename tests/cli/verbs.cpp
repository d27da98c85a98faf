// The verbs that look at a graph without running it.
#include "tests/cli/program.h"
#include "tests/toy/recurrence.h"

#include <gmock/gmock.h>
#include <nlohmann/json.hpp>

#include <sstream>

namespace weft::testing {
namespace {

using nlohmann::json;
using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;

constexpr std::string_view kGraph = R"([params]
n = 6
[node.a]
use = "toy.counter"
frames = "$n"
[node.two]
use = "toy.total"
in = "a[t-1..t]"
[node.w]
use = "toy.write"
in = "two"
path = "out.txt"
)";

class Verbs : public ProgramTest {
 protected:
  void SetUp() override {
    ProgramTest::SetUp();
    write_graph("g.toml", kGraph);
  }
};

TEST_F(Verbs, CheckSaysOfAGoodGraphHowLargeItIs) {
  EXPECT_EQ(weft_out({"check", "g.toml"}), "g.toml: good; 3 nodes in 1 file\n");
}

TEST_F(Verbs, CheckShowsWhereValuesComeFrom) {
  EXPECT_EQ(weft_out({"check", "g.toml", "--show", "--set", "n=4", "--set", "w.fails_at=9"}),
            "a  toy.counter  g.toml:5:7\n"
            "  size = [2, 2]    default\n  frames = 4    g.toml:6:10\n  sequences = 1    default\n"
            "  fails_at = -1    default\n  milliseconds = 0    default\n"
            "  waits_at = -1    default\n  waits_for = \"\"    default\n"
            "two  toy.total  g.toml:8:7\n"
            "w  toy.write  g.toml:11:7\n"
            "  path = \"out.txt\"    g.toml:13:8\n  appends = false    default\n  fails_at = 9    command line\n"
            "g.toml: good; 3 nodes in 1 file\n");
}

TEST_F(Verbs, CheckListsAllErrorsOnStdoutAndCountsThem) {
  write_graph("h.toml", "[node.a]\nuse = \"toy.countr\"\n[node.b]\nuse = \"toy.add\"\nin = \"c\"\n");
  const Outcome outcome = weft({"check", "h.toml"});
  EXPECT_EQ(outcome.exit, 3);
  EXPECT_EQ(outcome.err, "");
  EXPECT_EQ(
      outcome.out,
      "h.toml:3:7: error E201: node \"a\": there is no node type \"toy.countr\"      did you mean \"toy.counter\"?\n"
      "h.toml:6:7: error E302: in \"c\": there is no `c` in this file\n"
      "2 errors; `weft explain CODE` tells more\n");
}

TEST_F(Verbs, CheckWritesJsonForPrograms) {
  write_graph("h.toml", "[node.a]\nuse = \"toy.countr\"\n");
  const Outcome outcome = weft({"check", "h.toml", "--format", "json"});
  EXPECT_EQ(outcome.exit, 3);
  const json report = json::parse(outcome.out);
  EXPECT_EQ(report.at("errors"), 1);
  const json& one = report.at("diagnostics").at(0);
  EXPECT_EQ(one.at("code"), "E201");
  EXPECT_EQ(one.at("line"), 3);
  EXPECT_EQ(one.at("column"), 7);
  EXPECT_EQ(one.at("hint"), "did you mean \"toy.counter\"?");
  EXPECT_EQ(json::parse(weft_out({"check", "g.toml", "--format", "json"})).at("errors"), 0);
}

TEST_F(Verbs, CheckReadsTheDataWhenAsked) {
  EXPECT_THAT(weft_out({"check", "g.toml", "--data"}),
              AllOf(StartsWith("g.toml: good; 3 nodes in 1 file\ndata: good; 1 sequence, "),
                    EndsWith("\n  a: 6 frames of [1, 3, 2, 2]\n")));
  const Outcome outcome = weft({"check", "g.toml", "--data", "--set", "a.fails_at=4"});
  EXPECT_EQ(outcome.exit, 1);
  EXPECT_EQ(outcome.err, "weft: this frame is broken\n  in node \"a\" (toy.counter), frame 4, g.toml:4:7\n");
  EXPECT_FALSE(has("out.txt"));
}

TEST_F(Verbs, CheckReadsTheDataOfEachStageOfATraining) {
  write_graph("train.toml", R"([run]
chunk = 3
[params]
frames = 3
[node.x]
use = "toy.counter"
frames = "$frames"
sequences = 30
)" + kNoisyRecurrence + R"([node.loss]
use = "toy.mean"
in = "y"
)" + kLearning + R"([[stage]]
name = "short"
epochs = 1
[[stage]]
name = "long"
epochs = 1
set.params.frames = 6
)");
  const std::string out = weft_out({"check", "train.toml", "--data"});
  EXPECT_THAT(out, HasSubstr("\ndata of stage \"short\": good; 20 clips, "));
  EXPECT_THAT(out, HasSubstr("\n  x: 3 frames of [1, 3, 2, 2]\ndata of stage \"long\": good; 20 clips, "));
  EXPECT_THAT(out, EndsWith("\n  x: 6 frames of [1, 3, 2, 2]\n"));
  const Outcome outcome = weft({"check", "train.toml", "--data", "--set", "x.fails_at=4"});
  EXPECT_EQ(outcome.exit, 1);
  EXPECT_THAT(outcome.err, AllOf(StartsWith("weft: this frame is broken\n"), HasSubstr("\n  in stage \"long\"\n")));
}

TEST_F(Verbs, CheckPutsWhatItReadOfTheDataIntoItsJson) {
  const json report = json::parse(weft_out({"check", "g.toml", "--data", "--format", "json"}));
  EXPECT_THAT(report.at("data").at(0).get<std::string>(), StartsWith("data: good; 1 sequence, "));
  EXPECT_EQ(report.at("data").at(1), "  a: 6 frames of [1, 3, 2, 2]");
}

TEST_F(Verbs, CheckShowsTheFilesOfWeights) {
  write_graph("h.toml",
              "[node.a]\nuse = \"toy.counter\"\n[node.n]\nuse = \"toy.network\"\nin = \"a\"\n[node.w]\nuse = "
              "\"toy.write\"\nin = \"n\"\npath = \"out.txt\"\n[weights]\nn = \"some.safetensors\"\n");
  EXPECT_THAT(weft_out({"check", "h.toml", "--show"}), HasSubstr("\nweights of n = \"some.safetensors\"    h.toml:"));
}

TEST_F(Verbs, CheckRefusesAnInputThatTheGraphHasNot) {
  const Outcome outcome = weft({"check", "g.toml", "--with", "x"});
  EXPECT_EQ(outcome.exit, 3);
  EXPECT_THAT(outcome.out, HasSubstr("error E302: the graph has no input \"x\"      it has no inputs at all\n"));
}

TEST_F(Verbs, NodesListsAFamily) {
  EXPECT_THAT(weft_out({"nodes", "toy"}), AllOf(HasSubstr("toy.counter  "), Not(HasSubstr("image.panel"))));
}

TEST_F(Verbs, CheckSaysSoWhereThereIsNoData) {
  write_graph("h.toml", "[node.a]\nuse = \"toy.counter\"\n");
  EXPECT_THAT(weft_out({"check", "h.toml", "--data"}), EndsWith("\nthere is no data to read\n"));
  write_graph(
      "part.toml",
      "[inputs]\nx = \"image[B,3,H,W]\"\n[node.a]\nuse = \"toy.total\"\nin = \"x[t-1..t]\"\n[outputs]\ny = \"a\"\n");
  EXPECT_THAT(weft_out({"check", "part.toml", "--data"}), EndsWith("\nthere is no data to read\n"));
}

TEST_F(Verbs, PlanShowsOrderTimesAndWhatIsKept) {
  const std::string out = weft_out({"plan", "g.toml"});
  EXPECT_THAT(out, AllOf(StartsWith("order\n  0  a "), HasSubstr("toy.counter  t = 0 .. 5\n"),
                         HasSubstr("toy.total    t = 1 .. 5\n         in = { a[t-1] | a }\n"),
                         HasSubstr("\nslots\n  0  a "), HasSubstr("2 frames")));
}

TEST_F(Verbs, PlanWritesJsonForPrograms) {
  const json plan = json::parse(weft_out({"plan", "g.toml", "--format", "json"}));
  EXPECT_EQ(plan.at("steps").size(), 3);
  EXPECT_EQ(plan.at("steps").at(1).at("node"), "two");
  EXPECT_EQ(plan.at("steps").at(1).at("runs"), "1 .. 5");
  EXPECT_EQ(plan.at("slots").at(0).at("frames"), 2);
  // Two frames of 3 * 2 * 2 floats, and their sum.
  EXPECT_EQ(plan.at("peak_bytes"), 2 * 48 + 48);
}

TEST_F(Verbs, ASettingOfARunThatIsAParameterFollowsIt) {
  write_graph("p.toml",
              "[params]\nn = { default = 9, min = 1 }\n[run]\nframes = \"$n\"\nseed = \"$n\"\n"
              "[node.a]\nuse = \"toy.counter\"\n[node.w]\nuse = \"toy.write\"\nin = \"a\"\npath = \"out.txt\"\n");
  EXPECT_THAT(weft_out({"plan", "p.toml"}), HasSubstr("toy.counter  t = 0 .. 8\n"));
  EXPECT_THAT(weft_out({"plan", "p.toml", "--set", "n=4"}), HasSubstr("toy.counter  t = 0 .. 3\n"));
  EXPECT_THAT(weft_out({"plan", "p.toml", "--set", "n=4", "--set", "n=6"}), HasSubstr("toy.counter  t = 0 .. 5\n"));
  const auto faults_of = [&](const std::string& setting) { return weft({"check", "p.toml", "--set", setting}).out; };
  EXPECT_EQ(faults_of("n=0"),
            "command line: error E206: the graph: `n` must be at least 1, not 0\n"
            "1 error; `weft explain CODE` tells more\n");
  EXPECT_EQ(faults_of("run.frames=\"$m\""),
            "command line: error E208: [run]: there is no parameter `m` in this file\n"
            "1 error; `weft explain CODE` tells more\n");
  EXPECT_EQ(weft({"run", "p.toml", "--set", "n=4"}).exit, 0);
  EXPECT_THAT(read("runs/p/last/graph.toml"), AllOf(HasSubstr("frames = 4\n"), HasSubstr("seed = 4\n")));
}

TEST_F(Verbs, PlanOfAGraphWithoutTrainingSaysSo) {
  expect_error(weft({"plan", "g.toml", "--train"}), 3, "weft: g.toml: this graph has no [update]");
}

TEST_F(Verbs, GraphDrawsWithGraphvizOrSaysThatItIsMissing) {
  EXPECT_EQ(weft({"graph", "g.toml", "-o", "g.dot"}).err, "drawn: g.dot\n");
  EXPECT_THAT(read("g.dot"), AllOf(StartsWith("digraph"), HasSubstr("toy.total")));
  Surroundings without_graphviz;
  without_graphviz.environment["PATH"] = folder_;
  expect_error(weft({"graph", "g.toml", "-o", "g.svg"}, without_graphviz), 1,
               "weft: Graphviz' program `dot` is not installed\n"
               "  apt-get install graphviz, or write the drawing's source: -o graph.dot");
  if (std::system("command -v dot >/dev/null 2>&1") != 0) GTEST_SKIP() << "Graphviz is not installed";
  EXPECT_EQ(weft({"graph", "g.toml", "-o", "g.svg"}).exit, 0);
  EXPECT_THAT(read("g.svg"), HasSubstr("<svg"));
  EXPECT_THAT(weft_out({"graph", "g.toml"}), HasSubstr("<svg"));
  expect_error(weft({"graph", "g.toml", "-o", "nowhere/g.svg"}), 1,
               "weft: nowhere/g.svg cannot be written by `dot`; is there such a folder?");
}

TEST_F(Verbs, NothingIsWrittenOverTheGraph) {
  const std::string graph = read("g.toml");
  write("g.dot", graph);
  expect_error(weft({"graph", "g.dot", "-o", "./g.dot"}), 2,
               "weft: -o ./g.dot is the graph itself\n  name another file");
  EXPECT_EQ(read("g.dot"), graph);
}

TEST_F(Verbs, GraphNamesTheFormsOfDrawings) {
  expect_error(weft({"graph", "g.toml", "-o", "g.gif"}), 2,
               "weft: -o g.gif: the name must end in .svg, .png, .pdf or .dot");
  expect_error(weft({"graph", "g.toml", "-o", "nowhere/g.dot"}), 1, "weft: nowhere/g.dot cannot be written");
}

TEST_F(Verbs, ExplainHasSomethingToSayOfEachCodeThatItLists) {
  std::istringstream lines(weft_out({"explain"}));
  std::vector<std::string> codes;
  for (std::string line; std::getline(lines, line);) codes.push_back(line.substr(0, line.find(' ')));
  EXPECT_GE(codes.size(), 40);
  for (const std::string& code : {codes.front(), codes.back(), std::string("E202")}) {
    EXPECT_THAT(weft_out({"explain", code}), AllOf(StartsWith(code + ": "), HasSubstr("\n\n")));
  }
}

TEST_F(Verbs, ExplainOfAnUnknownCodeNamesTheNearest) {
  expect_error(weft({"explain", "E331"}), 2,
               "weft: there is no error code E331\n  did you mean \"E301\"?\n  `weft explain` lists them all");
}

TEST_F(Verbs, ExplainTakesSmallLetters) {
  EXPECT_EQ(weft_out({"explain", "e301"}), weft_out({"explain", "E301"}));
}

TEST_F(Verbs, NodesListsAllTypes) {
  EXPECT_THAT(weft_out({"nodes"}), AllOf(HasSubstr("toy.add "), HasSubstr("toy.write ")));
}

TEST_F(Verbs, NodesShowsThePageOfAType) {
  const std::string page = weft_out({"nodes", "toy.fails"});
  EXPECT_THAT(page, AllOf(StartsWith("toy.fails    (plugin toy)\n"), HasSubstr("Passes its input on, until it throws"),
                          HasSubstr("any[B,C,H,W]"), HasSubstr("like in[B,C,H,W]"), HasSubstr("at_frame"),
                          HasSubstr("one of \"library\", \"error\", \"memory\", \"shapes\" or \"waits\"")));
}

TEST_F(Verbs, NodesOfAnUnknownTypeNamesTheNearest) {
  expect_error(weft({"nodes", "toy.countr"}), 2,
               "weft: there is no node type toy.countr\n  did you mean \"toy.counter\"?");
}

TEST_F(Verbs, NodesWritesAPageForEachFamily) {
  EXPECT_EQ(weft({"nodes", "--markdown", "pages"}).exit, 0);
  EXPECT_THAT(read("pages/toy.md"), AllOf(HasSubstr("## toy.add\n"), HasSubstr("| `plus` |")));
  EXPECT_THAT(read("pages/toy.md"), Not(HasSubstr("## image.")));
}

TEST_F(Verbs, NodesTellsWhichPluginsWereRefused) {
  EXPECT_EQ(weft_out({"nodes", "--refused"}), "no plugin was refused\n");
  write("plugins/weft_lab.so", "no library");
  Surroundings surroundings;
  surroundings.environment["WEFT_PLUGIN_PATH"] = (folder_ / "plugins").string() + ":" + (folder_ / "nowhere").string();
  EXPECT_EQ(weft({"nodes", "--refused"}, surroundings).out,
            "plugins/weft_lab.so\n  it is not a shared library\n"
            "nowhere\n  this folder of plugins cannot be read: No such file or directory\n");
  const Outcome list = weft({"nodes"}, surroundings);
  EXPECT_THAT(list.out, HasSubstr("flow.warp ")) << "other plugins still work";
  EXPECT_THAT(list.err, EndsWith("2 plugins refused: weft nodes --refused\n"));
  write_graph("h.toml", "[node.a]\nuse = \"camera.film\"\n");
  EXPECT_THAT(
      weft({"check", "h.toml"}, surroundings).out,
      HasSubstr("there is no node type \"camera.film\"\n    nowhere: this folder of plugins cannot be read: No such "
                "file or directory; `weft nodes --refused` lists all that was refused"));
  write_graph("i.toml", "[node.a]\nuse = \"lab.camera\"\n");
  EXPECT_THAT(weft({"check", "i.toml"}, surroundings).out,
              HasSubstr("`weft nodes --refused` lists all that were refused"));
  expect_error(weft({"nodes", "lab.camera"}, surroundings), 5,
               "weft: there is no node type lab.camera\n  plugins/weft_lab.so: it is not a shared library");
}

TEST_F(Verbs, AFolderOfPluginsThatIsMissingIsNamedWhereATypeOfItIsUsed) {
  Surroundings surroundings;
  surroundings.environment["WEFT_PLUGIN_PATH"] = (folder_ / "nowhere").string();
  write_graph("lab.toml", "[node.a]\nuse = \"mylab.gamma\"\n");
  EXPECT_THAT(weft({"check", "lab.toml"}, surroundings).out,
              HasSubstr("error E201: node \"a\": there is no node type \"mylab.gamma\"\n    nowhere: this folder of "
                        "plugins cannot be read: No such file or directory"));
  expect_error(
      weft({"nodes", "mylab.gamma"}, surroundings), 2,
      "weft: there is no node type mylab.gamma\n  nowhere: this folder of plugins cannot be read: No such file "
      "or directory");
  write_graph("near.toml", "[node.a]\nuse = \"flow.wrap\"\n");
  EXPECT_THAT(weft({"check", "near.toml"}, surroundings).out, HasSubstr("did you mean \"flow.warp\"?"))
      << "what is there is not explained by what is missing";
  EXPECT_THAT(weft({"check", "near.toml"}, surroundings).out, Not(HasSubstr("nowhere")));
}

}  // namespace
}  // namespace weft::testing
