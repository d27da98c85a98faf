#include "plugins/face/landmark_frames.h"
#include "plugins/face/landmarks.h"
#include <weft/node.h>

namespace weft::face {
namespace {

/// The landmarks of a face: a file for each frame, or one of dlib's for all of them.
struct LandmarkFolder {
  static constexpr auto about =
      "Facial landmarks from a folder, one file for each frame: the 68 points of dlib's predictor, in pixels of the "
      "video, as rows of text (`x,y` or `x y`, with or without a header), .pts, JSON or dlib's XML, of which one may "
      "list all frames; the points of a frame without a face have confidence 0";

  data::FileFolder folder = landmark_files();

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
