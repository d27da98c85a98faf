// Event files as TensorBoard itself reads them, where its Python package is installed.
#include "framework/base/text.h"
#include "framework/report/event_file.h"

#include <ATen/ops/arange.h>
#include <ATen/ops/full.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <array>
#include <cstdio>
#include <filesystem>
#include <fstream>

namespace weft::report {
namespace {

namespace fs = std::filesystem;

/// Prints all that the accumulator of TensorBoard finds in a folder, a line each.
constexpr std::string_view kReader = R"py(
import struct, sys
from tensorboard.backend.event_processing.event_accumulator import EventAccumulator
found = EventAccumulator(sys.argv[1], size_guidance={"images": 0, "scalars": 0, "histograms": 0, "tensors": 0}).Reload()
tags = found.Tags()
for tag in tags["scalars"]:
    print("scalar", tag, [(one.step, one.value) for one in found.Scalars(tag)])
for tag in tags["images"]:
    for one in found.Images(tag):
        width, height = struct.unpack(">II", one.encoded_image_string[16:24])
        print("image", tag, one.step, one.height, one.width, height, width)
for tag in tags["histograms"]:
    for one in found.Histograms(tag):
        value = one.histogram_value
        print("histogram", tag, one.step, value.min, value.max, value.num, value.sum, sum(value.bucket),
              len(value.bucket_limit))
for tag in tags["tensors"]:
    for one in found.Tensors(tag):
        print("text", tag, one.step, one.tensor_proto.string_val[0].decode())
)py";

/// What a command writes; errors of it too.
std::string output_of(const std::string& command) {
  FILE* pipe = popen((command + " 2>&1").c_str(), "r");
  if (!pipe) return "cannot be started";
  std::string output;
  std::array<char, 4096> block{};
  for (size_t count = 0; (count = std::fread(block.data(), 1, block.size(), pipe)) > 0;)
    output.append(block.data(), count);
  pclose(pipe);
  return output;
}

class TensorBoard : public ::testing::Test {
 protected:
  void SetUp() override {
    const std::string answer = output_of("python3 -c 'import tensorboard, numpy; print(\"there\")'");
    if (answer != "there\n") GTEST_SKIP() << "python3 has no package tensorboard";
    fs::remove_all(folder_);
    fs::create_directories(folder_);
    std::ofstream(folder_ / "read.py") << kReader;
  }
  void TearDown() override { fs::remove_all(folder_); }

  std::string events() const { return (folder_ / "events.out.tfevents.weft").string(); }
  std::string read() const {
    return output_of(text("python3 -W ignore '", (folder_ / "read.py").string(), "' '", folder_.string(), "'"));
  }

  fs::path folder_ = fs::temp_directory_path() / text("weft_tensorboard_", ::getpid());
};

TEST_F(TensorBoard, ReadsAllThatIsWritten) {
  {
    EventFile file(events());
    file.add_scalars({{"G/loss", 0.25}, {"G/rate", 2}}, 0);
    file.add_scalars({{"G/loss", 0.125}}, 300);
    file.add_image("F.image", at::full({3, 2, 5}, 0.5, at::kFloat), 300);
    file.add_histogram("F/w", at::arange(41, at::kFloat), 300);
    file.add_text("graph", "format = 1", 0);
  }
  EXPECT_EQ(read(),
            "scalar G/loss [(0, 0.25), (300, 0.125)]\n"
            "scalar G/rate [(0, 2.0)]\n"
            "image F.image 300 2 5 2 5\n"
            "histogram F/w 300 0.0 40.0 41.0 820.0 41.0 40\n"
            "text graph 0 format = 1\n");
}

TEST_F(TensorBoard, ReadsAFileThatWasGoneOnWith) {
  int64_t length = 0;
  {
    EventFile file(events());
    file.add_scalars({{"a", 1}}, 1);
    length = file.bytes();
    file.add_scalars({{"a", 2}}, 2);
  }
  {
    EventFile file(events(), length);
    file.add_scalars({{"a", 3}}, 3);
  }
  EXPECT_EQ(read(), "scalar a [(1, 1.0), (3, 3.0)]\n");
}

}  // namespace
}  // namespace weft::report
