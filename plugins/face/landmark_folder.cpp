#include "framework/data/file_folder.h"
#include "framework/data/frame_number.h"
#include "plugins/face/landmark_file.h"
#include "plugins/face/landmarks.h"
#include <weft/node.h>

#include <filesystem>
#include <map>

namespace weft::face {
namespace {

/// The images of dlib's XML file, if it has more than one.
std::vector<std::string> frames_within(const std::string& file) {
  std::vector<std::string> names;
  for (const auto& [name, landmarks] : read_dlib_images(file)) names.push_back(name);
  return names.size() > 1 ? data::without_gaps(file, std::move(names)) : std::vector<std::string>();
}

/// The landmarks of a face: a file for each frame, or one of dlib's for all of them.
struct LandmarkFolder {
  static constexpr auto about =
      "Facial landmarks from a folder, one file for each frame: the 68 points of dlib's predictor, in pixels of the "
      "video, as rows of text (`x,y` or `x y`, with or without a header), .pts, JSON or dlib's XML, of which one may "
      "list "
      "all frames; the points of a frame without a face have confidence 0";

  data::FileFolder folder{"files of landmarks", {".txt", ".csv", ".pts", ".json", ".xml"}, frames_within};

  void params(Params& p) { folder.params(p); }
  std::optional<std::string> next_sequence(Context& context) { return folder.open(context); }
  std::vector<std::string> sequences() { return folder.sequences(); }
  bool skip_sequence() { return folder.skip_sequence(); }
  std::vector<std::string> frame_names() { return folder.frame_names(); }
  std::optional<int64_t> frames() { return folder.frames(); }
  bool skip() { return folder.skip(); }

  std::optional<Out<"keypoints", "keypoints[B,68,3]">> run() {
    const std::optional<std::string> frame = folder.next();
    if (!frame) return {};
    return keypoints_of(read(*frame));
  }

 private:
  Landmarks read(const std::string& frame) {
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

  std::map<std::string, Landmarks> list_;  ///< by frame
  std::string list_file_;
};

}  // namespace

void add_landmark_folder(Registry& registry) {
  registry.add<LandmarkFolder>("face.landmark_folder");
}

}  // namespace weft::face
