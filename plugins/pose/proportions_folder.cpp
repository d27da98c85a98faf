#include "framework/data/folder_source.h"
#include "plugins/pose/people_frames.h"
#include "plugins/pose/proportions.h"
#include <weft/node.h>

#include <algorithm>
#include <cmath>
#include <iterator>
#include <utility>

namespace weft::pose {
namespace {

using Frames = std::vector<std::vector<Person>>;

bool is_near_zero(const Keypoint& point) {
  constexpr double kMostFraction = 2;  // no person is as small in pixels
  return std::abs(point.x) <= kMostFraction && std::abs(point.y) <= kMostFraction;
}

bool are_fractions(const Frames& frames) {
  return std::all_of(frames.begin(), frames.end(), [](const std::vector<Person>& people) {
    return std::all_of(people.begin(), people.end(), [](const Person& person) {
      return std::all_of(person.body.begin(), person.body.end(), is_near_zero);
    });
  });
}

/// The proportions of a person over a whole sequence, which are known only once all of its frames were read.
struct ProportionsFolder : data::FolderSource<> {
  static constexpr auto about =
      "Proportions of a person over a whole sequence of poses, for pose.normalise: where the feet stand, how tall the "
      "person looks there, and how long each bone is. All files of the sequence, in any form that pose.openpose_folder "
      "takes, are read before its first frame; of several people in a frame the tallest counts, and in a video without "
      "feet the hips stand for them";
  static constexpr bool still = true;

  bool together = false;

  ProportionsFolder() : FolderSource{people_files()} {}

  void params(Params& p) {
    folder.params(p);
    p("together", together, "all sequences of the folder show one person, who is measured over all of them");
  }

  std::vector<std::string> sequences() { return together ? std::vector<std::string>{""} : folder.sequences(); }

  std::optional<std::string> next_sequence(Context& context) {
    is_given_ = false;
    std::optional<std::string> name = together ? folder.open() : folder.open(context);
    if (!name) return name;
    Frames frames = read(context.log());
    while (together && folder.open()) std::ranges::move(read(context.log()), std::back_inserter(frames));
    proportions_ = measure(frames, together ? "all sequences" : text("sequence \"", *name, '"'));
    return together ? "" : name;
  }

  std::vector<std::string> frame_names() { return {}; }
  std::vector<std::vector<std::string>> drawn_from() {
    return together ? std::vector<std::vector<std::string>>() : folder.drawn_from();
  }
  std::optional<int64_t> frame_count() const { return {}; }
  std::optional<int64_t> frames() { return 1; }
  bool skip() { return !std::exchange(is_given_, true); }

  std::optional<Out<"proportions", "keypoints[B,28,3]">> run() {
    if (std::exchange(is_given_, true)) return {};
    return keypoints_of(proportions_);
  }

 private:
  Frames read(Log& log) const {
    PeopleFrames files;
    Frames frames;
    for (const std::string& file : folder.files_of_sequence()) frames.push_back(files.read(file, log));
    return frames;
  }

  static Proportions measure(const Frames& frames, const std::string& where) {
    const std::string of = text("the ", count_text(static_cast<int64_t>(frames.size()), "frame"), " of ", where);
    if (std::ranges::all_of(frames, &std::vector<Person>::empty))
      throw Error(Exit::Data, text("nobody is in ", of)).hint("proportions are measured on frames with a person");
    if (are_fractions(frames)) {
      throw Error(Exit::Data, text("the poses in ", of, " are fractions of the frame, not pixels"))
          .hint("OpenPose writes pixels with --keypoint_scale 0");
    }
    const Proportions proportions = proportions_of(frames);
    if (proportions.is_known) return proportions;
    throw Error(Exit::Data, text("nobody is seen from the neck to the hips in ", of))
        .hint("proportions are measured on frames in which both shoulders and both hips were found");
  }

  Proportions proportions_;
  bool is_given_ = false;
};

}  // namespace

void add_proportions_folder(Registry& registry) {
  registry.add<ProportionsFolder>("pose.proportions");
}

}  // namespace weft::pose
