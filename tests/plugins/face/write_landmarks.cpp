#include "framework/testing/node_runner.h"
#include "tests/plugins/text_files.h"

#include <ATen/TensorOperators.h>
#include <ATen/ops/equal.h>
#include <ATen/ops/rand.h>
#include <ATen/ops/zeros.h>
#include <gmock/gmock.h>

#include <limits>

namespace weft::face {
namespace {

using testing::error_of;
using ::testing::HasSubstr;
using testing::NodeRunner;

class WriteLandmarks : public testing::TextFiles {
 protected:
  at::Tensor written_and_read(const at::Tensor& landmarks) const {
    NodeRunner writer("face.write_landmarks");
    writer.set("path", path("faces")).input("in", landmarks).run();
    writer.sink().finish(writer.context());
    return NodeRunner("face.landmark_folder").set("path", path("faces")).run().tensor("keypoints");
  }
};

TEST_F(WriteLandmarks, WhatIsWrittenReadsBackAsTheSame) {
  at::Tensor landmarks = at::rand({1, 68, 3}, at::kDouble) * 500;
  landmarks.select(2, 2).fill_(1);
  EXPECT_TRUE(at::equal(written_and_read(landmarks), landmarks));
}

TEST_F(WriteLandmarks, AFrameWithoutAFaceHasConfidence0) {
  EXPECT_EQ(written_and_read(at::zeros({1, 68, 3}, at::kDouble)).select(2, 2).max().item<double>(), 0);
}

TEST_F(WriteLandmarks, NumbersThatAreNoneAreRefused) {
  at::Tensor landmarks = at::zeros({1, 68, 3}, at::kDouble);
  landmarks[0][3][1] = std::numeric_limits<double>::quiet_NaN();
  EXPECT_THAT(error_of([&] { written_and_read(landmarks); }), HasSubstr("the landmarks of frame 0 are not finite"));
}

}  // namespace
}  // namespace weft::face
