#include "framework/data/fetched_files.h"

#include "framework/testing/error_text.h"

#include <gmock/gmock.h>

#include <cstdlib>
#include <optional>
#include <set>

namespace weft::data {
namespace {

using ::testing::HasSubstr;
using weft::testing::error_text;

/// Gives a variable of the environment another value for a test.
class Variable {
 public:
  Variable(const char* name, const char* value) : name_(name) {
    if (const char* before = std::getenv(name)) before_ = before;
    value ? setenv(name, value, 1) : unsetenv(name);
  }
  ~Variable() { before_ ? setenv(name_, before_->c_str(), 1) : unsetenv(name_); }
  Variable(const Variable&) = delete;
  Variable& operator=(const Variable&) = delete;

 private:
  const char* name_;
  std::optional<std::string> before_;
};

TEST(FetchedFiles, LieInTheUsersCache) {
  {
    const Variable cache("XDG_CACHE_HOME", "/tmp/cache");
    EXPECT_EQ(fetched_folder(), "/tmp/cache/weft/mediapipe-0.10.21");
  }
  const Variable cache("XDG_CACHE_HOME", ""), home("HOME", "/people/ada");
  EXPECT_EQ(fetched_folder(), "/people/ada/.cache/weft/mediapipe-0.10.21");
}

TEST(FetchedFiles, WithoutAHomeTheCacheIsUnknown) {
  const Variable cache("XDG_CACHE_HOME", nullptr), home("HOME", nullptr);
  EXPECT_THAT(error_text([] { fetched_folder(); }), HasSubstr("neither XDG_CACHE_HOME nor HOME is set"));
}

TEST(FetchedFiles, ThatAreMissingNameTheCommand) {
  const std::string fault = error_text([] { fetched_file("/nowhere", "pose", "pose_detection.tflite"); });
  EXPECT_THAT(fault, HasSubstr("/nowhere/pose_detection.tflite: there is no such model file"));
  EXPECT_THAT(fault, HasSubstr("`weft fetch pose` brings it"));
}

TEST(FetchedFiles, HaveNamesOfTheirOwnAndWholeHashes) {
  std::set<std::string_view> names;
  for (const FetchedSet& set : fetched_sets()) {
    for (const FetchedFile& file : set.files) {
      EXPECT_TRUE(names.insert(file.name).second) << file.name;
      EXPECT_TRUE(file.place.ends_with(file.name)) << file.place;
      EXPECT_EQ(file.sha256.size(), 64) << file.name;
      EXPECT_GT(file.bytes, 0) << file.name;
    }
  }
}

}  // namespace
}  // namespace weft::data
