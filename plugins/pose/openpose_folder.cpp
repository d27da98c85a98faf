#include "framework/data/folder_source.h"
#include "plugins/pose/people_frames.h"
#include <weft/node.h>

namespace weft::pose {
namespace {

/// The people that a detector found: a JSON file for each frame, or one for all of them.
struct OpenPoseFolder : data::FolderSource<> {
  static constexpr auto about =
      "OpenPose keypoints from a folder of JSON files, one file for each frame, or from the one file in which "
      "AlphaPose "
      "lists all frames: bodies as BODY_25, COCO-18 or COCO-17, with faces and hands where the files hold them; 137 "
      "rows "
      "of x, y and confidence for each person (BODY_25, a face of 70 points, both hands), so that the number of rows "
      "differs from frame to frame, and is 0 where nobody is";

  OpenPoseFolder() : FolderSource{people_files()} {}

  std::optional<Out<"keypoints", "keypoints[B,K,3]">> run(Context& context) {
    const std::optional<std::string> frame = folder.next();
    if (!frame) return {};
    return keypoints_of(frames_.read(*frame, context.log()));
  }

 private:
  PeopleFrames frames_;
};

}  // namespace

void add_openpose_folder(Registry& registry) {
  registry.add<OpenPoseFolder>("pose.openpose_folder");
}

}  // namespace weft::pose
