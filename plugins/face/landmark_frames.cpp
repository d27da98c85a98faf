#include "plugins/face/landmark_frames.h"

#include "framework/base/error.h"
#include "framework/base/text.h"
#include "framework/data/frame_number.h"

#include <filesystem>

namespace weft::face {
namespace {

/// The images of dlib's XML file, if it has more than one.
std::vector<std::string> frames_within(const std::string& file) {
  std::vector<std::string> names;
  for (const auto& [name, landmarks] : read_dlib_images(file)) names.push_back(name);
  return names.size() > 1 ? data::without_gaps(file, std::move(names)) : std::vector<std::string>();
}

}  // namespace

data::FileFolder landmark_files() {
  return {"files of landmarks", {".txt", ".csv", ".pts", ".json", ".xml"}, frames_within};
}

Landmarks LandmarkFrames::read(const std::string& frame) {
  const std::filesystem::path path(frame), above = path.parent_path();
  if (!std::filesystem::is_regular_file(above)) {
    if (const size_t count = frames_within(frame).size(); count > 0) {
      throw Error(Exit::Data, text(frame, " lists ", count, " frames, but it is not alone in its folder"))
          .hint("give a file for each frame, or the one file that lists all of them");
    }
    return read_landmarks(frame);
  }
  if (list_file_ != above) {  // a frame of the file that has all of them
    list_.clear();
    for (auto& [name, landmarks] : read_dlib_images(above)) list_[name] = std::move(landmarks);
    list_file_ = above;
  }
  const auto found = list_.find(path.filename());
  return found == list_.end() ? Landmarks() : found->second;
}

}  // namespace weft::face
