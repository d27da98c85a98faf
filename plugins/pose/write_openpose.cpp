#include "framework/data/frame_files.h"
#include "plugins/pose/person.h"
#include <weft/node.h>

#include <algorithm>
#include <span>

namespace weft::pose {
namespace {

bool is_found(const Person& person) {
  const auto any = [](std::span<const Keypoint> points) {
    return std::any_of(points.begin(), points.end(), [](const Keypoint& point) { return point.confidence > 0; });
  };
  return any(person.body) || any(person.face) || any(person.left_hand) || any(person.right_hand);
}

/// `"name":[x,y,confidence,…]`; numbers read back as the same.
std::string list_text(const char* name, std::span<const Keypoint> points) {
  std::vector<std::string> numbers;
  for (const Keypoint& point : points) {
    for (const double number : {point.x, point.y, point.confidence}) numbers.push_back(number_text(number));
  }
  return text('"', name, "\":[", join(numbers, ","), ']');
}

/// OpenPose's own form.
std::string json_of(const std::vector<Person>& people) {
  std::vector<std::string> lists;
  for (const Person& person : people) {
    if (!is_found(person)) continue;
    lists.push_back(text("{\"person_id\":[-1],", list_text("pose_keypoints_2d", person.body), ',',
                         list_text("face_keypoints_2d", person.face), ',',
                         list_text("hand_left_keypoints_2d", person.left_hand), ',',
                         list_text("hand_right_keypoints_2d", person.right_hand), '}'));
  }
  return text("{\"version\":1.3,\"people\":[", join(lists, ","), "]}\n");
}

/// People as files that OpenPose could have written.
struct WriteOpenPose : data::FrameWriter {
  static constexpr auto about =
      "Writes people to OpenPose's JSON files, one file for each frame, as pose.openpose_folder reads them; a place "
      "where "
      "nobody was found is left out; until the sequence is complete, the files are in a folder `unfinished`";

  WriteOpenPose() : FrameWriter{data::FrameFiles({".json"})} {}

  void run(In<"in", "keypoints[B,K,3]"> in, Context& context) {
    const at::Tensor keypoints = data::only_frame(*in);
    if (!keypoints.isfinite().all().item<bool>())
      throw Error(Exit::NotFinite, text("the keypoints of frame ", context.frame(), " are not finite"));
    files.write(json_of(people_of(keypoints)), context);
  }
};

}  // namespace

void add_write_openpose(Registry& registry) {
  registry.add<WriteOpenPose>("pose.write_openpose");
}

}  // namespace weft::pose
