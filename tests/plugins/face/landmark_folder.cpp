#include "framework/base/text.h"
#include "framework/testing/node_runner.h"
#include "tests/plugins/text_files.h"

#include <ATen/ops/equal.h>

namespace weft::face {
namespace {

using testing::error_of;
using testing::NodeRunner;

class LandmarkFolder : public testing::TextFiles {
 protected:
  at::Tensor read(const std::string& content) const {
    write("frame.txt", content);
    return NodeRunner("face.landmark_folder").set("path", path()).run().tensor("keypoints");
  }

  /// What is said of a file, without its name.
  std::string fault(const std::string& content) const {
    const std::string all = error_of([&] { read(content); });
    const std::string name = path("frame.txt");
    EXPECT_EQ(all.substr(0, name.size()), name);
    return all.substr(std::min(all.size(), name.size()));
  }

  /// Landmark i at (i, i + 0.5), but `first` in place of the first.
  static std::string rows(int count, const std::string& first = "0,0.5", const std::string& end = "\n") {
    std::string content;
    for (int i = 0; i < count; ++i) content += i == 0 ? first + end : text(i, ',', i, ".5", end);
    return content;
  }

  static std::string list(int count, const std::string& first = "[0, 0.5]") {
    std::string content = "[";
    for (int i = 0; i < count; ++i) content += i == 0 ? first : text(", [", i, ", ", i, ".5]");
    return content + "]";
  }
};

TEST_F(LandmarkFolder, ReadsRowsOfText) {
  const at::Tensor keypoints = read(rows(68));
  ASSERT_EQ(keypoints.sizes(), (at::IntArrayRef{1, 68, 3}));
  EXPECT_EQ(keypoints[0][67][0].item<double>(), 67);
  EXPECT_EQ(keypoints[0][67][1].item<double>(), 67.5);
  EXPECT_EQ(keypoints[0][67][2].item<double>(), 1);
}

TEST_F(LandmarkFolder, ReadsOtherFormsOfTheSame) {
  const at::Tensor keypoints = read(rows(68));
  EXPECT_TRUE(read(list(68)).equal(keypoints));
  EXPECT_TRUE(read(rows(68, " 0 , 5e-1 ", "\r\n")).equal(keypoints));
  EXPECT_TRUE(read(text("\n", rows(68), "\n\n")).equal(keypoints));
}

TEST_F(LandmarkFolder, RefusesAnotherNumberOfLandmarks) {
  const std::string hint = "\n  the landmarks must be those of dlib's predictor with 68 points";
  EXPECT_EQ(fault(rows(67)), " has 67 landmarks, but a face has 68" + hint);
  EXPECT_EQ(fault(list(69)), " has 69 landmarks, but a face has 68" + hint);
  EXPECT_EQ(fault("[]"), " has 0 landmarks, but a face has 68" + hint);
}

TEST_F(LandmarkFolder, RefusesWhatIsNoRow) {
  EXPECT_EQ(fault(rows(68, "1,2,3")), ":1: a row must be `x,y`, but this is \"1,2,3\"");
  EXPECT_EQ(fault(rows(68, "1 2")), ":1: a row must be `x,y`, but this is \"1 2\"");
  EXPECT_EQ(fault(rows(3) + "x,y\n"), ":4: a row must be `x,y`, but this is \"x,y\"");
}

TEST_F(LandmarkFolder, RefusesWhatIsNoPosition) {
  EXPECT_EQ(fault(rows(68, "nan,1")), " has nan in landmark 0, which is not a position in an image");
  EXPECT_EQ(fault(rows(68, "1,-1e7")), " has -1e7 in landmark 0, which is not a position in an image");
  EXPECT_EQ(fault(list(68, "[1, 1e7]")), " has 1e7 in landmark 0, which is not a position in an image");
}

TEST_F(LandmarkFolder, RefusesWhatIsNoListOfPairs) {
  EXPECT_EQ(fault(list(68, "[1, 2, 3]")), " has something else than [x, y] as landmark 0: a list of 3");
  EXPECT_EQ(fault(list(68, "[\"1\", 2]")), " has something else than [x, y] as landmark 0: a list of 2");
  EXPECT_EQ(fault("{\"x\": 1}"), " is no file of landmarks: a list of 68 lists [x, y] is wanted");
  EXPECT_EQ(fault(" \n"), " is empty");
  EXPECT_EQ(fault(std::string(1'000'001, ' ')),
            " has 1.0 MB, which is too large for what it should be\n  such files have at most 1.0 MB");
}

TEST_F(LandmarkFolder, RefusesJsonThatIsNestedWithoutMeasure) {
  const std::string deep = std::string(100'000, '[') + std::string(100'000, ']');
  EXPECT_EQ(fault(list(68, deep)), " is nested more than 64 deep");
  EXPECT_EQ(fault(list(68, "[[[[]]]]")), " has something else than [x, y] as landmark 0: a list of 1");
  EXPECT_EQ(fault(list(68, '"' + std::string(900'000, 'x') + '"')),
            " has something else than [x, y] as landmark 0: a text");
}

TEST_F(LandmarkFolder, TruncatedFilesAreRefused) {
  const std::string pairs = list(68);
  for (size_t length = 1; length < pairs.size(); length += 5) {
    EXPECT_TRUE(fault(pairs.substr(0, length)).starts_with(" is not JSON\n  ")) << length;
  }
}

TEST_F(LandmarkFolder, ReadsTheRealFrames) {
  const std::string folder = testing::shared_folder("data/face/landmarks");
  if (!std::filesystem::exists(folder)) GTEST_SKIP() << "no shared data at " << folder;
  NodeRunner frames("face.landmark_folder");
  frames.set("path", folder);
  EXPECT_EQ(frames.run().tensor("keypoints")[0][0][0].item<double>(), 292);  // the file's first number
  for (int i = 1; i < 5; ++i) EXPECT_TRUE(frames.run().has_values());
  EXPECT_FALSE(frames.run().has_values());
}

}  // namespace
}  // namespace weft::face
