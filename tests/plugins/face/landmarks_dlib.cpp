#include "framework/testing/node_runner.h"
#include "tests/plugins/text_files.h"

#include <ATen/TensorOperators.h>
#include <ATen/ops/equal.h>
#include <ATen/ops/zeros.h>
#include <gmock/gmock.h>

#include <filesystem>

namespace weft::face {
namespace {

using ::testing::AnyOf;
using testing::error_of;
using ::testing::HasSubstr;
using testing::NodeRunner;

/// Debian's libdlib-data.
constexpr const char* kPredictor = "/usr/share/dlib/shape_predictor_68_face_landmarks.dat";

class LandmarksDlib : public testing::TextFiles {
 protected:
  static std::string fault(const std::string& predictor) {
    return error_of([&] {
      NodeRunner("face.landmarks_dlib").set("predictor", predictor).input("image", at::zeros({1, 3, 9, 9})).run();
    });
  }
};

TEST_F(LandmarksDlib, RefusesFilesThatAreNoPredictor) {
  const auto without = HasSubstr("built without dlib");
  EXPECT_THAT(fault(path("none.dat")), AnyOf(HasSubstr("none.dat: there is no such predictor file"), without));
  for (const std::string& bytes : {std::string(), std::string("not a predictor"), std::string(4096, '\xff')})
    EXPECT_THAT(fault(write("broken.dat", bytes)), AnyOf(HasSubstr("cannot be read as a predictor of dlib"), without));
}

TEST_F(LandmarksDlib, GivesConfidence0WhereNobodyIs) {
  if (!std::filesystem::exists(kPredictor)) GTEST_SKIP() << "libdlib-data is not installed";
  if (fault(kPredictor).find("built without dlib") != std::string::npos) GTEST_SKIP() << "built without dlib";
  NodeRunner node("face.landmarks_dlib");
  node.set("predictor", std::string(kPredictor)).input("image", at::zeros({2, 3, 60, 80})).run();
  EXPECT_TRUE(at::equal(node.tensor("keypoints"), at::zeros({2, 68, 3}, at::kDouble)));
}

}  // namespace
}  // namespace weft::face
