#include "framework/data/file_folder.h"
#include "plugins/face/landmarks.h"
#include <weft/node.h>

namespace weft::face {
namespace {

/// The landmarks of a face, a file a frame.
struct LandmarkFolder {
  static constexpr auto about =
      "Facial landmarks from a folder, one file for each frame: the 68 points of dlib's predictor, in pixels of the "
      "video, as text with rows `x,y` or as a JSON list of [x, y]";

  data::FileFolder folder{"files of landmarks", {".txt", ".json"}};

  void params(Params& p) { folder.params(p); }
  std::optional<std::string> next_sequence(Context& context) { return folder.open(context); }
  std::vector<std::string> sequences() { return folder.sequences(); }
  bool skip_sequence() { return folder.skip_sequence(); }
  std::vector<std::string> frame_names() { return folder.frame_names(); }
  std::optional<int64_t> frames() { return folder.frames(); }
  bool skip() { return folder.skip(); }

  std::optional<Out<"keypoints", "keypoints[B,68,3]">> run() {
    const std::optional<std::string> file = folder.next();
    if (!file) return {};
    return keypoints_of(read_landmarks(*file));
  }
};

}  // namespace

void add_landmark_folder(Registry& registry) {
  registry.add<LandmarkFolder>("face.landmark_folder");
}

}  // namespace weft::face
