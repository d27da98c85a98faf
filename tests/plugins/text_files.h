#pragma once

#include "framework/base/error.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>

namespace weft::testing {

/// A test with an empty folder of its own.
class TextFiles : public ::testing::Test {
 protected:
  void SetUp() override {
    const auto* const test = ::testing::UnitTest::GetInstance()->current_test_info();
    folder_ =
        std::filesystem::temp_directory_path() / (std::string("weft_") + test->test_suite_name() + '_' + test->name());
    std::filesystem::remove_all(folder_);
    std::filesystem::create_directories(folder_);
  }
  void TearDown() override { std::filesystem::remove_all(folder_); }

  std::string path(const std::string& name = "") const { return name.empty() ? folder_ : folder_ / name; }

  std::string write(const std::string& name, const std::string& bytes) const {
    std::ofstream(path(name), std::ios::binary) << bytes;
    return path(name);
  }

 private:
  std::filesystem::path folder_;
};

/// The whole text of the Error that `action` ends with; empty when it does not.
template <typename Action>
std::string error_of(const Action& action) {
  try {
    action();
  } catch (const Error& error) {
    return error.what();
  }
  return "";
}

/// A folder of the real data beside the checkout, which need not be there.
inline std::string shared_folder(const std::string& name) {
  const char* shared = std::getenv("WEFT_SHARED");
  return (shared ? std::string(shared) : WEFT_SOURCE_DIR "/../shared") + '/' + name;
}

}  // namespace weft::testing
