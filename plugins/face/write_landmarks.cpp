#include "framework/data/frame_files.h"
#include <weft/node.h>

namespace weft::face {
namespace {

/// Landmarks as rows of text.
struct WriteLandmarks : data::FrameWriter {
  static constexpr auto about =
      "Writes the 68 landmarks of a face to text files, one file for each frame, as face.landmark_folder reads them: a "
      "row "
      "`x,y` for each landmark, no row in a frame without a face; until the sequence is complete, the files are in a "
      "folder "
      "`unfinished`";

  WriteLandmarks() : FrameWriter{data::FrameFiles({".txt", ".csv"})} {}

  void run(In<"in", "keypoints[B,68,3]"> in, Context& context) {
    const at::Tensor landmarks = data::only_frame(*in).to(at::kCPU, at::kDouble).contiguous();  // [68, 3]
    if (!landmarks.isfinite().all().item<bool>())
      throw Error(Exit::NotFinite, text("the landmarks of frame ", context.frame(), " are not finite"));
    const auto row = landmarks.accessor<double, 2>();
    std::string rows;
    for (int64_t i = 0; i < row.size(0); ++i) {
      if (row[i][2] > 0) rows += text(number_text(row[i][0]), ',', number_text(row[i][1]), '\n');
    }
    files.write(rows, context);
  }
};

}  // namespace

void add_write_landmarks(Registry& registry) {
  registry.add<WriteLandmarks>("face.write_landmarks");
}

}  // namespace weft::face
