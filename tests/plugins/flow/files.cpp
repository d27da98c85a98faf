#include "framework/testing/node_runner.h"
#include "tests/plugins/text_files.h"

#include <ATen/TensorOperators.h>
#include <ATen/ops/equal.h>
#include <ATen/ops/rand.h>
#include <ATen/ops/randn.h>
#include <ATen/ops/tensor.h>
#include <gmock/gmock.h>

#include <cmath>

namespace weft {
namespace {

using testing::error_of;
using ::testing::HasSubstr;
using testing::NodeRunner;

class FlowFiles : public testing::TextFiles {
 protected:
  /// PIEH, width, height and vectors, as Middlebury's description has them.
  static std::string flo(int32_t width, int32_t height, const std::vector<float>& numbers) {
    std::string bytes = "PIEH";
    for (const int32_t side : {width, height}) bytes.append(reinterpret_cast<const char*>(&side), 4);
    bytes.append(reinterpret_cast<const char*>(numbers.data()), 4 * numbers.size());
    return bytes;
  }
  std::string fault(const std::string& bytes) const {
    write("a.flo", bytes);
    return error_of([&] { NodeRunner("flow.folder").set("path", path()).run(); });
  }
};

TEST_F(FlowFiles, WhatIsWrittenReadsBackAsTheSame) {
  const at::Tensor flow = at::randn({1, 2, 5, 7}) * 40;
  const at::Tensor confidence = (at::rand({1, 1, 5, 7}) * 255).round() / 255;
  NodeRunner writer("flow.write");
  writer.set("path", path("flow")).input("in", flow).input("confidence", confidence).run();
  writer.node().finish(writer.context());
  NodeRunner reader("flow.folder");
  reader.set("path", path("flow")).run();
  EXPECT_TRUE(at::equal(reader.tensor("flow"), flow));
  EXPECT_TRUE(reader.tensor("confidence").allclose(confidence, 0, 1e-7));  // a division in float32
  EXPECT_FALSE(reader.run().has_values());
}

TEST_F(FlowFiles, AreReadAsMiddleburyWritesThem) {
  write("frame10.flo", flo(2, 1, {1.5F, -2.F, 3.F, 4.F}));
  NodeRunner reader("flow.folder");
  reader.set("path", path()).run();
  EXPECT_TRUE(at::equal(reader.tensor("flow"), at::tensor({1.5F, 3.F, -2.F, 4.F}).view({1, 2, 1, 2})));
  EXPECT_TRUE(at::equal(reader.tensor("confidence"), at::tensor({1.F, 1.F}).view({1, 1, 1, 2})));
}

TEST_F(FlowFiles, UnknownVectorsHaveConfidence0) {
  write("frame10.flo", flo(2, 1, {1.7e9F, 0.F, 3.F, NAN}));
  NodeRunner reader("flow.folder");
  reader.set("path", path()).run();
  EXPECT_EQ(reader.tensor("flow").abs().max().item<float>(), 0);
  EXPECT_EQ(reader.tensor("confidence").max().item<float>(), 0);
}

TEST_F(FlowFiles, DamagedOnesAreRefused) {
  const std::string whole = flo(2, 1, {1, 2, 3, 4});
  EXPECT_THAT(fault(""), HasSubstr("a.flo is no .flo file"));
  EXPECT_THAT(fault("PIEH"), HasSubstr("a.flo is no .flo file"));
  EXPECT_THAT(fault("HEIP" + whole.substr(4)), HasSubstr("a.flo is no .flo file"));
  EXPECT_THAT(fault(whole.substr(0, 20)), HasSubstr("has 20 bytes, but a flow of 2x1 takes 28"));
  EXPECT_THAT(fault(whole + "x"), HasSubstr("has 29 bytes, but a flow of 2x1 takes 28"));
  EXPECT_THAT(fault(flo(0, 1, {})), HasSubstr("a flow of 0x1 pixels cannot be read"));
  EXPECT_THAT(fault(flo(2'000'000'000, 2'000'000'000, {})), HasSubstr("cannot be read"));
  EXPECT_THAT(fault(flo(-2, -1, {1, 2, 3, 4})), HasSubstr("a flow of -2x-1 pixels cannot be read"));
}

TEST_F(FlowFiles, AConfidenceOfAnotherSizeIsRefused) {
  write("a.pgm", "P5\n3 1\n255\nabc");
  EXPECT_THAT(fault(flo(2, 1, {1, 2, 3, 4})), HasSubstr("a.pgm is no confidence of 2x1 pixels"));
}

}  // namespace
}  // namespace weft
