#include "framework/testing/node_runner.h"
#include "tests/plugins/face/faces.h"
#include "tests/plugins/text_files.h"

#include <ATen/TensorOperators.h>
#include <ATen/ops/zeros.h>

#include <cmath>

namespace weft::face {
namespace {

using testing::error_of;
using testing::NodeRunner;

/// A face that has width and height everywhere; its chin is at (x, y).
Landmarks face_at(double x, double y, double scale) {
  Landmarks landmarks;
  for (size_t i = 0; i < 68; ++i) {
    const auto angle = static_cast<double>(i) * 0.7;
    landmarks.push_back({x + scale * (40 * std::sin(angle)), y - scale * (50 + 30 * std::cos(angle))});
  }
  landmarks[8] = {x, y};
  return landmarks;
}

/// Folders of landmarks for face.proportions.
class FaceNormalise : public testing::TextFiles {
 protected:
  /// The proportions of a sequence of these faces, where an empty one is a frame without a face.
  at::Tensor proportions(const std::string& name, const std::vector<Landmarks>& faces) const {
    std::filesystem::create_directories(path(name));
    for (size_t t = 0; t < faces.size(); ++t) {
      std::string rows;
      for (const auto& point : faces[t]) rows += std::to_string(point.x) + ' ' + std::to_string(point.y) + '\n';
      write(name + '/' + std::to_string(t) + ".txt", rows);
    }
    NodeRunner folder("face.proportions");
    folder.set("path", path(name)).run();
    const at::Tensor of_first = folder.tensor("proportions").clone();
    for (size_t t = 1; t < faces.size(); ++t) EXPECT_TRUE(folder.run().tensor("proportions").equal(of_first));
    EXPECT_FALSE(folder.run().has_values());
    return of_first;
  }
};

/// How far the moved landmarks are from `wanted` at most, in pixels.
double distance(const at::Tensor& moved, const Landmarks& wanted) {
  return (moved.narrow(1, 0, 68).narrow(2, 0, 2) - keypoints(wanted).narrow(2, 0, 2)).abs().max().item<double>();
}

// Coordinates are written with six digits, and distances have a thousandth of a pixel added.
constexpr double kTolerance = 0.01;

TEST_F(FaceNormalise, AFaceOfTheSameProportionsStays) {
  // At whole pixels, as those of a forehead are: both widths are exact.
  Landmarks face = face_at(100, 150, 1), twice, moved_on;
  for (auto& point : face) {
    point = {std::round(point.x), std::round(point.y)};
    twice.push_back({2 * point.x + 100, 2 * point.y});
    moved_on.push_back({point.x + 20, point.y});
  }
  NodeRunner node("face.normalise");
  node.input("proportions", proportions("own", {face, {}, moved_on}));
  node.input("reference", proportions("other", {twice}));
  const at::Tensor moved = node.input("keypoints", keypoints(face)).run().tensor("keypoints");
  EXPECT_EQ(moved.sizes(), (at::IntArrayRef{1, 83, 3}));
  EXPECT_LT(distance(moved, face), kTolerance) << "twice the size, and all the same proportions";
}

TEST_F(FaceNormalise, InTrainingTheSizeIsTakenToo) {
  const Landmarks face = face_at(100, 150, 1);
  NodeRunner node("face.normalise");
  node.set("forehead", false).context().set_training(true);
  node.input("proportions", proportions("own", {face}));
  node.input("reference", proportions("other", {face_at(300, 300, 2)}));
  const at::Tensor moved = node.input("keypoints", keypoints(face)).run().tensor("keypoints");
  EXPECT_EQ(moved.sizes(), (at::IntArrayRef{1, 68, 3}));
  EXPECT_LT(distance(moved, face_at(100, 150, 2)), kTolerance);
}

TEST_F(FaceNormalise, NobodyStaysNobody) {
  NodeRunner node("face.normalise");
  node.input("proportions", proportions("own", {{}, {}})).input("reference", proportions("other", {face_at(9, 99, 1)}));
  const at::Tensor moved = node.input("keypoints", at::zeros({1, 68, 3}, at::kDouble)).run().tensor("keypoints");
  EXPECT_EQ(moved.sizes(), (at::IntArrayRef{1, 83, 3}));
  EXPECT_EQ(moved.abs().max().item<double>(), 0);
}

TEST_F(FaceNormalise, RefusesRowsThatAreNoProportions) {
  NodeRunner node("face.normalise");
  const at::Tensor face = keypoints(face_at(100, 150, 1));
  node.input("proportions", face).input("reference", face).input("keypoints", face);
  EXPECT_EQ(error_of([&] { node.run(); }),
            "proportions of a face have 46 rows, but these have 68\n  face.proportions gives them");
}

}  // namespace
}  // namespace weft::face
