#pragma once

#include "framework/data/file_folder.h"
#include "plugins/pose/openpose.h"

#include <optional>
#include <string>
#include <vector>

namespace weft {
class Log;
}  // namespace weft

namespace weft::pose {

/// The folder of a node that reads people: a file for each frame, or one for all of them.
data::FileFolder people_files();

/// Reads the frames that such a folder lists, and keeps a file that has all of them.
class PeopleFrames {
 public:
  /// @param frame  as FileFolder::next() gives it
  /// @throws Error  (Data) as PeopleFile does, and when a file of many frames is not alone in its folder
  std::vector<Person> read(const std::string& frame, Log& log);

 private:
  std::optional<PeopleFile> list_;
  std::string list_file_;
};

}  // namespace weft::pose
