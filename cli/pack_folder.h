#pragma once

#include <cstdint>
#include <filesystem>
#include <set>
#include <string>
#include <vector>

namespace weft::cli {

/// A folder that runs elsewhere, while it is made: under a temporary name beside its own, which it gets when complete.
class PackFolder {
 public:
  /// @throws Error  (Exit::Usage) when `path` exists and is not an empty folder; (Exit::Failed) when it cannot be made
  explicit PackFolder(std::filesystem::path path);
  /// Removes what is not complete.
  ~PackFolder();
  PackFolder(const PackFolder&) = delete;
  PackFolder& operator=(const PackFolder&) = delete;

  /// Copies a file, or a folder with all in it, to a place below this folder.
  /// @throws Error  (Exit::Failed) when it cannot be copied
  void copy(const std::filesystem::path& from, const std::filesystem::path& to);
  void write(const std::filesystem::path& to, const std::string& content, bool is_program = false);
  /// Where a file of this folder lies while it is made.
  std::filesystem::path path_of(const std::filesystem::path& file) const { return making_ / file; }
  bool has(const std::filesystem::path& file) const { return std::filesystem::exists(making_ / file); }

  /// Gives the folder its name. @returns its size in bytes
  int64_t finish();

 private:
  std::filesystem::path path_, making_;
  bool is_finished_ = false;
};

/// The shared libraries of this process, without those of the C library, which belong to the system they run on.
std::vector<std::filesystem::path> loaded_libraries();

/// The texts that say under which terms a library may be passed on: of its Debian package or its Python wheel.
struct Licence {
  std::string package;                       ///< empty: none was found
  std::vector<std::filesystem::path> files;  ///< of the package
};
std::vector<Licence> licences_of(const std::vector<std::filesystem::path>& libraries);

}  // namespace weft::cli
