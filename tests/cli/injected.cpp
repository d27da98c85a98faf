// One request for memory, or one write, fails: at points spread over the whole of a run and of a training. Five points of
// each by default; WEFT_FAULT_POINTS=200 takes more, as docs/security.md reports.
#include "tests/cli/program.h"
#include "tests/toy/recurrence.h"

#include <gmock/gmock.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <optional>

namespace weft::testing {
namespace {

namespace fs = std::filesystem;
using ::testing::HasSubstr;
using ::testing::StartsWith;

/// Two sequences as videos, through a network; and a text file.
constexpr std::string_view kRun = R"([run]
seed = 3
[node.a]
use = "toy.counter"
frames = FRAMES
sequences = 2
size = [16, 32]
[node.b]
use = "toy.network"
in = "a"
[node.v]
use = "media.write_video"
in = "b"
path = "out/{sequence}.mkv"
[node.i]
use = "media.write_images"
in = "a"
path = "pictures/{sequence}"
[weights]
b = "fill"
)";

/// A recurrence of two clips of two chunks; each chunk leaves a checkpoint.
const std::string kTraining = R"([run]
chunk = 3
bptt = 3
epochs = 1
checkpoint = "1 steps"
[node.x]
use = "toy.ramp"
frames = 6
sequences = CLIPS
)" + kNoisyRecurrence + R"([node.loss]
use = "toy.mean"
in = "y"
)" + kLearning;

/// How many points are tried, where more than a few are asked for.
std::optional<uint64_t> points_asked_for() {
  const char* wanted = std::getenv("WEFT_FAULT_POINTS");
  return wanted ? std::optional(std::strtoull(wanted, nullptr, 10)) : std::nullopt;
}

std::string replaced(std::string text, const std::string& old, const std::string& fresh) {
  return text.replace(text.find(old), old.size(), fresh);
}

/// Every file below a folder that is a result, with its content; what has a date in it is none.
std::map<std::string, std::string> files_below(const fs::path& folder) {
  std::map<std::string, std::string> files;
  std::error_code error;
  for (const fs::directory_entry& entry : fs::recursive_directory_iterator(folder, error)) {
    if (entry.is_regular_file()) files[fs::relative(entry.path(), folder)] = content_of_file(entry.path());
  }
  return files;
}

class Injected : public ProgramTest {
 protected:
  void SetUp() override {
    ProgramTest::SetUp();
    if (has_address_sanitizer()) GTEST_SKIP() << "the sanitizer has requests for memory of its own";
  }

  static Surroundings with_fault(const std::string& fault) {
    Surroundings surroundings;
    surroundings.environment = {{"LD_PRELOAD", WEFT_BUILD_DIR "/tests/libweft_faults.so"},
                                {"WEFT_FAULT", fault},
                                {"WEFT_FAULT_COUNTS", "counts"},
                                {"OMP_NUM_THREADS", "1"}};
    return surroundings;
  }

  /// How many requests the program makes that can fail.
  uint64_t count(const std::string& kind) const {
    std::ifstream counts(folder_ / "counts");
    uint64_t memory = 0, writes = 0;
    counts >> memory >> writes;
    return kind == "memory" ? memory : writes;
  }

  /// Up to so many numbers from 1 to `count`, evenly spread.
  static std::vector<uint64_t> points(uint64_t count) {
    const uint64_t most = std::min(points_asked_for().value_or(5), count);
    std::vector<uint64_t> points;
    for (uint64_t i = 0; i < most; ++i) points.push_back(1 + i * (count - 1) / std::max<uint64_t>(most - 1, 1));
    return points;
  }

  void begin_anew() const {
    for (const char* name : {"runs", "out", "pictures"}) fs::remove_all(folder_ / name);
  }

  /// One message and the code of that kind of fault; or the program got on without what it was refused.
  static void expect_told(const Outcome& outcome, const std::string& kind) {
    EXPECT_EQ(outcome.signal, 0) << outcome.err;
    if (outcome.exit == 0) return;
    EXPECT_EQ(outcome.exit, kind == "memory" ? 6 : 1) << outcome.err;
    EXPECT_THAT(outcome.err, HasSubstr("weft: "));
    EXPECT_EQ(outcome.err.find("Exception raised from"), std::string::npos) << outcome.err;
  }

  void try_run(const std::string& kind);
  void try_training(const std::string& kind);
};

void Injected::try_run(const std::string& kind) {
  const int frames = points_asked_for() ? 30 : 3;  // so that there are enough writes
  write_graph("g.toml", replaced(std::string(kRun), "FRAMES", std::to_string(frames)));
  ASSERT_EQ(weft({"run", "g.toml"}, with_fault("memory:0")).exit, 0);
  const auto videos = files_below(folder_ / "out"), pictures = files_below(folder_ / "pictures");
  ASSERT_EQ(videos.size(), 2U);
  ASSERT_EQ(pictures.size(), 2U * static_cast<size_t>(frames));
  for (const uint64_t point : points(count(kind))) {
    SCOPED_TRACE(kind + ':' + std::to_string(point));
    begin_anew();
    const Outcome outcome = weft({"run", "g.toml"}, with_fault(kind + ':' + std::to_string(point)));
    expect_told(outcome, kind);
    for (const auto& [name, content] : files_below(folder_ / "out")) {
      if (name.ends_with(".lock")) continue;  // of a process that was ended: nobody holds it any more
      const bool is_finished = name.find(".part") == std::string::npos;
      EXPECT_TRUE(!is_finished || content == videos.at(name)) << name << " is not whole";
    }
    const Outcome resumed = weft({"run", "g.toml", "--resume"});
    EXPECT_EQ(resumed.exit, 0) << resumed.err;
    EXPECT_TRUE(files_below(folder_ / "pictures") == pictures) << "other pictures";
    for (const auto& [name, content] : videos) EXPECT_TRUE(read("out/" + name) == content) << name << " is another";
  }
}

void Injected::try_training(const std::string& kind) {
  write_graph("g.toml", replaced(std::string(kTraining), "CLIPS", points_asked_for() ? "5" : "2"));
  ASSERT_EQ(weft({"train", "g.toml"}, with_fault("memory:0")).exit, 0);
  const auto weights = files_below(folder_ / "runs/g/last/weights");
  ASSERT_EQ(weights.size(), 1U);
  for (const uint64_t point : points(count(kind))) {
    SCOPED_TRACE(kind + ':' + std::to_string(point));
    begin_anew();
    const Outcome outcome = weft({"train", "g.toml"}, with_fault(kind + ':' + std::to_string(point)));
    expect_told(outcome, kind);
    const auto saved = files_below(folder_ / "runs/g/last/checkpoints");
    const bool has_saved = std::any_of(saved.begin(), saved.end(), [](const auto& file) {
      return file.first.starts_with("0") && file.first.ends_with(".safetensors");
    });
    const Outcome again = has_saved ? weft({"train", "g.toml", "--resume", "last"}) : weft({"train", "g.toml"});
    EXPECT_EQ(again.exit, 0) << again.err;
    EXPECT_TRUE(files_below(folder_ / "runs/g/last/weights") == weights) << "other weights";
  }
}

TEST_F(Injected, PicturesThatWereOnTheirWayToTheirPlaceAreMadeAnew) {
  write_graph("g.toml", replaced(std::string(kRun), "FRAMES", "3"));
  ASSERT_EQ(weft({"run", "g.toml"}).exit, 0);
  const auto pictures = files_below(folder_ / "pictures");
  const fs::path folder = folder_ / "pictures/sequence 2";
  fs::create_directories(folder / "unfinished");
  for (const char* name : {"000001.png", "000002.png"}) fs::rename(folder / name, folder / "unfinished" / name);
  EXPECT_EQ(weft({"run", "g.toml", "--resume"}).exit, 0);
  EXPECT_TRUE(files_below(folder_ / "pictures") == pictures);
}

TEST_F(Injected, ALockThatAnEndedProcessLeftBesideFinishedPicturesIsRemoved) {
  write_graph("g.toml", replaced(std::string(kRun), "FRAMES", "3"));
  ASSERT_EQ(weft({"run", "g.toml"}).exit, 0);
  const auto pictures = files_below(folder_ / "pictures");
  std::ofstream(folder_ / "pictures/sequence 2/.unfinished.lock").close();
  std::ofstream(folder_ / "out/.sequence 1.mkv.lock").close();
  EXPECT_EQ(weft({"run", "g.toml", "--resume"}).exit, 0);
  EXPECT_TRUE(files_below(folder_ / "pictures") == pictures);
  EXPECT_FALSE(fs::exists(folder_ / "out/.sequence 1.mkv.lock"));
}

TEST_F(Injected, ARunWithoutMemory) {
  // Three requests of libraries still end the process (docs/security.md); which points meet them depends on threads.
  if (!points_asked_for()) GTEST_SKIP() << "only where WEFT_FAULT_POINTS asks for it";
  try_run("memory");
}

TEST_F(Injected, ARunThatCannotWrite) {
  try_run("write");
}

TEST_F(Injected, ATrainingWithoutMemory) {
  try_training("memory");
}

TEST_F(Injected, ATrainingThatCannotWrite) {
  try_training("write");
}

}  // namespace
}  // namespace weft::testing
