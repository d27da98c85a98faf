#include "framework/testing/node_runner.h"
#include "tests/plugins/pose/people.h"
#include "tests/plugins/text_files.h"

#include <ATen/TensorOperators.h>
#include <ATen/ops/cat.h>
#include <ATen/ops/equal.h>
#include <ATen/ops/rand.h>
#include <ATen/ops/zeros.h>
#include <gmock/gmock.h>

#include <limits>

namespace weft::pose {
namespace {

using testing::error_of;
using ::testing::HasSubstr;
using testing::NodeRunner;

class WriteOpenPose : public testing::TextFiles {
 protected:
  at::Tensor written_and_read(const at::Tensor& keypoints) const {
    NodeRunner writer("pose.write_openpose");
    writer.set("path", path("people")).input("in", keypoints).run();
    writer.sink().finish(writer.context());
    return NodeRunner("pose.openpose_folder").set("path", path("people")).run().tensor("keypoints");
  }
};

TEST_F(WriteOpenPose, WhatIsWrittenReadsBackAsTheSame) {
  const at::Tensor people = at::rand({1, 2 * kPerson, 3}, at::kDouble) * 1000;
  people.select(2, 2).div_(1000);
  EXPECT_TRUE(at::equal(written_and_read(people), people));
}

TEST_F(WriteOpenPose, PlacesWhereNobodyIsAreLeftOut) {
  const at::Tensor person = at::rand({1, kPerson, 3}, at::kDouble), nobody = at::zeros({1, kPerson, 3}, at::kDouble);
  EXPECT_TRUE(at::equal(written_and_read(at::cat({nobody, person, nobody}, 1)), person));
}

TEST_F(WriteOpenPose, AFrameWithoutPeopleHasAFileToo) {
  EXPECT_EQ(written_and_read(at::zeros({1, kPerson, 3}, at::kDouble)).size(1), 0);
}

TEST_F(WriteOpenPose, NumbersThatAreNoneAreRefused) {
  at::Tensor person = at::zeros({1, kPerson, 3}, at::kDouble);
  person[0][3][0] = std::numeric_limits<double>::infinity();
  EXPECT_THAT(error_of([&] { written_and_read(person); }), HasSubstr("the keypoints of frame 0 are not finite"));
}

TEST_F(WriteOpenPose, OtherKeypointsAreRefused) {
  EXPECT_THAT(error_of([&] { written_and_read(at::zeros({1, 68, 3}, at::kDouble)); }), HasSubstr("but there are 68"));
}

}  // namespace
}  // namespace weft::pose
