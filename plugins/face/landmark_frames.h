#pragma once

#include "framework/data/file_folder.h"
#include "plugins/face/landmark_file.h"

#include <map>
#include <string>

namespace weft::face {

/// The folder of a node that reads landmarks: a file for each frame, or one of dlib's for all of them.
data::FileFolder landmark_files();

/// Reads the frames that such a folder lists, and keeps a file that has all of them.
class LandmarkFrames {
 public:
  /// @param frame  as FileFolder::next() gives it
  /// @throws Error  (Data) as read_landmarks() does
  Landmarks read(const std::string& frame);

 private:
  std::map<std::string, Landmarks> list_;  ///< by frame
  std::string list_file_;
};

}  // namespace weft::face
