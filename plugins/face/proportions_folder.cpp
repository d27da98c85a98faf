#include "framework/data/folder_source.h"
#include "plugins/face/landmark_frames.h"
#include "plugins/face/landmarks.h"
#include "plugins/face/proportions.h"
#include <weft/node.h>

namespace weft::face {
namespace {

/// The proportions of a face over a whole sequence, which are known only once all of its frames were read.
///
/// Source: Wang et al. 2019, "Few-shot Video-to-Video Synthesis", program.
struct ProportionsFolder : data::FolderSource<> {
  static constexpr auto about =
      "Proportions of a face over a whole sequence of facial landmarks, for face.normalise: the mean sizes and places "
      "of "
      "its parts, the same value for each frame; reads all files of a sequence, in any form that face.landmark_folder "
      "takes, before the sequence's first frame";

  ProportionsFolder() : FolderSource{landmark_files()} {}

  std::optional<std::string> next_sequence(Context& context) {
    const std::optional<std::string> name = folder.open(context);
    if (!name) return name;
    std::vector<Landmarks> faces;
    LandmarkFrames frames;
    for (const std::string& file : folder.files_of_sequence()) faces.push_back(with_forehead(frames.read(file)));
    proportions_ = keypoints_of(proportions_of(faces));
    return name;
  }

  std::optional<Out<"proportions", "keypoints[B,46,3]">> run() {
    if (!folder.skip()) return {};
    return proportions_;
  }

 private:
  at::Tensor proportions_;  // [1, 46, 3]
};

}  // namespace

void add_proportions_folder(Registry& registry) {
  registry.add<ProportionsFolder>("face.proportions");
}

}  // namespace weft::face
