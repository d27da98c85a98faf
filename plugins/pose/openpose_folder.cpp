#include "framework/data/file_folder.h"
#include "plugins/pose/openpose.h"
#include <weft/node.h>

namespace weft::pose {
namespace {

/// The people that OpenPose found, a JSON file a frame.
struct OpenPoseFolder {
  static constexpr auto about =
      "OpenPose keypoints from a folder of JSON files, one file for each frame: BODY_25 of all people, with faces and "
      "hands where the files hold them; 137 rows of x, y and confidence for each person, in pixels of the video, so "
      "that the number of rows differs from frame to frame";

  data::FileFolder folder{"OpenPose files", {".json"}};

  void params(Params& p) { folder.params(p); }
  std::optional<std::string> next_sequence(Context& context) { return folder.open(context); }
  std::vector<std::string> sequences() { return folder.sequences(); }
  bool skip_sequence() { return folder.skip_sequence(); }
  std::vector<std::string> frame_names() { return folder.frame_names(); }
  std::optional<int64_t> frames() { return folder.frames(); }
  bool skip() { return folder.skip(); }

  std::optional<Out<"keypoints", "keypoints[B,K,3]">> run() {
    const std::optional<std::string> file = folder.next();
    if (!file) return {};
    return keypoints_of(read_openpose(*file));
  }
};

}  // namespace

void add_openpose_folder(Registry& registry) {
  registry.add<OpenPoseFolder>("pose.openpose_folder");
}

}  // namespace weft::pose
