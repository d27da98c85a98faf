#pragma once

#include "framework/data/file_folder.h"
#include "framework/node/context.h"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace weft::data {

/// What all sources have whose frames are the files of a folder: a struct derives from it, and adds `about` and `run`.
/// @tparam Folder  FileFolder, or a class with its functions
template <typename Folder = FileFolder>
struct FolderSource {
  Folder folder;

  void params(Params& p) { folder.params(p); }
  std::optional<std::string> next_sequence(Context& context) { return folder.open(context); }
  std::vector<std::string> sequences() { return folder.sequences(); }
  bool skip_sequence() { return folder.skip_sequence(); }
  std::vector<std::string> frame_names() { return folder.frame_names(); }
  std::vector<std::vector<std::string>> drawn_from() { return folder.drawn_from(); }
  std::optional<int64_t> frame_count() const { return folder.frame_count(); }
  std::optional<int64_t> frames() { return folder.frames(); }
  bool skip() { return folder.skip(); }
};

}  // namespace weft::data
