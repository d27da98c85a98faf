#include "framework/data/folder_source.h"
#include "plugins/pose/openpose.h"
#include <weft/node.h>

#include <filesystem>

namespace weft::pose {
namespace {

std::vector<std::string> frames_within(const std::string& file) {
  return PeopleFile(file).frames();
}

/// The people that a detector found: a JSON file for each frame, or one for all of them.
struct OpenPoseFolder : data::FolderSource<> {
  static constexpr auto about =
      "OpenPose keypoints from a folder of JSON files, one file for each frame, or from the one file in which "
      "AlphaPose "
      "lists all frames: bodies as BODY_25, COCO-18 or COCO-17, with faces and hands where the files hold them; 137 "
      "rows "
      "of x, y and confidence for each person (BODY_25, a face of 70 points, both hands), so that the number of rows "
      "differs from frame to frame, and is 0 where nobody is";

  OpenPoseFolder() : FolderSource{{"OpenPose files", {".json"}, frames_within}} {}

  std::optional<Out<"keypoints", "keypoints[B,K,3]">> run(Context& context) {
    const std::optional<std::string> frame = folder.next();
    if (!frame) return {};
    return keypoints_of(read(*frame, context.log()));
  }

 private:
  std::vector<Person> read(const std::string& frame, Log& log) {
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

  std::optional<PeopleFile> list_;
  std::string list_file_;
};

}  // namespace

void add_openpose_folder(Registry& registry) {
  registry.add<OpenPoseFolder>("pose.openpose_folder");
}

}  // namespace weft::pose
