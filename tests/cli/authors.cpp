// What the program does for authors of plugins: `new plugin`, `plugin check`, `completion`.
#include "tests/cli/program.h"

#include <gmock/gmock.h>

#include <cstdlib>
#include <sstream>

namespace weft::testing {
namespace {

using ::testing::AllOf;
using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::SizeIs;
using ::testing::StartsWith;

class Authors : public ProgramTest {
 protected:
  /// What `weft complete WORDS…` offers.
  std::vector<std::string> candidates(std::vector<std::string> words) const {
    words.insert(words.begin(), "complete");
    std::istringstream lines(weft_out(words));
    std::vector<std::string> offered;
    for (std::string line; std::getline(lines, line);) offered.push_back(line);
    return offered;
  }
};

TEST_F(Authors, NewPluginWritesAllFilesUnderItsName) {
  const Outcome outcome = weft({"new", "plugin", "mylab"});
  EXPECT_EQ(outcome.exit, 0) << outcome.err;
  EXPECT_THAT(outcome.err, EndsWith("written: mylab/README.md\nwhat to do next: mylab/README.md\n"));
  EXPECT_THAT(read("mylab/plugin.cpp"), HasSubstr("WEFT_PLUGIN(\"mylab\", "));
  EXPECT_THAT(read("mylab/tint.cpp"), HasSubstr("registry.add<Tint>(\"mylab.tint\")"));
  EXPECT_THAT(read("mylab/CMakeLists.txt"), HasSubstr("weft_add_plugin(mylab SOURCES "));
  for (const char* file : {"README.md", "CMakeLists.txt", "plugin.cpp", "charbonnier.cpp", "refine.cpp", "tint.cpp",
                           "trail.cpp", "tests/nodes.cpp", "graph.toml", "train.toml"}) {
    EXPECT_THAT(read(std::string("mylab/") + file), AllOf(Not(SizeIs(0)), Not(HasSubstr("NAME")))) << file;
  }
}

TEST_F(Authors, NewPluginGoesWhereItIsAsked) {
  EXPECT_EQ(weft({"new", "plugin", "mylab", "-o", "deep/down"}).exit, 0);
  EXPECT_TRUE(has("deep/down/plugin.cpp"));
}

TEST_F(Authors, NewPluginOverwritesNothing) {
  write("mylab/notes.txt", "mine");
  expect_error(weft({"new", "plugin", "mylab"}), 1,
               "weft: mylab is there already, and nothing is overwritten\n  -o FOLDER writes elsewhere");
  EXPECT_EQ(read("mylab/notes.txt"), "mine");
  EXPECT_FALSE(has("mylab/plugin.cpp"));
}

TEST_F(Authors, NewPluginWantsANameThatIsOne) {
  const std::string form = "\n  a name has up to 40 small letters, digits and _, and begins with a letter, as in mylab";
  for (const std::string name : {"MyLab", "my-lab", "1lab", "../lab", "lab.node", "", "lab\nlab"}) {
    expect_error(weft({"new", "plugin", name}), 2, "weft: a plugin cannot be called \"" + name + "\"" + form);
  }
  expect_error(weft({"new", "plugin", "flow"}), 2,
               "weft: there is a plugin flow already: BUILD/plugins/weft_flow.so\n  choose another name");
}

TEST_F(Authors, NewPluginSaysWhereItCannotWrite) {
  write("file", "");
  expect_error(weft({"new", "plugin", "mylab", "-o", "file/below"}), 1,
               "weft: file/below/CMakeLists.txt cannot be written\n  is there such a place, and may you write there?");
}

TEST_F(Authors, PluginCheckHasOneLineANodeAndSaysWhatFails) {
  const Outcome outcome = weft({"plugin", "check", WEFT_BUILD_DIR "/tests/faulty/weft_faulty.so", "--only",
                                "faulty.remembers", "--only", "faulty.rounds", "--only", "faulty.wants_file"});
  EXPECT_EQ(outcome.exit, 5);
  EXPECT_THAT(
      outcome.out,
      AllOf(StartsWith("node              sizes   inputs  seed  reset   state      gradients           GPU\n"
                       "faulty.remembers  3 of 3  ok      ok    FAILED  not asked"),
            HasSubstr("\nfaulty.rounds     3 of 3  ok      ok    ok      none       not differentiable  "),
            HasSubstr("\nfaulty.wants_file  not tried: it wants a file (`path`): --set "
                      "faulty.wants_file.path=…\n"),
            EndsWith("\nfaulty.remembers, reset: after reset() frame 0 is not that of a fresh node: in [1, 3, 32, "
                     "48]\n  it has state: clear it in void reset(), and name it in void state(weft::Archive&)\n")));
  EXPECT_EQ(outcome.err, "BUILD/tests/faulty/weft_faulty.so: 2 nodes tried, 1 failed\n");
}

TEST_F(Authors, PluginCheckTakesParameters) {
  const std::string faulty = WEFT_BUILD_DIR "/tests/faulty/weft_faulty.so";
  const auto check = [&](const std::string& setting) {
    return weft({"plugin", "check", faulty, "--only", "faulty.wants_file", "--set", setting});
  };
  const Outcome outcome = check("faulty.wants_file.path=here");
  EXPECT_EQ(outcome.exit, 0);
  EXPECT_THAT(outcome.out, HasSubstr("\nfaulty.wants_file  3 of 3  ok "));
  expect_error(check("path=here"), 2, "weft: --set path=here: write --set family.node.parameter=value");
  expect_error(
      check("faulty.wants_file.pth=here"), 2,
      "weft: --set faulty.wants_file.pth=here: faulty.wants_file has no parameter `pth`\n  did you mean \"path\"?");
  expect_error(check("faulty.wants_fil.path=here"), 2,
               "weft: --set faulty.wants_fil.path=here: there is no node type faulty.wants_fil\n"
               "  did you mean \"faulty.wants_file\"?");
}

TEST_F(Authors, PluginCheckRefusesWhatARunWouldRefuse) {
  write("weft_lab.so", "no library");
  expect_error(weft({"plugin", "check", "weft_lab.so"}), 5, "weft: weft_lab.so: it is not a shared library");
  expect_error(weft({"plugin", "check", "nowhere.so"}), 5,
               "weft: nowhere.so: it cannot be read: No such file or directory");
  Surroundings surroundings;
  surroundings.environment["WEFT_FICKLE"] = "error";
  const Outcome outcome = weft({"plugin", "check", WEFT_BUILD_DIR "/tests/refused/weft_fickle.so"}, surroundings);
  EXPECT_EQ(outcome.exit, 5);
  EXPECT_THAT(outcome.err, StartsWith("weft: BUILD/tests/refused/weft_fickle.so: no licence\n"));
}

TEST_F(Authors, CompletionOffersVerbsOptionsAndTheirValues) {
  EXPECT_THAT(candidates({""}),
              AllOf(Contains("run"), Contains("check"), Contains("new"), Contains("plugin"), Contains("completion")));
  EXPECT_THAT(candidates({"ch"}), ElementsAre("check"));
  EXPECT_THAT(candidates({"weights", ""}),
              AllOf(Contains("convert"), Contains("diff"), Contains("fill"), Contains("list")));
  EXPECT_THAT(candidates({"run", "--pre"}), ElementsAre("--precision"));
  EXPECT_THAT(candidates({"run", "--precision", ""}), ElementsAre("bf16", "f32"));
  EXPECT_THAT(candidates({"run", "--qu"}), ElementsAre("--quiet"));
  EXPECT_THAT(candidates({"nodes", "toy.cou"}), ElementsAre("toy.counter"));
  EXPECT_THAT(candidates({"explain", "E50"}), ElementsAre("E501", "E502", "E503", "E504"));
  EXPECT_THAT(candidates({"completion", ""}), ElementsAre("bash", "fish", "zsh"));
  EXPECT_THAT(candidates({"no_verb", "x", ""}), SizeIs(0));
}

TEST_F(Authors, CompletionOffersFilesAndWhatAGraphHas) {
  write_graph("graphs/g.toml",
              "[params]\nn = 3\nname = \"x\"\n[node.a]\nuse = \"toy.counter\"\nframes = \"$n\"\n"
              "[node.w]\nuse = \"toy.write\"\nin = \"a\"\npath = \"o\"\n");
  write("graphs/readme.txt", "");
  write("graphs/more/h.toml", "");
  EXPECT_THAT(candidates({"run", "gr"}), ElementsAre("graphs/"));
  EXPECT_THAT(candidates({"pack", "gr"}), ElementsAre("graphs/"));
  EXPECT_THAT(candidates({"run", "graphs/"}), ElementsAre("graphs/g.toml", "graphs/more/"));
  EXPECT_THAT(candidates({"run", "graphs/g.toml", "--set", ""}), ElementsAre("n=", "name="));
  EXPECT_THAT(candidates({"run", "graphs/g.toml", "--set", "a.f"}), ElementsAre("a.fails_at=", "a.frames="));
  EXPECT_THAT(candidates({"run", "graphs/g.toml", "--peek", ""}), ElementsAre("a"));
  EXPECT_THAT(candidates({"run", "nowhere.toml", "--set", ""}), SizeIs(0));
}

TEST_F(Authors, ABashThatHasReadTheScriptCompletes) {
  write_graph("g.toml", "[params]\nn = 3\nname = \"x\"\n");
  write("_", weft_out({"completion", "bash"}));
  write("test.bash",
        "set -u\nsource ./_\n"
        "ask() { COMP_LINE=$1 COMP_POINT=${#1}; COMPREPLY=(); _weft; printf '%s|' \"${COMPREPLY[@]}\"; echo; }\n"
        "ask 'weft comp'\nask 'weft run --pre'\nask 'weft run g.toml --set n'\nask 'weft run g.toml --device '\n"
        "complete -p weft\n");
  const std::string command =
      "cd '" + folder_.string() + "' && PATH=" WEFT_BUILD_DIR ":$PATH bash test.bash >out.txt 2>&1";
  EXPECT_EQ(std::system(command.c_str()), 0);
  EXPECT_EQ(read("out.txt"), "completion|\n--precision|\nn=|name=|\ncpu|cuda|\ncomplete -o default -F _weft weft\n");
}

TEST_F(Authors, ScriptsOfOtherShellsAreReadByThem) {
  for (const std::string shell : {"zsh", "fish"}) {
    const std::string script = weft_out({"completion", shell});
    EXPECT_THAT(script, AllOf(HasSubstr("complete"), HasSubstr("weft")));
    write("script." + shell, script);
    if (std::system(("command -v " + shell + " >/dev/null 2>&1").c_str()) != 0) continue;  // not installed here
    EXPECT_EQ(std::system((shell + " --no-execute '" + (folder_ / ("script." + shell)).string() + "'").c_str()), 0);
  }
}

}  // namespace
}  // namespace weft::testing
