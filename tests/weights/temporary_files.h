#pragma once

#include "framework/base/error.h"
#include "framework/weights/weight_file.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <random>
#include <string>

namespace weft::weights {

/// A test with an empty folder of its own.
class TemporaryFiles : public ::testing::Test {
 protected:
  void SetUp() override {
    const auto* const test = ::testing::UnitTest::GetInstance()->current_test_info();
    folder_ =
        std::filesystem::temp_directory_path() / (std::string("weft_") + test->test_suite_name() + '_' + test->name());
    std::filesystem::remove_all(folder_);
    std::filesystem::create_directories(folder_);
  }
  void TearDown() override { std::filesystem::remove_all(folder_); }

  std::string path(const std::string& name) const { return (folder_ / name).string(); }

  std::string write(const std::string& name, const std::string& bytes) const {
    // Some file systems wait for the disk when a file is overwritten.
    std::filesystem::remove(path(name));
    std::ofstream(path(name), std::ios::binary) << bytes;
    return path(name);
  }

  static std::string read(const std::string& file) {
    std::ifstream in(file, std::ios::binary);
    return {std::istreambuf_iterator<char>(in), {}};
  }

  /// The message that reading a file of these bytes ends with, without the file's name and hints; empty when
  /// it is read.
  std::string fault(const std::string& bytes) const { return fault_of(write("weights", bytes)); }

  static std::string fault_of(const std::string& file) {
    try {
      read_weights(file);
    } catch (const Error& error) {
      EXPECT_EQ(error.exit(), Exit::Data);
      EXPECT_EQ(error.place().file, file);
      return error.message();
    }
    return "";
  }

  /// Every beginning of a file is refused, each with one error.
  void expect_every_cut_is_refused(const std::string& bytes) const {
    for (size_t length = 0; length < bytes.size(); ++length) {
      ASSERT_NE(fault(bytes.substr(0, length)), "") << "cut after " << length << " of " << bytes.size() << " bytes";
    }
  }

  /// A file with flipped bits is read or refused; what is read can be touched. The same bits in every run.
  void expect_flips_do_no_harm(const std::string& bytes, int rounds) const {
    std::mt19937 random(1);
    for (int round = 0; round < rounds; ++round) {
      std::string flipped = bytes;
      for (int flips = 1 + round % 3; flips > 0; --flips) {
        flipped[random() % flipped.size()] ^= static_cast<char>(1U << random() % 8);
      }
      try {
        for (const auto& [name, tensor] : read_weights(write("weights", flipped)).tensors) tensor.clone();
      } catch (const Error&) {
        // Refused, which is as good.
      }
    }
  }

  std::filesystem::path folder_;
};

}  // namespace weft::weights
