// Files of optical flow: bytes made by hand, and what is written read back.
#include "framework/testing/node_runner.h"
#include "tests/plugins/media/files.h"

#include <ATen/TensorOperators.h>
#include <ATen/ops/tensor.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <cstring>
#include <limits>
#include <vector>

namespace weft {
namespace {

using ::testing::ElementsAre;
using testing::error_of;
using ::testing::HasSubstr;
using testing::NodeRunner;
using testing::Png;
using testing::png_file;
using testing::TemporaryFolder;

struct Reader : NodeRunner {
  explicit Reader(const std::string& folder) : NodeRunner("media.flow_folder") { set("path", folder); }
};

std::vector<float> numbers_of(const at::Tensor& tensor) {
  const at::Tensor flat = tensor.to(at::kFloat).flatten().contiguous();
  return {flat.const_data_ptr<float>(), flat.const_data_ptr<float>() + flat.numel()};
}

template <typename Number>
std::string bytes_of(const std::vector<Number>& numbers) {
  return {reinterpret_cast<const char*>(numbers.data()), numbers.size() * sizeof(Number)};
}

std::string flo(int32_t width, int32_t height, const std::vector<float>& numbers) {
  return "PIEH" + bytes_of<int32_t>({width, height}) + bytes_of(numbers);
}

struct Read {
  std::vector<float> flow, valid;
};

Read read_only(const std::string& name, const std::string& content) {
  const TemporaryFolder folder;
  folder.add(name, content);
  Reader reader(folder.path());
  reader.run();
  return {numbers_of(reader.tensor("flow")), numbers_of(reader.tensor("valid"))};
}

std::string error_for(const std::string& name, const std::string& content) {
  const TemporaryFolder folder;
  folder.add(name, content);
  const std::string error = error_of([&] { Reader(folder.path()).run(); });
  return error.starts_with(folder.path()) ? error.substr(folder.path().size() + 1) : error;
}

TEST(FlowFolder, MiddleburysFlowHasXAndYOfEachPixel) {
  const Read read = read_only("a.flo", flo(3, 1, {1.5F, -2, 0, 4, 7, 8}));
  EXPECT_THAT(read.flow, ElementsAre(1.5F, 0, 7, -2, 4, 8));
  EXPECT_THAT(read.valid, ElementsAre(1, 1, 1));
}

TEST(FlowFolder, NumbersBeyondABillionAndNanAreUnknown) {
  const float nan = std::numeric_limits<float>::quiet_NaN(), infinity = std::numeric_limits<float>::infinity();
  const Read read = read_only("a.flo", flo(2, 2, {1.7e9F, 0, 0, nan, -infinity, 1, 1e9F, 3}));
  EXPECT_THAT(read.valid, ElementsAre(0, 0, 0, 1));
  EXPECT_THAT(read.flow, ElementsAre(0, 0, 0, 1e9F, 0, 0, 0, 3));
}

TEST(FlowFolder, KittisPngHasStepsOfA64thPixelAndAThirdChannelOfValidity) {
  // x = (0x8040 - 0x8000) / 64 = 1, y = (0x7fc0 - 0x8000) / 64 = -1, valid; then an unknown pixel.
  const std::string rows = std::string("\x80\x40\x7f\xc0\x00\x01", 6) + std::string(6, '\0');
  const Read read = read_only("a.png", png_file({.width = 2, .bits = 16, .colours = Png::Rgb, .rows = rows}));
  EXPECT_THAT(read.flow, ElementsAre(1, 0, -1, 0));
  EXPECT_THAT(read.valid, ElementsAre(1, 0));
}

TEST(FlowFolder, ADisparityIsFlowToTheLeft) {
  const float infinity = std::numeric_limits<float>::infinity();
  // Rows lie from below: the first of the file is the last of the picture.
  const Read read = read_only("a.pfm", "Pf\n2 2\n-1.0\n" + bytes_of<float>({3, infinity, 1, 2}));
  EXPECT_THAT(read.flow, ElementsAre(-1, -2, -3, 0, 0, 0, 0, 0));
  EXPECT_THAT(read.valid, ElementsAre(1, 1, 1, 0));
}

TEST(FlowFolder, FaultyFilesAreRefusedWithOneClearError) {
  EXPECT_EQ(error_for("a.flo", ""), "a.flo is empty");
  EXPECT_EQ(error_for("a.flo", "PIEG" + std::string(20, 'x')),
            "a.flo is no file of optical flow: it begins with none of PIEH (.flo), PF (.pfm) and PNG's mark");
  EXPECT_EQ(error_for("a.flo", "PIEH\x01"), "a.flo is cut short: its header is not whole");
  EXPECT_EQ(error_for("a.flo", flo(2, 2, {1, 2, 3})), "a.flo is cut short: 2x2 pixels have 32 bytes, but there are 12");
  EXPECT_EQ(error_for("a.flo", flo(1, 1, {1, 2, 3})), "a.flo has 4 bytes more than its 1x1 pixels need");
  EXPECT_THAT(error_for("a.flo", flo(0, 4, {})), HasSubstr("a.flo"));
  EXPECT_THAT(error_for("a.flo", flo(-1, -1, {1, 2})), HasSubstr("a.flo"));
  EXPECT_THAT(error_for("a.flo", flo(2'000'000'000, 2'000'000'000, {1, 2})), HasSubstr("a.flo"));
  EXPECT_EQ(error_for("a.png", testing::grey_pixel(3)), "a.png is no PNG in RGB of 16 bits");
  EXPECT_THAT(error_for("a.png", png_file({.bits = 16, .colours = Png::Rgb, .rows = "abcdef"}).substr(0, 50)),
              HasSubstr("a.png is "));
  EXPECT_EQ(error_for("a.pfm", "Pf\nx 2\n-1\n"), "a.pfm is no sound PFM: \"x\" is no number");
  EXPECT_EQ(error_for("a.pfm", "Pf\n"), "a.pfm is no sound PFM: \"\" is no number");
  EXPECT_EQ(error_for("a.pfm", "Pf\n1 1\n1.0\nabcd"),
            "a.pfm holds the highest byte first, or has no scale; PFM files of data sets have -1");
  EXPECT_EQ(error_for("a.pfm", "PF\n1 1\n-1.0\nabcd"), "a.pfm is cut short: 1x1 pixels have 12 bytes, but there are 4");
}

class WriteFlow : public ::testing::TestWithParam<const char*> {};

TEST_P(WriteFlow, GivesBackWhatWasWritten) {
  const TemporaryFolder folder;
  const at::Tensor flow = at::tensor({1.5F, -2.25F, 0.0F, 300.0F, -511.0F, 0.5F, 9.0F, 1.0F}).view({1, 2, 2, 2});
  const at::Tensor valid = at::tensor({1.0F, 1.0F, 1.0F, 0.0F}).view({1, 1, 2, 2});
  NodeRunner writer("media.write_flow");
  writer.set("path", folder / "out").set("name", std::string("%06d") + GetParam());
  writer.input("in", flow).input("valid", valid).run();
  writer.sink().finish(writer.context());
  Reader reader(folder / "out");
  reader.run();
  EXPECT_THAT(numbers_of(reader.tensor("flow")), ElementsAre(1.5F, -2.25F, 0, 0, -511, 0.5F, 9, 0));
  EXPECT_THAT(numbers_of(reader.tensor("valid")), ElementsAre(1, 1, 1, 0));
}

INSTANTIATE_TEST_SUITE_P(Formats, WriteFlow, ::testing::Values(".flo", ".png", ".pfm"));

TEST(WriteFlow, RefusesWhatKittisFormatCannotHold) {
  const TemporaryFolder folder;
  NodeRunner writer("media.write_flow");
  writer.set("path", folder / "out").set("name", std::string("%06d.png"));
  writer.input("in", at::tensor({1.0F, 513.0F}).view({1, 2, 1, 1}));
  EXPECT_THAT(error_of([&] { writer.run(); }),
              HasSubstr("the flow has a component of 513 pixels, but KITTI's PNG holds -512 to 511.98\n  `name = "
                        "\"%06d.flo\"` has room for it"));
}

TEST(FlowFolder, ConfidenceLiesBesideTheFlow) {
  const TemporaryFolder folder;
  const at::Tensor flow = at::tensor({1.5F, 3.F, -2.F, 4.F}).view({1, 2, 1, 2});
  const at::Tensor confidence = at::tensor({51.F, 255.F}).view({1, 1, 1, 2}) / 255;
  NodeRunner writer("media.write_flow");
  writer.set("path", folder / "flow").input("in", flow).input("confidence", confidence).run();
  writer.sink().finish(writer.context());
  Reader reader(folder / "flow");
  reader.run();
  EXPECT_TRUE(reader.tensor("flow").equal(flow));
  EXPECT_TRUE(reader.tensor("confidence").allclose(confidence, 0, 1e-7));  // a division in float32
  EXPECT_EQ(numbers_of(reader.tensor("valid")), (std::vector<float>{1, 1}));
  const std::string other = folder.add("flow/000000.pgm", "P5\n3 1\n255\nabc");
  EXPECT_EQ(error_of([&] { Reader(folder / "flow").run(); }),
            other + " is no confidence of 2x1 pixels, as media.write_flow makes it");
}

}  // namespace
}  // namespace weft
