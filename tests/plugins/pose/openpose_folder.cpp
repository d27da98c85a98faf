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
  EXPECT_EQ(fault("3"), no_people);
  EXPECT_EQ(fault("{}"), no_people);
  EXPECT_EQ(fault(R"({"people": 3})"), no_people);
  EXPECT_EQ(fault(R"({"people": [3]})"), " is not an OpenPose file: person 0 is not a table");
  EXPECT_EQ(fault(R"({"people": [{}]})"), " has no `pose_keypoints_2d` for person 0");
  EXPECT_EQ(fault(person("\"none\"")), " has something other than a list as `pose_keypoints_2d` of person 0");
}

TEST_F(OpenPoseFolder, RefusesAnotherBodyModel) {
  EXPECT_EQ(fault(person(numbers(45))),
            " has 15 points in `pose_keypoints_2d` of person 0, which is no known body model\n"
            "  known are BODY_25 with 25, COCO-18 with 18, COCO-17 with 17, Halpe-26 with 26, COCO-WholeBody with 133, "
            "Halpe-136 with 136");
  EXPECT_EQ(fault(person(numbers(50))),
            " has 50 numbers in `pose_keypoints_2d` of person 0, which are no triples\n"
            "  each point has three numbers: x, y and confidence");
  EXPECT_EQ(fault(R"({"people": [{"pose_keypoints_2d": )" + numbers(75) + R"(, "face_keypoints_2d": [1, 2, 3]}]})"),
            " has 1 points in `face_keypoints_2d` of person 0, but it must be 68 or 70");
  EXPECT_EQ(
      fault(R"({"people": [{"pose_keypoints_2d": )" + numbers(75) + R"(, "hand_left_keypoints_2d": [1, 2, 3]}]})"),
      " has 1 points in `hand_left_keypoints_2d` of person 0, but it must be 21");
}

// Each expected row is the point's number in the model's own order: x of point i is 3 i + 1.
TEST_F(OpenPoseFolder, ReadsCoco18) {
  const at::Tensor keypoints = read(person(numbers(54)));
  const auto rows = keypoints.accessor<double, 3>();
  EXPECT_EQ(rows[0][7][0], 3 * 7 + 1);        // left wrist
  EXPECT_EQ(rows[0][9][0], 3 * 8 + 1);        // right hip
  EXPECT_EQ(rows[0][14][0], 3 * 13 + 1);      // left ankle
  EXPECT_EQ(rows[0][18][0], 3 * 17 + 1);      // left ear
  EXPECT_EQ(rows[0][8][0], (25 + 34) / 2.0);  // between the hips, 8 and 11
  EXPECT_EQ(rows[0][8][2], 27);               // the lower confidence
  EXPECT_EQ(rows[0][19][2], 0);               // no feet
}

TEST_F(OpenPoseFolder, ReadsCoco17) {
  const at::Tensor keypoints = read(person(numbers(51)));
  const auto rows = keypoints.accessor<double, 3>();
  EXPECT_EQ(rows[0][0][0], 1);                // nose
  EXPECT_EQ(rows[0][16][0], 3 * 1 + 1);       // left eye
  EXPECT_EQ(rows[0][2][0], 3 * 6 + 1);        // right shoulder
  EXPECT_EQ(rows[0][1][0], (16 + 19) / 2.0);  // neck: between the shoulders, 5 and 6
  EXPECT_EQ(rows[0][11][0], 3 * 16 + 1);      // right ankle
}

TEST_F(OpenPoseFolder, ReadsWholeBodies) {
  const at::Tensor halpe = read(R"([{"image_id": "0.jpg", "keypoints": )" + numbers(3 * 136) + "}]");
  const auto rows = halpe.accessor<double, 3>();
  EXPECT_EQ(rows[0][1][0], 3 * 18 + 1);   // neck
  EXPECT_EQ(rows[0][21][0], 3 * 24 + 1);  // left heel
  EXPECT_EQ(rows[0][kFace][0], 3 * 26 + 1);
  EXPECT_EQ(rows[0][kRightHand + 20][0], 3 * 135 + 1);
  const at::Tensor coco = read(person(numbers(3 * 133)));
  EXPECT_EQ((coco[0][22][0].item<double>()), 3 * 20 + 1);  // right big toe
  EXPECT_EQ((coco[0][kLeftHand][0].item<double>()), 3 * (17 + 6 + 68) + 1);
}

TEST_F(OpenPoseFolder, ReadsOldKeysAndFacesOf68Points) {
  const at::Tensor keypoints =
      read(R"({"people": [{"pose_keypoints": )" + numbers(54) + R"(, "face_keypoints": )" + numbers(204, 200) +
           R"(, "hand_left_keypoints": )" + numbers(63, 500) + R"(, "hand_right_keypoints": null}]})");
  const auto rows = keypoints.accessor<double, 3>();
  EXPECT_EQ(rows[0][kFace + 67][2], 403);
  EXPECT_EQ(rows[0][kFace + 68][2], 0);
  EXPECT_EQ(rows[0][kLeftHand][0], 500);
  EXPECT_EQ(rows[0][kRightHand][2], 0);
  EXPECT_EQ(read(R"({"bodies": [{"joints": )" + numbers(54) + "}]}").size(1), kPerson);
}

TEST_F(OpenPoseFolder, AFileWithoutContentIsAFrameWithoutPeople) {
  for (const char* content : {"", " \n", "[]", "null", R"({"people": []})"}) {
    EXPECT_EQ(read(content).sizes(), (at::IntArrayRef{1, 0, 3})) << content;
  }
}

/// The frame names and how many people are in each, of a file that lists frames.
std::pair<std::vector<std::string>, std::vector<int64_t>> listed(const std::string& path) {
  NodeRunner folder("pose.openpose_folder");
  folder.set("path", path);
  std::pair<std::vector<std::string>, std::vector<int64_t>> frames;
  while (folder.run().has_values()) frames.second.push_back(folder.tensor("keypoints").size(1) / kPerson);
  frames.first = folder.source().frame_names();
  return frames;
}

TEST_F(OpenPoseFolder, ReadsTheListOfAlphaPose) {
  const auto entry = [](const std::string& image) {
    return R"({"image_id": ")" + image + R"(", "category_id": 1, "score": 2.9, "keypoints": )" + numbers(51) + "}";
  };
  const std::string file =
      write("alphapose-results.json", "[" + entry("1.jpg") + ", " + entry("10.jpg") + ", " + entry("1.jpg") + "]");
  // Frames without people have no entry: 0, and 2 to 9.
  const std::vector<int64_t> people = {0, 2, 0, 0, 0, 0, 0, 0, 0, 0, 1};
  EXPECT_EQ(listed(path()).second, people);
  EXPECT_EQ(listed(file).second, people);
  EXPECT_EQ(listed(file).first.at(10), "10");
  write("alphapose-results.json",
        "[" + entry("walk_008.png") + ", " + entry("walk_010.png") + ", " + entry("walk_011.png") + "]");
  EXPECT_EQ(listed(path()).first, (std::vector<std::string>{"walk_008", "walk_009", "walk_010", "walk_011"}));
  EXPECT_EQ(listed(path()).second, (std::vector<int64_t>{1, 0, 1, 1}));
  write("other.json", "[]");
  EXPECT_EQ(error_of([&] { listed(path()); }),
            file +
                " lists the people of 4 frames, but it is not alone in its folder\n"
                "  give a file for each frame, or the one file that lists all of them");
}

TEST_F(OpenPoseFolder, ImagesOfOneNameInSeveralFoldersAreRefused) {
  const auto entry = [](const std::string& image) {
    return R"({"image_id": ")" + image + R"(", "keypoints": )" + numbers(51) + "}";
  };
  const std::string why = path("all.json") +
                          " lists cam1/001.jpg and cam2/001.jpg, which are both frame \"001\"\n"
                          "  give each folder of images a file of its own";
  write("all.json", "[" + entry("cam1/001.jpg") + ", " + entry("cam1/001.jpg") + ", " + entry("cam2/001.jpg") + "]");
  EXPECT_EQ(error_of([&] { listed(path()); }), why);
  write("all.json", R"({"cam1/001.jpg": {"people": []}, "cam2/001.jpg": {"people": []}})");
  EXPECT_EQ(error_of([&] { listed(path()); }), why);
}

TEST_F(OpenPoseFolder, RefusesMorePeopleThanAnyFrameShows) {
  std::string people = "{\"pose_keypoints_2d\": []}";
  for (int i = 0; i < 1000; ++i) people += ", {\"pose_keypoints_2d\": []}";
  EXPECT_EQ(fault("{\"people\": [" + people + "]}"), " has 1001 people, more than 1000");
}

TEST_F(OpenPoseFolder, ReadsListsOfFrames) {
  const std::string one = R"({"people": [{"pose_keypoints_2d": )" + numbers(54) + "}]}";
  write("all.json", "[" + one + R"(, {"people": []}, )" + one + "]");
  EXPECT_EQ(listed(path()).second, (std::vector<int64_t>{1, 0, 1}));
  write("all.json", R"({"f2.jpg": )" + one + R"(, "f4.jpg": )" + one + R"(, "f5.jpg": {"people": []}})");
  EXPECT_EQ(listed(path()).second, (std::vector<int64_t>{1, 0, 1, 0}));
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
  for (size_t length = 1; length < whole.size(); length += 5) {
    const std::string said = fault(whole.substr(0, length));
    EXPECT_TRUE(said.starts_with(" is not JSON\n  ")) << length << said;
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
