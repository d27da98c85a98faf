// Standard streams that are closed, full, or read by nobody.
#include "tests/cli/program.h"

#include <gmock/gmock.h>
#include <nlohmann/json.hpp>

#include <cstdlib>
#include <sstream>

namespace weft::testing {
namespace {

using ::testing::EndsWith;
using ::testing::HasSubstr;

class Streams : public ProgramTest {
 protected:
  void SetUp() override {
    ProgramTest::SetUp();
    write_graph("g.toml",
                "[node.a]\nuse = \"toy.counter\"\nframes = 3\n[node.w]\nuse = \"toy.write\"\nin = \"a\"\n"
                "path = \"out.txt\"\n");
    write_graph("n.toml",
                "[node.a]\nuse = \"toy.counter\"\nframes = 3\n[node.b]\nuse = \"toy.network\"\nin = \"a\"\n"
                "[node.w]\nuse = \"toy.write\"\nin = \"b\"\npath = \"out.txt\"\n[weights]\nb = \"fill\"\n");
  }

  /// Commands whose result is what they print.
  static std::vector<std::vector<std::string>> printing() {
    std::vector<std::vector<std::string>> commands = {{"--version"},
                                                      {"--help"},
                                                      {"run", "--help"},
                                                      {"nodes"},
                                                      {"nodes", "toy.add"},
                                                      {"nodes", "--schema"},
                                                      {"nodes", "--refused"},
                                                      {"plan", "g.toml"},
                                                      {"check", "g.toml"},
                                                      {"check", "g.toml", "--format", "json"},
                                                      {"explain"},
                                                      {"explain", "E201"},
                                                      {"completion", "bash"},
                                                      {"complete", ""},
                                                      {"weights", "list", "n.toml"},
                                                      {"doctor"}};
    if (std::system("command -v dot >/dev/null 2>&1") == 0) commands.push_back({"graph", "g.toml"});
    return commands;
  }

  void expect_refused(const std::vector<std::vector<std::string>>& commands, const Surroundings& surroundings,
                      const std::string& reason) const {
    for (const std::vector<std::string>& command : commands) {
      const Outcome outcome = weft(command, surroundings);
      EXPECT_EQ(outcome.signal, 0) << command.front();
      EXPECT_EQ(outcome.exit, 1) << command.front();
      EXPECT_THAT(outcome.err, EndsWith("weft: standard output cannot be written: " + reason + '\n'));
    }
  }
};

TEST_F(Streams, AFullDiskBehindStandardOutputIsAnError) {
  Surroundings surroundings;
  surroundings.out = "/dev/full";
  expect_refused(printing(), surroundings, "No space left on device");
}

TEST_F(Streams, AClosedStandardOutputIsAnError) {
  Surroundings surroundings;
  surroundings.closed = {1};
  expect_refused({{"--version"}, {"nodes"}, {"check", "g.toml"}}, surroundings, "Bad file descriptor");
}

TEST_F(Streams, AReaderThatHasGoneIsAnErrorAndNoSignal) {
  Surroundings surroundings;
  surroundings.out_is_broken = true;
  expect_refused({{"--version"}, {"nodes"}, {"check", "g.toml"}}, surroundings, "Broken pipe");
}

TEST_F(Streams, MessagesNeverGoIntoFilesThatGotTheirDescriptor) {
  for (const std::vector<int>& closed : {std::vector{2}, {0, 2}, {0, 1, 2}, {1}, {0}}) {
    std::filesystem::remove_all(folder_ / "runs");
    Surroundings surroundings;
    surroundings.closed = closed;
    const Outcome outcome = weft({"run", "g.toml", "-v"}, surroundings);
    EXPECT_EQ(outcome.exit, 0) << outcome.err;
    EXPECT_EQ(read("out.txt"), "sequence 1: 0 0\nsequence 1: 1 1\nsequence 1: 2 2\n");
    std::istringstream log(read("runs/g/last/log.jsonl"));
    for (std::string line; std::getline(log, line);) EXPECT_TRUE(nlohmann::json::accept(line)) << line;
    for (const char* file : {"graph.toml", "lock.toml", "report.html"})
      EXPECT_EQ(read(std::string("runs/g/last/") + file).find("done: "), std::string::npos) << file;
  }
}

}  // namespace
}  // namespace weft::testing
