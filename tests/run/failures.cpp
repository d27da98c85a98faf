#include "framework/run/session.h"
#include "framework/testing/node_runner.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <sstream>

namespace weft::run {
namespace {

namespace fs = std::filesystem;

/// A graph with a counter, whatever `body` has, and a writer of `last`.
class Failure : public ::testing::Test {
 protected:
  void SetUp() override {
    folder_ = fs::temp_directory_path() /
              ("weft_failure_" + std::string(::testing::UnitTest::GetInstance()->current_test_info()->name()));
    fs::create_directories(folder_);
  }
  void TearDown() override { fs::remove_all(folder_); }

  /// @returns what the run throws
  Error run(const std::string& body, const std::vector<std::string>& settings = {}) {
    std::ofstream(folder_ / "g.toml") << "format = 1\n"
                                      << body
                                      << "[node.write]\nuse = \"toy.write\"\nin = \"last\"\npath = \"out.txt\"\n";
    const fs::path back = fs::current_path();
    fs::current_path(folder_);
    Log log(Log::Level::Quiet);
    graph::CheckOptions check;
    for (const std::string& setting : settings) check.settings.push_back(graph::read_setting(setting));
    try {
      Session("g.toml", check, testing::NodeRunner::built_plugins(), {}, log).run();
    } catch (const Error& error) {
      fs::current_path(back);
      return error;
    }
    fs::current_path(back);
    return Error(Exit::Done, "the run succeeded");
  }
  std::string written() const {
    std::ifstream in(folder_ / "out.txt");
    std::stringstream content;
    content << in.rdbuf();
    return content.str();
  }

  fs::path folder_;
};

TEST_F(Failure, OfALibraryNamesNodeFrameInputsAndPlace) {
  const Error error =
      run("[node.source]\nuse = \"toy.counter\"\nframes = 9\n[node.last]\nuse = \"toy.fails\"\nin = \"source\"\n");
  EXPECT_EQ(error.exit(), Exit::Failed);
  EXPECT_STREQ(
      error.what(),
      "the library says no\n  its inputs: in [1, 3, 2, 2]\n  in node \"last\" (toy.fails), frame 3, g.toml:5:7");
}

TEST_F(Failure, LeavesWhatWasWrittenBefore) {
  run("[node.source]\nuse = \"toy.counter\"\nframes = 9\n[node.last]\nuse = \"toy.fails\"\nin = \"source\"\n");
  EXPECT_EQ(written(), "sequence 1: 0 0\nsequence 1: 1 1\nsequence 1: 2 2\n");
}

TEST_F(Failure, OfANodeKeepsItsMessageItsExitCodeAndItsHint) {
  const Error error =
      run("[node.source]\nuse = \"toy.counter\"\nframes = 9\n[node.last]\nuse = \"toy.fails\"\nin = \"source\"\nhow = "
          "\"error\"\n");
  EXPECT_EQ(error.exit(), Exit::Data);
  EXPECT_STREQ(error.what(),
               "this value cannot be used\n  its inputs: in [1, 3, 2, 2]\n  in node \"last\" (toy.fails), frame 3, "
               "g.toml:5:7\n  use another");
}

TEST_F(Failure, OfMemoryHasAnExitCodeOfItsOwn) {
  const Error error =
      run("[node.source]\nuse = \"toy.counter\"\nframes = 9\n[node.last]\nuse = \"toy.fails\"\nin = \"source\"\nhow = "
          "\"memory\"\n");
  EXPECT_EQ(error.exit(), Exit::Memory);
  EXPECT_EQ(error.message(), "out of memory");
}

TEST_F(Failure, OfLibTorchIsWithoutItsStackTrace) {
  const Error error =
      run("[node.source]\nuse = \"toy.counter\"\nframes = 9\n[node.last]\nuse = \"toy.fails\"\nin = \"source\"\nhow = "
          "\"shapes\"\n");
  EXPECT_EQ(error.exit(), Exit::Failed);
  EXPECT_EQ(error.message(),
            "The size of tensor a (2) must match the size of tensor b (77) at non-singleton dimension 3");
}

TEST_F(Failure, OfASourceComesAtItsFrame) {
  const Error error = run("[node.last]\nuse = \"toy.counter\"\nfails_at = 2\n");
  EXPECT_STREQ(error.what(), "this frame is broken\n  in node \"last\" (toy.counter), frame 2, g.toml:2:7");
  EXPECT_EQ(written(), "sequence 1: 0 0\nsequence 1: 1 1\n");
}

TEST_F(Failure, OfAWriterEndsTheRunAndKeepsWhatItHas) {
  const Error error = run("[node.last]\nuse = \"toy.counter\"\n", {"write.fails_at=2"});
  EXPECT_EQ(error.exit(), Exit::Failed);
  EXPECT_STREQ(error.what(),
               "the disk is full\n  its inputs: in [1, 3, 2, 2]\n  in node \"write\" (toy.write), frame 2, g.toml:4:7");
  EXPECT_EQ(written(), "sequence 1: 0 0\nsequence 1: 1 1\n");
}

TEST_F(Failure, SourcesOfAnotherSizeThanTheFirstAreNamed) {
  const Error error =
      run("[node.a]\nuse = \"toy.stream\"\n[node.b]\nuse = \"toy.stream\"\nsize = [3, 3]\n[node.last]\nuse = "
          "\"toy.add\"\nin = [\"a\", \"b\"]\n");
  EXPECT_EQ(error.exit(), Exit::Data);
  EXPECT_EQ(error.message(), "node \"b\": its image is [1, 3, 3, 3], but [1, 3, 2, 2] was expected");
}

TEST_F(Failure, ASizeThatCannotBeDividedIsSeenWhenTheDataIs) {
  const Error error =
      run("[node.a]\nuse = \"toy.stream\"\nsize = [3, 4]\n[node.last]\nuse = \"toy.half\"\nin = \"a\"\n");
  EXPECT_EQ(error.exit(), Exit::Data);
  EXPECT_EQ(error.message(), "node \"last\": toy.half cannot divide 3 by 2");
}

TEST_F(Failure, AGraphWithoutAFrameToWriteHasNothingToRun) {
  const Error error = run("[inputs]\nlast = \"image[B,3,H,W]\"\n");
  EXPECT_EQ(error.exit(), Exit::Done) << "an input that the program does not give is an empty source: " << error.what();
}

}  // namespace
}  // namespace weft::run
