#pragma once

#include "framework/node/params.h"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace weft {

/// The files of one folder as one sequence, a file a frame: what sources that read folders have in common.
///
/// Files are taken in natural order (frame2 before frame10). Hidden files, folders and other endings are
/// passed over.
class FileFolder {
 public:
  /// @param content  what the files are, for messages and docs, such as "OpenPose files"
  /// @param endings  of the files that count, in lower case, such as ".json"
  FileFolder(std::string content, std::vector<std::string> endings)
      : content_(std::move(content)), endings_(std::move(endings)) {}

  /// Declares `path`, `start` and `stop`.
  void params(Params& p);

  /// Lists the files, the first time it is called.
  /// @returns the folder's name; nothing from the second call on
  /// @throws Error  (Data) when there is no such folder or it has no such files;
  ///                (Graph) when `stop` comes before `start`
  std::optional<std::string> open();

  /// Frames of the sequence.
  int64_t frames() const { return static_cast<int64_t>(files_.size()); }
  /// Their files, in order.
  const std::vector<std::string>& files() const { return files_; }
  /// Passes over a frame. @returns false at the end
  bool skip() { return next().has_value(); }
  /// The file of the next frame; nothing at the end.
  std::optional<std::string> next();

 private:
  std::vector<std::string> list() const;
  void cut_to_range();

  std::string content_;
  std::vector<std::string> endings_;
  Path path_;
  int64_t start_ = 0;
  std::optional<int64_t> stop_;

  bool is_open_ = false;
  std::vector<std::string> files_;
  size_t next_ = 0;
};

/// The content of a file that is small by nature.
/// @throws Error  (Data) when it cannot be read or has more than `most` bytes, which is then not what it
/// should be
std::string read_small_file(const std::string& file, int64_t most);

}  // namespace weft
