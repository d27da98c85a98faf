#pragma once

#include "framework/plugin/plugins.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>

namespace weft::plugin {

inline constexpr const char* kFickle = WEFT_BUILD_DIR "/tests/refused/weft_fickle.so";
inline constexpr const char* kToy = WEFT_BUILD_DIR "/tests/plugins/weft_toy.so";

inline std::string content_of(const std::filesystem::path& file) {
  std::ifstream in(file, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

/// A test with a folder of plugins of its own.
class Loader : public ::testing::Test {
 protected:
  void SetUp() override {
    unsetenv("WEFT_FICKLE");
    folder_ = std::filesystem::temp_directory_path() /
              (std::string("weft_Loader_") + ::testing::UnitTest::GetInstance()->current_test_info()->name());
    std::filesystem::remove_all(folder_);
    std::filesystem::create_directories(folder_);
  }
  void TearDown() override {
    unsetenv("WEFT_FICKLE");
    std::filesystem::remove_all(folder_);
  }

  std::string write(const std::string& name, const std::string& bytes) const {
    std::ofstream(folder_ / name, std::ios::binary) << bytes;
    return folder_ / name;
  }
  /// The plugin with its stamp changed.
  template <typename Change>
  std::string with_stamp(const Change& change) const {
    std::string bytes = content_of(kFickle);
    const size_t at = bytes.find(std::string(Stamp::kMagic, sizeof Stamp::kMagic));
    Stamp stamp;
    std::memcpy(&stamp, bytes.data() + at, sizeof stamp);
    change(stamp);
    std::memcpy(bytes.data() + at, &stamp, sizeof stamp);
    return bytes;
  }
  /// The plugin with all occurrences of a text replaced by another of the same length.
  static std::string with_text(const std::string& old, const std::string& fresh) {
    std::string bytes = content_of(kFickle);
    for (size_t at = bytes.find(old); at != std::string::npos; at = bytes.find(old, at)) {
      bytes.replace(at, old.size(), fresh);
    }
    return bytes;
  }
  /// Why a file of these bytes is refused; everything else is still there.
  std::string reason(const std::string& bytes, const std::string& name = "weft_fickle.so") const {
    write(name, bytes);
    return reason_of_folder();
  }
  std::string reason_of_folder() const {
    const Plugins plugins({folder_, std::filesystem::path(kToy).parent_path()});
    EXPECT_EQ(plugins.find("fickle.twice"), nullptr);
    EXPECT_NE(plugins.find("toy.add"), nullptr) << "other plugins still work";
    if (plugins.refused().size() != 1) return "refused: " + std::to_string(plugins.refused().size());
    EXPECT_THAT(plugins.refusal("fickle"), ::testing::HasSubstr(plugins.refused().front().reason));
    EXPECT_THAT(plugins.refused().front().file, ::testing::StartsWith(folder_.string()));
    return plugins.refused().front().reason;
  }
  /// The same for a registration that goes wrong.
  std::string reason_when(const char* wish) const {
    std::filesystem::copy_file(kFickle, folder_ / "weft_fickle.so", std::filesystem::copy_options::skip_existing);
    setenv("WEFT_FICKLE", wish, 1);
    return reason_of_folder();
  }

  std::filesystem::path folder_;
};

}  // namespace weft::plugin
