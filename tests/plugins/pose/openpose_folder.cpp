#include "framework/testing/node_runner.h"
#include "tests/plugins/pose/people.h"
#include "tests/plugins/text_files.h"

#include <ATen/TensorOperators.h>

namespace weft::pose {
namespace {

using testing::error_of;
using testing::NodeRunner;

class OpenPoseFolder : public testing::TextFiles {
 protected:
  at::Tensor read(const std::string& content) const {
    write("frame.json", content);
    return NodeRunner("pose.openpose_folder").set("path", path()).run().tensor("keypoints");
  }

  /// What is said of a file, without its name.
  std::string fault(const std::string& content) const {
    const std::string all = error_of([&] { read(content); });
    const std::string name = path("frame.json");
    EXPECT_EQ(all.substr(0, name.size()), name);
    return all.substr(std::min(all.size(), name.size()));
  }

  static std::string person(const std::string& body) { return R"({"people": [{"pose_keypoints_2d": )" + body + "}]}"; }
};

TEST_F(OpenPoseFolder, ReadsBodyFaceAndHandsInThisOrder) {
  const at::Tensor keypoints =
      read(R"({"version": 1.3, "people": [{"hand_right_keypoints_2d": )" + numbers(63, 700) +
           R"(, "hand_left_keypoints_2d": )" + numbers(63, 500) + R"(, "face_keypoints_2d": )" + numbers(210, 200) +
           R"(, "pose_keypoints_2d": )" + numbers(75) + R"(, "pose_keypoints_3d": []}]})");
  ASSERT_EQ(keypoints.sizes(), (at::IntArrayRef{1, kPerson, 3}));
  const auto rows = keypoints.accessor<double, 3>();
  EXPECT_EQ(rows[0][kBody][0], 1);
  EXPECT_EQ(rows[0][kBody + 24][2], 75);
  EXPECT_EQ(rows[0][kFace][0], 200);
  EXPECT_EQ(rows[0][kLeftHand][1], 501);
  EXPECT_EQ(rows[0][kRightHand + 20][2], 762);
}

TEST_F(OpenPoseFolder, WhatWasNotLookedForIsZero) {
  const at::Tensor keypoints =
      read(R"({"people": [{"pose_keypoints_2d": )" + numbers(75) + R"(, "face_keypoints_2d": []}]})");
  EXPECT_EQ(keypoints.narrow(1, kFace, kPerson - kFace).abs().sum().item<double>(), 0);
}

TEST_F(OpenPoseFolder, AFrameMayHaveNobodyOrSeveralPeople) {
  EXPECT_EQ(read(R"({"people": []})").sizes(), (at::IntArrayRef{1, 0, 3}));
  const std::string one = R"({"pose_keypoints_2d": )" + numbers(75) + "}";
  EXPECT_EQ(read(R"({"people": [)" + one + ", " + one + "]}").sizes(), (at::IntArrayRef{1, 2 * kPerson, 3}));
}

TEST_F(OpenPoseFolder, GivesAFrameForEachFile) {
  for (const char* name : {"f2.json", "f10.json", "f1.json"}) write(name, R"({"people": []})");
  NodeRunner folder("pose.openpose_folder");
  folder.set("path", path()).set("start", int64_t{1});
  EXPECT_TRUE(folder.run().has_values());
  EXPECT_TRUE(folder.run().has_values());
  EXPECT_FALSE(folder.run().has_values());
}

TEST_F(OpenPoseFolder, RefusesWhatIsNoOpenPoseFile) {
  const std::string no_people =
      " is not an OpenPose file: it has no list `people`\n  an empty frame is written as {\"people\": []}";
  EXPECT_EQ(fault(""), " is empty");
  EXPECT_EQ(fault("[]"), no_people);
  EXPECT_EQ(fault("{}"), no_people);
  EXPECT_EQ(fault(R"({"people": 3})"), no_people);
  EXPECT_EQ(fault(R"({"people": [3]})"), " is not an OpenPose file: person 0 is not a table");
  EXPECT_EQ(fault(R"({"people": [{}]})"), " has no `pose_keypoints_2d` for person 0");
  EXPECT_EQ(fault(person("\"none\"")), " has something other than a list as `pose_keypoints_2d` of person 0");
}

TEST_F(OpenPoseFolder, RefusesAnotherBodyModel) {
  EXPECT_EQ(fault(person(numbers(54))),
            " has 54 numbers in `pose_keypoints_2d` of person 0, but 25 points of x, y and confidence make 75\n"
            "  the body model must be BODY_25, OpenPose's default (--model_pose BODY_25)");
  EXPECT_EQ(fault(R"({"people": [{"pose_keypoints_2d": )" + numbers(75) + R"(, "face_keypoints_2d": [1, 2]}]})"),
            " has 2 numbers in `face_keypoints_2d` of person 0, but 70 points of x, y and confidence make 210");
}

TEST_F(OpenPoseFolder, RefusesWhatIsNoPosition) {
  std::string list = numbers(75);
  const auto with = [&](const std::string& number) { return person("[" + number + list.substr(2)); };
  EXPECT_EQ(fault(with("\"x\"")), " has a text instead of a number at point 0 of `pose_keypoints_2d` of person 0");
  EXPECT_EQ(fault(with("null")), " has null instead of a number at point 0 of `pose_keypoints_2d` of person 0");
  EXPECT_EQ(fault(with("1e30")),
            " has 1e30 at point 0 of `pose_keypoints_2d` of person 0, which is not a position in an image");
  for (const char* number : {"NaN", "Infinity", "1e999"}) {
    EXPECT_EQ(fault(with(number)).substr(0, 13), " is not JSON\n") << number;
  }
}

TEST_F(OpenPoseFolder, RefusesJsonThatIsNestedWithoutMeasure) {
  const std::string deep = std::string(100'000, '[') + std::string(100'000, ']');
  const std::string list = numbers(75);
  EXPECT_EQ(fault(person("[" + deep + list.substr(2))), " is nested more than 64 deep");
  EXPECT_EQ(fault(R"({"version": )" + deep + R"(, "people": []})"), " is nested more than 64 deep");
  EXPECT_EQ(fault(person("[[[]]" + list.substr(2))),
            " has a list of 1 instead of a number at point 0 of `pose_keypoints_2d` of person 0");
}

TEST_F(OpenPoseFolder, TruncatedFilesAreRefused) {
  const std::string whole = person(numbers(75));
  for (size_t length = 0; length < whole.size(); length += 5) {
    const std::string said = fault(whole.substr(0, length));
    EXPECT_TRUE(said == " is empty" || said.starts_with(" is not JSON\n  ")) << length << said;
  }
}

TEST_F(OpenPoseFolder, RefusesAHugeFile) {
  EXPECT_EQ(fault(std::string(8'000'001, ' ')),
            " has 8.0 MB, which is too large for what it should be\n  such files have at most 8.0 MB");
}

TEST_F(OpenPoseFolder, ReadsTheRealFrames) {
  const std::string folder = testing::shared_folder("data/pose/openpose");
  if (!std::filesystem::exists(folder)) GTEST_SKIP() << "no shared data at " << folder;
  NodeRunner frames("pose.openpose_folder");
  frames.set("path", folder);
  for (int i = 0; i < 5; ++i) {
    EXPECT_EQ(frames.run().tensor("keypoints").sizes(), (at::IntArrayRef{1, kPerson, 3}));
    EXPECT_GT(frames.tensor("keypoints").select(2, 2).slice(1, 0, 9).min().item<double>(),
              0.5);  // a clear upper body
  }
  EXPECT_FALSE(frames.run().has_values());
}

}  // namespace
}  // namespace weft::pose
