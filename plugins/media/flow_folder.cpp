#include "framework/data/folder_source.h"
#include "framework/data/frame_files.h"
#include "framework/data/ordinary_file.h"
#include "plugins/media/flow_file.h"
#include "plugins/media/picture.h"
#include <weft/node.h>

#include <filesystem>

namespace weft::media {
namespace {

constexpr int64_t kLargestFile = int64_t{4} << 30;

/// Flow of a data set, or what another run wrote.
struct FlowFolder : data::FolderSource<> {
  static constexpr auto about =
      "Optical flow from a folder, one file for each frame: .flo (Middlebury), .png of 16 bits (KITTI) or .pfm (three "
      "channels: flow; one: the disparity of a left image); `valid` is 1 where the file knows the flow, which is 0 "
      "elsewhere; `confidence` is the same, times that of a PGM file of the same name, as media.write_flow makes it, "
      "where there is one";
  static constexpr bool on_host = true;

  FlowFolder() : FolderSource{{"files of optical flow", {".flo", ".png", ".pfm"}}} {}

  using Outputs =
      std::tuple<Out<"flow", "flow[B,2,H,W]">, Out<"valid", "mask[B,1,H,W]">, Out<"confidence", "mask[B,1,H,W]">>;
  std::optional<Outputs> run() {
    const std::optional<std::string> file = folder.next();
    if (!file) return {};
    const FlowFile read = decode_flow(data::read_small_file(*file, kLargestFile), *file);
    const std::string beside = std::filesystem::path(*file).replace_extension(".pgm");
    std::error_code missing;
    if (!std::filesystem::exists(beside, missing)) return Outputs{read.flow, read.valid, read.valid};
    return Outputs{read.flow, read.valid, read.valid * read_confidence(beside, read.flow.size(2), read.flow.size(3))};
  }
};

/// A file for each flow.
struct WriteFlow : data::FrameWriter {
  static constexpr auto about =
      "Writes optical flow to a file for each frame: .flo (Middlebury, float32), .png (KITTI, steps of 1/64 pixel, "
      "-512 to "
      "512) or .pfm, by the ending of `name`; pixels where `valid` is 0 are marked as unknown; `confidence` goes to a "
      "grey PGM file of 8 bits beside it; until the sequence is "
      "complete, the files are in a folder `unfinished`";

  WriteFlow() : FrameWriter{data::FrameFiles({".flo", ".png", ".pfm"})} {}

  void run(In<"in", "flow[B,2,H,W]"> in, Opt<"valid", "mask[B,1,H,W]"> valid,
           Opt<"confidence", "mask[B,1,H,W]"> confidence, Context& context) {
    const at::Tensor flow = data::only_frame(*in).to(at::kCPU, at::kFloat);  // [2, H, W]
    const at::Tensor known = valid ? (data::only_frame(*valid).select(0, 0) > 0.5).to(at::kCPU) : at::Tensor();
    files.write(encode_flow(flow, known, files.ending()), context);
    if (!confidence) return;
    files.write_beside(".pgm", encode_confidence(data::only_frame(*confidence).to(at::kCPU, at::kFloat)));
  }
};

}  // namespace

void add_flow_files(Registry& registry) {
  registry.add<FlowFolder>("media.flow_folder");
  registry.add<WriteFlow>("media.write_flow");
}

}  // namespace weft::media
