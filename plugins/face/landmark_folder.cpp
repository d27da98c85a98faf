#include "framework/data/folder_source.h"
#include "plugins/face/landmark_frames.h"
#include "plugins/face/landmarks.h"
#include <weft/node.h>

namespace weft::face {
namespace {

/// The landmarks of a face: a file for each frame, or one of dlib's for all of them.
struct LandmarkFolder : data::FolderSource<> {
  static constexpr auto about =
      "Facial landmarks from a folder, one file for each frame: the 68 points of dlib's predictor, in pixels of the "
      "video, as rows of text (`x,y` or `x y`, with or without a header), .pts, JSON or dlib's XML, of which one may "
      "list all frames; the points of a frame without a face have confidence 0";

  LandmarkFolder() : FolderSource{landmark_files()} {}

  std::optional<Out<"keypoints", "keypoints[B,68,3]">> run() {
    const std::optional<std::string> frame = folder.next();
    if (!frame) return {};
    return keypoints_of(frames_.read(*frame));
  }

 private:
  LandmarkFrames frames_;
};

}  // namespace

void add_landmark_folder(Registry& registry) {
  registry.add<LandmarkFolder>("face.landmark_folder");
}

}  // namespace weft::face
