#pragma once

#include <gtest/gtest.h>
#include <sys/types.h>

#include <filesystem>
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace weft::testing {

/// In which surroundings the program is started.
struct Surroundings {
  std::map<std::string, std::string> environment = {};  ///< added to that of the test, or in its place
  uint64_t largest_file = 0;       ///< bytes to which a file can grow, as on a full disk; 0: no limit
  uint64_t most_memory = 0;        ///< bytes of address space; 0: no limit
  bool obeys_permissions = false;  ///< files without permission are closed to it, for root too
  std::vector<int> closed = {};    ///< descriptors that are closed when it begins
  std::string out = {};            ///< a file that is its standard output
  bool out_is_broken = false;      ///< its standard output is a pipe that nobody reads
  /// Called while the program runs.
  std::function<void(pid_t program)> meanwhile = {};
};

/// What a command came to.
struct Outcome {
  int exit = -1;   ///< the exit code; -1 when a signal ended the process
  int signal = 0;  ///< that ended the process, or 0
  std::string out;
  std::string err;
};

std::string repeated(const std::string& part, int count);

/// A test that runs the built program `weft` in an empty folder of its own, with the toy nodes of tests/toy.
class ProgramTest : public ::testing::Test {
 protected:
  void SetUp() override;
  void TearDown() override;

  /// Runs `weft ARGUMENTS…` to its end. A test in which it takes longer than a minute fails.
  Outcome weft(const std::vector<std::string>& arguments, const Surroundings& surroundings = {}) const;

  /// Runs a command that must end well, and gives what it writes to stdout.
  std::string weft_out(const std::vector<std::string>& arguments) const;

  /// Expects one error: nothing on stdout, the message on stderr, the exit code.
  void expect_error(const Outcome& outcome, int exit, const std::string& message) const;

  /// Writes a file of the test's folder; folders above it are made.
  void write(const std::string& name, std::string_view content) const;
  /// Writes `content` after the line that each graph begins with.
  void write_graph(const std::string& name, std::string_view content) const;
  std::string read(const std::string& name) const;
  bool has(const std::string& name) const { return std::filesystem::exists(folder_ / name); }
  /// The lines of a text, with the test's own folder and that of the build called `.` and BUILD.
  std::string normalised(std::string text) const;

  std::filesystem::path folder_;
};

/// The whole content of a file; empty when there is none.
std::string content_of_file(const std::filesystem::path& file);

/// Waits until `is_so`, a minute at most. @returns whether it came to be so
bool wait_until(const std::function<bool()>& is_so);

/// Whether the program under test was built with the address sanitizer, which needs terabytes of address space.
bool has_address_sanitizer();

}  // namespace weft::testing
