// What ends a run before its end: one error, the right exit code, and what was written stays.
#include "tests/cli/program.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <nlohmann/json.hpp>
#include <sys/file.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>

namespace weft::testing {
namespace {

using ::testing::HasSubstr;
using ::testing::MatchesRegex;

class Failure : public ProgramTest {
 protected:
  /// A counter, a node that passes its frames on, and a writer; lines are added to the counter and to that node.
  void write_run(const std::string& of_counter, const std::string& of_node) const {
    write_graph("g.toml", "[node.a]\nuse = \"toy.counter\"\n" + of_counter + "[node.b]\n" + of_node +
                              "in = \"a\"\n[node.w]\nuse = \"toy.write\"\nin = \"b\"\npath = \"out.txt\"\n");
  }
  /// The last line of the newest run's log.
  nlohmann::json log_end() const {
    const std::string log = read("runs/g/last/log.jsonl");
    return nlohmann::json::parse(log.substr(log.rfind('\n', log.size() - 2) + 1));
  }
  size_t lines_written() const {
    const std::string lines = read("out.txt");
    return static_cast<size_t>(std::count(lines.begin(), lines.end(), '\n'));
  }
};

TEST_F(Failure, OfANodeNamesNodeFrameInputsAndPlace) {
  write_run("frames = 9\n", "use = \"toy.fails\"\n");
  expect_error(weft({"run", "g.toml"}), 1,
               "weft: the library says no\n  its inputs: in [1, 3, 2, 2]\n"
               "  in node \"b\" (toy.fails), frame 3, g.toml:5:7");
  EXPECT_EQ(read("out.txt"), "sequence 1: 0 0\nsequence 1: 1 1\nsequence 1: 2 2\n");
  EXPECT_EQ(log_end().at("outcome"), "failed");
  EXPECT_THAT(log_end().at("failure"), HasSubstr("the library says no"));
}

TEST_F(Failure, OfDataHasAnExitCodeOfItsOwn) {
  write_run("frames = 9\n", "use = \"toy.fails\"\nhow = \"error\"\n");
  expect_error(weft({"run", "g.toml"}), 4,
               "weft: this value cannot be used\n  its inputs: in [1, 3, 2, 2]\n  in node \"b\" (toy.fails), frame 3, "
               "g.toml:5:7\n  use another");
}

TEST_F(Failure, OfAWriterEndsTheRun) {
  write_run("frames = 9\n", "use = \"toy.add\"\n");
  expect_error(
      weft({"run", "g.toml", "--set", "w.fails_at=2"}), 1,
      "weft: the disk is full\n  its inputs: in [1, 3, 2, 2]\n  in node \"w\" (toy.write), frame 2, g.toml:8:7");
  EXPECT_EQ(lines_written(), 2);
}

TEST_F(Failure, OfMemoryHasAnExitCodeOfItsOwn) {
  write_run("frames = 9\n", "use = \"toy.fails\"\nhow = \"memory\"\n");
  expect_error(weft({"run", "g.toml"}), 6,
               "weft: out of memory\n  its inputs: in [1, 3, 2, 2]\n"
               "  in node \"b\" (toy.fails), frame 3, g.toml:5:7\n  a smaller size, or --precision bf16, needs less");
}

TEST_F(Failure, OfAnAbsurdSizeIsOneOfMemory) {
  write_run("frames = 2\nsize = [1000000, 1000000]\n", "use = \"toy.add\"\n");
  Surroundings surroundings;
  surroundings.environment["ASAN_OPTIONS"] = "detect_leaks=0:allocator_may_return_null=1";
  Outcome outcome = weft({"run", "g.toml"}, surroundings);
  // The sanitizer has a line of its own.
  if (outcome.err.starts_with("==")) outcome.err.erase(0, outcome.err.find('\n') + 1);
  expect_error(outcome, 6,
               "weft: out of memory: 12 TB were asked for\n  in node \"a\" (toy.counter), frame 0, g.toml:2:7\n"
               "  a smaller size, or --precision bf16, needs less");
}

TEST_F(Failure, OfLimitedMemoryIsNoAbort) {
  if (has_address_sanitizer()) GTEST_SKIP() << "the address sanitizer needs terabytes of address space";
  write_run("frames = 9\nsize = [20000, 20000]\n", "use = \"toy.add\"\n");
  Surroundings surroundings;
  surroundings.most_memory = 3'000'000'000;
  expect_error(weft({"run", "g.toml"}, surroundings), 6,
               "weft: out of memory: 4.8 GB were asked for\n  in node \"a\" (toy.counter), frame 0, g.toml:2:7\n"
               "  a smaller size, or --precision bf16, needs less");
}

TEST_F(Failure, OfMemoryForPluginsHasTheSameCode) {
  if (has_address_sanitizer()) GTEST_SKIP() << "the address sanitizer needs terabytes of address space";
  write_graph("g.toml",
              "[node.a]\nuse = \"world.street\"\n[node.w]\nuse = \"media.write_video\"\nin = \"a.image\"\n"
              "path = \"o.mp4\"\n");
  bool is_done = false;
  for (uint64_t limit = 300'000'000; !is_done && limit < 3'000'000'000; limit += 50'000'000) {
    Surroundings surroundings;
    surroundings.most_memory = limit;
    const Outcome outcome = weft({"check", "g.toml"}, surroundings);
    is_done = outcome.exit == 0;
    // Below some limit the system cannot even load LibTorch: the loader ends the process with a code of its own.
    if (outcome.exit == 127) continue;
    EXPECT_EQ(outcome.signal, 0) << limit;
    EXPECT_THAT(outcome.exit, ::testing::AnyOf(0, 6)) << limit << ' ' << outcome.err;
  }
  EXPECT_TRUE(is_done);
}

TEST_F(Failure, OfALibraryWhereNoFrameIsMadeHasAPlaceAndNoStack) {
  write_run("frames = 9\n", "use = \"toy.network\"\nrows = -1\n");
  const Outcome outcome = weft({"run", "g.toml", "--set", "weights.b=fill"});
  EXPECT_EQ(outcome.exit, 1);
  EXPECT_THAT(outcome.err, MatchesRegex("weft: [^\n]*negative[^\n]*\n  in node \"b\" \\(toy.network\\), g.toml:5:7\n"));
}

TEST_F(Failure, OfAPluginThatWasRefusedHasAnExitCodeOfItsOwn) {
  write("plugins/weft_lab.so", "no library");
  write_graph("g.toml", "[node.a]\nuse = \"lab.camera\"\n");
  Surroundings surroundings;
  surroundings.environment["WEFT_PLUGIN_PATH"] = (folder_ / "plugins").string();
  const std::string message =
      "g.toml:3:7: error E202: node \"a\": the plugin of \"lab.camera\" was refused: plugins/weft_lab.so: "
      "it is not a shared library\n    `weft nodes --refused` lists all that were refused";
  expect_error(weft({"run", "g.toml"}, surroundings), 5, message);
  const Outcome check = weft({"check", "g.toml"}, surroundings);
  EXPECT_EQ(check.exit, 5);
  EXPECT_EQ(check.out, message + "\n1 error; `weft explain CODE` tells more\n");
  write_graph("g.toml", "[node.a]\nuse = \"lab.camera\"\n[node.b]\nuse = \"toy.countr\"\n");
  EXPECT_EQ(weft({"check", "g.toml"}, surroundings).exit, 3) << "a graph with other faults is wrong";
}

TEST_F(Failure, OfASecondRunIntoOneOutputComesAtOnce) {
  write_run("frames = 2\n", "use = \"toy.add\"\n");
  const std::string lock = folder_ / ".out.txt.lock";
  const int other = ::open(lock.c_str(), O_RDWR | O_CREAT, 0666);
  ASSERT_EQ(::flock(other, LOCK_EX), 0);
  expect_error(weft({"run", "g.toml"}), 1,
               "weft: out.txt is being written already, by another process or another node\n"
               "  wait until it has ended, or give this run an output of its own");
  EXPECT_FALSE(std::filesystem::exists(folder_ / "out.txt"));
  ::close(other);
  EXPECT_EQ(weft({"run", "g.toml"}).exit, 0) << "a lock file that a killed run left is in nobody's way";
  EXPECT_FALSE(std::filesystem::exists(lock));
}

TEST_F(Failure, OfAWorkingFolderThatIsGone) {
  const std::string folder = "'" + (folder_ / "gone").string() + "'";
  const std::string command = "mkdir " + folder + " && cd " + folder + " && rmdir " + folder +
                              " && " WEFT_BUILD_DIR "/weft --version 2>'" + (folder_ / "err.txt").string() + "'";
  EXPECT_EQ(WEXITSTATUS(std::system(command.c_str())), 1);
  EXPECT_EQ(read("err.txt"), "weft: the working folder is no longer there\n  change into another one\n");
}

TEST_F(Failure, OfAnOutputThatIsReadComesBeforeItIsTouched) {
  write_graph("g.toml",
              "[node.a]\nuse = \"toy.counter\"\nframes = 2\n[node.net]\nuse = \"toy.network\"\nin = \"a\"\n"
              "[weights]\nnet = \"net.safetensors\"\n"
              "[node.w]\nuse = \"toy.write\"\nin = \"net\"\npath = \"net.safetensors\"\n");
  ASSERT_EQ(weft({"weights", "fill", "g.toml"}).exit, 0);
  const std::string weights = read("net.safetensors");
  expect_error(weft({"run", "g.toml", "--force"}), 3,
               "weft: net.safetensors would be replaced, but is read for the weights of \"net\"\n"
               "  in node \"w\" (toy.write), g.toml:10:7\n  give the writer a `path` elsewhere");
  EXPECT_EQ(read("net.safetensors"), weights);
}

TEST_F(Failure, OfAnUnwritableFolderIsSaid) {
  write_run("frames = 2\n", "use = \"toy.add\"\n");
  std::filesystem::create_directory(folder_ / "closed");
  std::filesystem::permissions(folder_ / "closed", std::filesystem::perms::owner_read);
  Surroundings surroundings;
  surroundings.obeys_permissions = true;
  expect_error(weft({"run", "g.toml", "--run-folder", "closed/runs"}, surroundings), 1,
               "weft: the run folder closed/runs/g cannot be made: Permission denied\n"
               "  --run-folder DIR puts it elsewhere, --run-folder none leaves it out");
}

class Signal : public Failure {
 protected:
  /// Sends a signal when the run has begun.
  static Surroundings sending(int signal, const std::filesystem::path& folder) {
    Surroundings surroundings;
    surroundings.meanwhile = [signal, folder](pid_t program) {
      EXPECT_TRUE(wait_until([&] { return std::filesystem::exists(folder / "runs/g/last/log.jsonl"); }));
      kill(program, signal);
    };
    return surroundings;
  }
};

TEST_F(Signal, EndsTheRunAfterTheFrameInHand) {
  for (const int signal : {SIGTERM, SIGINT, SIGUSR1, SIGHUP}) {
    std::filesystem::remove_all(folder_ / "runs");
    std::filesystem::remove(folder_ / "out.txt");
    write_run("frames = 1000000\nmilliseconds = 5\n", "use = \"toy.add\"\n");
    const Outcome outcome = weft({"run", "g.toml"}, sending(signal, folder_));
    EXPECT_EQ(outcome.signal, 0);
    EXPECT_EQ(outcome.exit, 128 + signal);
    EXPECT_THAT(outcome.err, MatchesRegex("stopped: [0-9]+ frames? in [0-9.]+ s, [0-9.]+ frames/s\n(  out\\.txt\n)?"
                                          "  runs/g/.*\n"));
    EXPECT_EQ(log_end().at("outcome"), "stopped");
    EXPECT_EQ(log_end().at("frames"), has("out.txt") ? lines_written() : 0);
  }
}

TEST_F(Signal, EndsTheWaitForASource) {
  for (const char* const at : {"waits_at = 3\n", "waits_at = -2\n"}) {
    std::filesystem::remove_all(folder_ / "runs");
    write_run("frames = 9\nwaits_for = \"what never comes\"\n" + std::string(at), "use = \"toy.add\"\n");
    const Outcome outcome = weft({"run", "g.toml"}, sending(SIGTERM, folder_));
    EXPECT_EQ(outcome.exit, 143);
    EXPECT_THAT(outcome.err, HasSubstr("stopped: "));
    EXPECT_EQ(log_end().at("outcome"), "stopped");
  }
}

TEST_F(Signal, ASourceThatWaitsHoldsUpNoFailure) {
  write_run("frames = 9\nwaits_at = 4\nwaits_for = \"what never comes\"\n", "use = \"toy.fails\"\nat_frame = 2\n");
  EXPECT_EQ(weft({"run", "g.toml"}).exit, 1);
}

TEST_F(Signal, OfAClosedTerminalComesTwice) {
  write_run("frames = 9\n", "use = \"toy.fails\"\nhow = \"waits\"\n");
  Surroundings surroundings;
  surroundings.meanwhile = [this](pid_t program) {
    EXPECT_TRUE(wait_until([&] { return has("runs/g/last/log.jsonl"); }));
    for (int i = 0; i < 20; ++i) kill(program, SIGHUP);
    // Two threads may take signals of two kinds at once, in any order: the TERM that comes second ends the program.
    EXPECT_TRUE(wait_until([&] {
      kill(program, SIGTERM);
      siginfo_t ended{};
      return ::waitid(P_PID, static_cast<id_t>(program), &ended, WEXITED | WNOHANG | WNOWAIT) == 0 && ended.si_pid != 0;
    }));
  };
  EXPECT_EQ(weft({"run", "g.toml"}, surroundings).exit, 143) << "the second one ends at once, but it is no HUP";
}

TEST_F(Signal, AHangUpThatIsIgnoredStaysSo) {
  write_run("frames = 1000000\nmilliseconds = 5\n", "use = \"toy.add\"\n");
  Surroundings surroundings;
  surroundings.meanwhile = [this](pid_t program) {
    EXPECT_TRUE(wait_until([&] { return has("runs/g/last/log.jsonl"); }));
    kill(program, SIGHUP);
    kill(program, SIGTERM);
  };
  auto* const before = ::signal(SIGHUP, SIG_IGN);
  const Outcome outcome = weft({"run", "g.toml"}, surroundings);
  ::signal(SIGHUP, before);
  EXPECT_EQ(outcome.exit, 143);
  EXPECT_THAT(outcome.err, HasSubstr("stopped: ")) << "TERM was the first that came";
}

TEST_F(Signal, AskedTwiceTheProgramEndsAtOnce) {
  write_run("frames = 9\n", "use = \"toy.fails\"\nhow = \"waits\"\n");
  Surroundings surroundings;
  surroundings.meanwhile = [this](pid_t program) {
    EXPECT_TRUE(wait_until([&] { return has("runs/g/last/log.jsonl"); }));
    // Two signals at once may arrive as one, so they are sent until the program is gone.
    EXPECT_TRUE(wait_until([&] {
      kill(program, SIGINT);
      siginfo_t info{};
      return waitid(P_PID, static_cast<id_t>(program), &info, WEXITED | WNOHANG | WNOWAIT) == 0 &&
             info.si_pid == program;
    }));
  };
  EXPECT_EQ(weft({"run", "g.toml"}, surroundings).exit, 128 + SIGINT);
}

}  // namespace
}  // namespace weft::testing
