#include "plugins/pose/people_frames.h"

#include "framework/base/error.h"
#include "framework/base/log.h"
#include "framework/base/text.h"

#include <filesystem>

namespace weft::pose {

data::FileFolder people_files() {
  return {"OpenPose files", {".json"}, [](const std::string& file) { return PeopleFile(file).frames(); }};
}

std::vector<Person> PeopleFrames::read(const std::string& frame, Log& log) {
  const std::filesystem::path path(frame), above = path.parent_path();
  if (std::filesystem::is_regular_file(above)) {  // a frame of the file that has all of them
    if (!list_ || list_file_ != above) list_.emplace(above);
    list_file_ = above;
    return list_->people(path.filename());
  }
  const PeopleFile file(frame);
  if (const size_t count = file.frames().size(); count > 0) {
    throw Error(Exit::Data, text(frame, " lists the people of ", count, " frames, but it is not alone in its folder"))
        .hint("give a file for each frame, or the one file that lists all of them");
  }
  if (file.is_empty()) log.warn(text(frame, " is empty: it is taken for a frame without people"));
  return file.people();
}

}  // namespace weft::pose
