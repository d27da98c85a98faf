#include "framework/data/file_folder.h"
#include "framework/data/frame_files.h"
#include "plugins/flow/flow_file.h"
#include <weft/node.h>

#include <filesystem>

namespace weft::flow {
namespace {

namespace fs = std::filesystem;

/// The confidence lies beside the flow: 000007.flo, 000007.pgm.
std::string confidence_file(const std::string& flow_file) {
  return fs::path(flow_file).replace_extension(".pgm");
}

/// A .flo file for each frame.
struct WriteFlow {
  static constexpr auto about =
      "Writes each optical flow to a .flo file, as Middlebury's benchmark has them; `confidence` goes to a grey PGM "
      "file of 8 "
      "bits beside it; flow.folder reads both; until the sequence is complete, the files are in a folder `unfinished`";
  static constexpr bool on_host = true;

  data::FrameFiles files{{".flo"}};

  void params(Params& p) { files.params(p); }

  void run(In<"in", "flow[B,2,H,W]"> in, Opt<"confidence", "mask[B,1,H,W]"> confidence, Context& context) {
    files.write(flo_bytes(data::only_frame(*in)), context);
    if (confidence) files.write_beside(".pgm", pgm_bytes(data::only_frame(*confidence)));
  }

  std::optional<Output> output(const std::string& sequence) const { return files.output(sequence); }
  void finish(Context& context) { files.finish(context); }
};

/// The flows that WriteFlow wrote, or those of a benchmark.
struct FlowFolder {
  static constexpr auto about =
      "Optical flow from a folder of .flo files, one file for each frame, as flow.write and Middlebury's benchmark "
      "have them; "
      "`confidence` comes from a PGM file of the same name, where there is one, and is 0 where a vector is marked as "
      "unknown";

  data::FileFolder folder{"flow files", {".flo"}};

  void params(Params& p) { folder.params(p); }
  std::optional<std::string> next_sequence(Context& context) { return folder.open(context); }
  std::vector<std::string> sequences() { return folder.sequences(); }
  bool skip_sequence() { return folder.skip_sequence(); }
  std::vector<std::string> frame_names() { return folder.frame_names(); }
  std::optional<int64_t> frames() { return folder.frames(); }
  bool skip() { return folder.skip(); }

  std::optional<std::tuple<Out<"flow", "flow[B,2,H,W]">, Out<"confidence", "mask[B,1,H,W]">>> run() {
    const std::optional<std::string> file = folder.next();
    if (!file) return {};
    auto [flow, confidence] = read_flo(*file);
    const std::string beside = confidence_file(*file);
    std::error_code missing;
    if (fs::exists(beside, missing)) confidence *= read_pgm(beside, flow.size(1), flow.size(2));
    return std::tuple(flow.unsqueeze(0), confidence.unsqueeze(0));
  }
};

}  // namespace

void add_files(Registry& registry) {
  registry.add<WriteFlow>("flow.write");
  registry.add<FlowFolder>("flow.folder");
}

}  // namespace weft::flow
