// The estimators with the published files, where `weft fetch pose face` has brought them; what they do without them everywhere.
#include "framework/data/fetched_files.h"
#include "framework/testing/error_text.h"
#include "framework/testing/node_runner.h"
#include "tests/plugins/text_files.h"

#include <ATen/TensorOperators.h>
#include <ATen/ops/equal.h>
#include <ATen/ops/zeros.h>
#include <ATen/ops/zeros_like.h>
#include <gmock/gmock.h>

#include <filesystem>

namespace weft {
namespace {

using testing::error_text;
using ::testing::HasSubstr;
using testing::NodeRunner;

class Estimators : public testing::TextFiles {
 protected:
  /// Why the published files cannot be run here; empty where they can.
  static const std::string& lack() {
    static const std::string lack = find_lack();
    return lack;
  }

 private:
  static std::string find_lack() {
    for (const data::FetchedSet& set : data::fetched_sets()) {
      for (const data::FetchedFile& file : set.files) {
        if (!std::filesystem::exists(data::fetched_folder() + '/' + std::string(file.name)))
          return "model files are absent: weft fetch pose face";
      }
    }
    const std::string fault = error_text([] {
      NodeRunner("face.estimate").input("image", at::zeros({1, 3, 64, 64})).run();
    });
    return fault.find("without OpenVINO") == std::string::npos ? fault : "built without OpenVINO";
  }
};

#define NEEDS_MODELS() \
  if (const std::string why = lack(); !why.empty()) GTEST_SKIP() << why

TEST_F(Estimators, SayWhichCommandBringsTheirFiles) {
  const auto fault = [&](const std::string& type) {
    return error_text([&] { NodeRunner(type).set("models", path()).input("image", at::zeros({1, 3, 64, 64})).run(); });
  };
  EXPECT_THAT(fault("pose.estimate"), HasSubstr("pose_detection.tflite: there is no such model file"));
  EXPECT_THAT(fault("pose.estimate"), HasSubstr("`weft fetch pose` brings it"));
  EXPECT_THAT(fault("face.estimate"), HasSubstr("`weft fetch face` brings it"));
}

TEST_F(Estimators, RefuseFilesThatAreNoModels) {
  for (const data::FetchedSet& set : data::fetched_sets()) {
    for (const data::FetchedFile& file : set.files) write(std::string(file.name), "no model");
  }
  const std::string fault = error_text([&] {
    NodeRunner("pose.estimate").set("models", path()).input("image", at::zeros({1, 3, 64, 64})).run();
  });
  EXPECT_THAT(fault, ::testing::AnyOf(HasSubstr("is not a TensorFlow Lite file"), HasSubstr("built without OpenVINO")));
}

TEST_F(Estimators, RefuseOtherModels) {
  NEEDS_MODELS();
  std::filesystem::copy(data::fetched_folder() + "/face_landmark.tflite", path("pose_detection.tflite"));
  EXPECT_THAT(error_text([&] {
                NodeRunner("pose.estimate").set("models", path()).input("image", at::zeros({1, 3, 64, 64})).run();
              }),
              HasSubstr("the inputs are not those of the file"));
}

TEST_F(Estimators, GiveConfidence0WhereNobodyIs) {
  NEEDS_MODELS();
  NodeRunner pose("pose.estimate"), face("face.estimate");
  pose.set("people", int64_t{2});
  const at::Tensor grey = at::zeros({2, 3, 90, 160});
  for (int frame = 0; frame < 2; ++frame) {
    EXPECT_TRUE(at::equal(pose.input("image", grey).run().tensor("keypoints"), at::zeros({2, 274, 3}, at::kDouble)));
    EXPECT_TRUE(at::equal(face.input("image", grey).run().tensor("keypoints"), at::zeros({2, 68, 3}, at::kDouble)));
    pose.clear_inputs(), face.clear_inputs();
  }
}

TEST_F(Estimators, TakeFramesOfOnePixel) {
  NEEDS_MODELS();
  const at::Tensor dot = at::zeros({1, 3, 1, 1});
  EXPECT_EQ(NodeRunner("pose.estimate").input("image", dot).run().tensor("keypoints").abs().max().item<double>(), 0);
  EXPECT_EQ(NodeRunner("face.estimate").input("image", dot).run().tensor("keypoints").abs().max().item<double>(), 0);
}

/// The frames of a folder of the real data, and what another program found in them.
struct RealFrames {
  RealFrames(const std::string& images, const std::string& reader, const std::string& found) {
    NodeRunner frames("media.image_folder"), points(reader);
    frames.set("path", images), points.set("path", found);
    while (frames.run().has_values() && points.run().has_values()) {
      image.push_back(frames.tensor("image"));
      reference.push_back(points.tensor("keypoints")[0]);
    }
  }
  std::vector<at::Tensor> image, reference;
};

/// Distances of points, [K].
at::Tensor distances(const at::Tensor& a, const at::Tensor& b) {
  return (a.narrow(1, 0, 2) - b.narrow(1, 0, 2)).square().sum(1).sqrt();
}

TEST_F(Estimators, FindTheLandmarksThatDlibFinds) {
  NEEDS_MODELS();
  const std::string folder = testing::shared_folder("data/face");
  if (!std::filesystem::exists(folder)) GTEST_SKIP() << "the real frames are not beside this checkout";
  const RealFrames frames(folder + "/images", "face.landmark_folder", folder + "/landmarks");
  ASSERT_FALSE(frames.image.empty());
  for (const char* range : {"short", "full"}) {
    NodeRunner face("face.estimate");
    face.set("range", std::string(range));
    for (size_t t = 0; t < frames.image.size(); ++t) {
      face.clear_inputs();
      const at::Tensor found = face.input("image", frames.image[t]).run().tensor("keypoints")[0];
      const at::Tensor& wanted = frames.reference[t];
      const double eyes = distances(wanted.narrow(0, 36, 1), wanted.narrow(0, 45, 1)).item<double>();
      const at::Tensor far = distances(found, wanted) / eyes;
      EXPECT_EQ(found.select(1, 2).min().item<double>(), 1);
      // Two programs that agree differ by some hundredths of the distance between the eyes; the jaw is another line.
      EXPECT_LT(far.narrow(0, 17, 51).mean().item<double>(), 0.06) << range << ' ' << t;
      EXPECT_LT(far.narrow(0, 0, 17).mean().item<double>(), 0.12) << range << ' ' << t;
    }
  }
}

TEST_F(Estimators, FindTheJointsThatOpenPoseFinds) {
  NEEDS_MODELS();
  const std::string folder = testing::shared_folder("data/pose");
  if (!std::filesystem::exists(folder)) GTEST_SKIP() << "the real frames are not beside this checkout";
  const RealFrames frames(folder + "/images", "pose.openpose_folder", folder + "/openpose");
  ASSERT_FALSE(frames.image.empty());
  NodeRunner pose("pose.estimate");
  for (size_t t = 0; t < frames.image.size(); ++t) {
    pose.clear_inputs();
    const at::Tensor found = pose.input("image", frames.image[t]).run().tensor("keypoints")[0].narrow(0, 0, 25);
    const at::Tensor wanted = frames.reference[t].narrow(0, 0, 25);
    const at::Tensor both = found.select(1, 2).gt(0).logical_and(wanted.select(1, 2).gt(0.3));
    const double torso = distances(wanted.narrow(0, 1, 1), wanted.narrow(0, 8, 1)).item<double>();
    const at::Tensor near = distances(found, wanted).lt(0.25 * torso).logical_and(both);
    EXPECT_GE(both.sum().item<int64_t>(), 18) << t;
    // Nine of ten joints within a quarter of the torso: the two programs put hips and heels at different places.
    EXPECT_GE(near.sum().item<double>(), 0.9 * both.sum().item<double>()) << t;
  }
}

TEST_F(Estimators, GoOnAfterTheirStateWasRestored) {
  NEEDS_MODELS();
  const std::string folder = testing::shared_folder("data/face");
  if (!std::filesystem::exists(folder)) GTEST_SKIP() << "the real frames are not beside this checkout";
  const RealFrames frames(folder + "/images", "face.landmark_folder", folder + "/landmarks");
  const auto run = [](NodeRunner& node, const at::Tensor& image) {
    node.clear_inputs();
    return node.input("image", image).run().tensor("keypoints");
  };
  NodeRunner whole("face.estimate"), first("face.estimate"), second("face.estimate");
  run(whole, frames.image[0]);
  run(first, frames.image[0]);
  Archive saved;
  first.node().state(saved);
  run(second, at::zeros_like(frames.image[0]));  // opens it
  Archive restored(saved.entries());
  second.node().state(restored);
  EXPECT_TRUE(at::equal(run(whole, frames.image[1]), run(second, frames.image[1])));
  // A new sequence knows nothing of the one before.
  NodeRunner fresh("face.estimate");
  whole.node().reset();
  EXPECT_TRUE(at::equal(run(whole, frames.image[2]), run(fresh, frames.image[2])));
}

}  // namespace
}  // namespace weft
