#include "framework/run/session.h"

#include "framework/testing/node_runner.h"

#include <ATen/ops/full.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <sstream>

namespace weft::run {
namespace {

namespace fs = std::filesystem;

std::string write_graph(const std::string& name, const std::string& content) {
  const fs::path file = fs::temp_directory_path() / ("weft_session_" + name + ".toml");
  std::ofstream(file) << "format = 1\n" << content;
  return file;
}

at::Tensor image(double value) {
  return at::full({1, 3, 2, 2}, value, at::kFloat);
}

TEST(Session, FramesArePushedAndPulled) {
  const std::string file = write_graph("push", R"(
[inputs]
s = "image[B,3,H,W]"
[node.sum]
use = "toy.total"
in = "s[t-1..t]"
[outputs]
sum = "sum"
)");
  Log log(Log::Level::Quiet);
  graph::CheckOptions check;
  check.wanted = {"sum"};
  Session session(file, check, testing::NodeRunner::built_plugins(), {}, log);
  session.begin();
  session.push("s", image(1));
  session.step();
  EXPECT_FALSE(session.pull("sum").has_value()) << "one frame is no window of two";
  session.push("s", image(5));
  session.step();
  EXPECT_EQ(session.pull("sum").tensor().flatten()[0].item<float>(), 6);
  session.end();
  session.begin();
  session.push("s", image(2));
  session.step();
  EXPECT_FALSE(session.pull("sum").has_value()) << "delays start anew with a sequence";
}

TEST(Session, AWriterOfTheWholeSetGetsBatchesTogetherAndEndsAfterTheLastSequence) {
  const fs::path out = fs::temp_directory_path() / "weft_session_tally.txt";
  const std::string file = write_graph("tally", R"(
[run]
batch = 2
[node.source]
use = "toy.counter"
frames = 3
sequences = 4
[stream]
seen = "more[t-1] else source"
[node.more]
use = "toy.add"
in = "source"
plus = 2.0
[node.tally]
use = "toy.tally"
in = "seen"
path = ")" + out.string() + "\"\n");
  Log log(Log::Level::Quiet);
  Session session(file, {}, testing::NodeRunner::built_plugins(), {}, log);
  session.run();
  std::stringstream written;
  written << std::ifstream(out).rdbuf();
  // Two batches of two sequences; more[t-1] is there until t = 3. Nodes of the reader's own family have their defaults too.
  EXPECT_TRUE(written.str().starts_with("16 rows in 8 calls, from toy.add(plus = 2.0) of toy.counter("))
      << written.str();
  EXPECT_NE(written.str().find("frames = 3"), std::string::npos) << written.str();
  EXPECT_NE(written.str().find(" else toy.counter("), std::string::npos) << written.str();
}

TEST(Session, SequencesStartDelaysStatesAndStillValuesAnew) {
  const fs::path out = fs::temp_directory_path() / "weft_session_sequences.txt";
  const std::string file = write_graph("sequences", R"(
[node.source]
use = "toy.counter"
frames = 3
sequences = 2
[node.sum]
use = "toy.sum"
in = "source"
[node.write]
use = "toy.write"
in = "sum"
path = ")" + out.string() + "\"\n");
  Log log(Log::Level::Quiet);
  Session session(file, {}, testing::NodeRunner::built_plugins(), {}, log);
  const Summary summary = session.run();
  EXPECT_EQ(summary.sequences, 2);
  EXPECT_EQ(summary.frames, 6);
  std::ifstream in(out);
  std::string content((std::istreambuf_iterator<char>(in)), std::istreambuf_iterator<char>());
  EXPECT_EQ(content,
            "sequence 1: 0 0\nsequence 1: 1 1\nsequence 1: 2 3\n"
            "sequence 2: 0 0\nsequence 2: 1 1\nsequence 2: 2 3\n");
}

TEST(Session, RandomnessDependsOnSeedNodeSequenceAndFrameOnly) {
  const std::string content = R"(
[inputs]
s = "image[B,3,H,W]"
[node.noise]
use = "toy.noise"
in = "s"
[outputs]
noise = "noise"
)";
  const std::string file = write_graph("noise", content);
  const auto draw = [&](int64_t skipped, const std::string& seed) {
    Log log(Log::Level::Quiet);
    graph::CheckOptions check;
    check.settings.push_back(graph::read_setting("run.seed=" + seed));
    SessionOptions options;
    options.range.first = skipped;
    Session session(file, check, testing::NodeRunner::built_plugins(), options, log);
    session.begin();
    Value last;
    for (int i = 0; i < 3; ++i) {
      session.push("s", image(0));
      session.step();
      last = session.pull("noise");
    }
    return last.tensor();
  };
  EXPECT_TRUE(draw(0, "1").equal(draw(2, "1"))) << "what ran before does not count";
  EXPECT_FALSE(draw(0, "1").equal(draw(0, "2")));
}

TEST(Session, AStopAsksForTheEndAfterTheFrameInHand) {
  const fs::path out = fs::temp_directory_path() / "weft_session_stop.txt";
  fs::remove(out);
  const std::string file = write_graph("stop", R"(
[node.source]
use = "toy.counter"
frames = 100
[node.write]
use = "toy.write"
in = "source"
path = ")" + out.string() + "\"\n");
  Log log(Log::Level::Quiet);
  const std::atomic<int> stop = 15;
  SessionOptions options;
  options.stop = &stop;
  Session session(file, {}, testing::NodeRunner::built_plugins(), options, log);
  const Summary summary = session.run();
  EXPECT_TRUE(summary.was_stopped);
  EXPECT_LE(summary.frames, 1) << "none when the source takes its time";
  std::ifstream in(out);
  std::string content((std::istreambuf_iterator<char>(in)), std::istreambuf_iterator<char>());
  EXPECT_EQ(content, summary.frames == 0 ? "" : "sequence 1: 0 0\n");
}

}  // namespace
}  // namespace weft::run
