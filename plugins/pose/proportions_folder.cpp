#include "framework/data/folder_source.h"
#include "plugins/pose/people_frames.h"
#include "plugins/pose/proportions.h"
#include <weft/node.h>

namespace weft::pose {
namespace {

/// The proportions of a person over a whole sequence, which are known only once all of its frames were read.
struct ProportionsFolder : data::FolderSource<> {
  static constexpr auto about =
      "Proportions of a person over a whole sequence of poses, for pose.normalise: where the feet stand, how tall the "
      "person looks there, and how long each bone is. All files of the sequence, in any form that pose.openpose_folder "
      "takes, are read before its first frame; of several people in a frame the tallest counts, and in a video without "
      "feet the hips stand for them";
  static constexpr bool still = true;

  ProportionsFolder() : FolderSource{people_files()} {}

  std::optional<std::string> next_sequence(Context& context) {
    const std::optional<std::string> name = folder.open(context);
    is_given_ = false;
    if (!name) return name;
    std::vector<std::vector<Person>> frames;
    PeopleFrames read;
    for (const std::string& file : folder.files()) frames.push_back(read.read(file, context.log()));
    proportions_ = proportions_of(frames);
    if (!proportions_.is_known) {
      throw Error(Exit::Data,
                  text("nobody is seen from the nose to the hips in the ",
                       count_text(static_cast<int64_t>(frames.size()), "frame"), " of sequence \"", *name, '"'))
          .hint("proportions are measured on frames that show a person's nose, and ankles or hips");
    }
    return name;
  }

  std::vector<std::string> frame_names() { return {}; }
  std::vector<std::string> drawn_from() { return {}; }
  std::optional<int64_t> frames() { return 1; }
  bool skip() { return !std::exchange(is_given_, true); }

  std::optional<Out<"proportions", "keypoints[B,28,3]">> run() {
    if (std::exchange(is_given_, true)) return {};
    return keypoints_of(proportions_);
  }

 private:
  Proportions proportions_;
  bool is_given_ = false;
};

}  // namespace

void add_proportions_folder(Registry& registry) {
  registry.add<ProportionsFolder>("pose.proportions");
}

}  // namespace weft::pose
