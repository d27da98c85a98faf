#include "framework/base/error.h"
#include "framework/base/text.h"
#include "plugins/media/files.h"
#include "plugins/media/mp4_index.h"
#include "plugins/media/mp4_writer.h"
#include "plugins/media/picture.h"
#include <weft/node.h>

#include <filesystem>
#include <memory>
#include <system_error>

namespace weft::media {
namespace {

/// An MP4 video. See Mp4Writer for what holds of the file while it grows.
struct WriteVideo {
  static constexpr auto about =
      "Writes an MP4 video (H.264, BT.709): it can be played at every moment of the run, also after it was "
      "stopped";
  static constexpr bool on_host = true;

  Path path;
  double fps = 17;
  double quality = 18;
  std::string preset = "medium";
  bool overwrite = true;

  void params(Params& p) {
    p("path", path, "the video, which ends in .mp4; folders above it are made").required();
    p("fps", fps, "frames a second").above(0).max(1000);
    p("quality", quality,
      "x264's rate factor: 18 is hard to tell from the original, 51 is the worst; 0 loses nothing, but few "
      "players show it")
        .min(0)
        .max(51);
    p("preset", preset, "x264's preset: a slower one gives a smaller file of the same quality")
        .choice({"ultrafast", "superfast", "veryfast", "faster", "fast", "medium", "slow", "slower", "veryslow"});
    p("overwrite", overwrite, "whether a file that is there is replaced");
  }

  void run(In<"in", "image[B,3,H,W]"> in, Context& context) {
    const at::Tensor pixels = bytes_of_image(only_frame(*in));  // [H, W, 3]
    const Size size = {pixels.size(0), pixels.size(1)};
    if (!writer_) begin(size, context);
    if (!writer_->is_open()) fail_at_second_sequence();
    if (!(writer_->size() == size)) {
      throw Error(Exit::Data, text("frame ", context.frame(), " has ", size_text(size), " pixels, but ", path,
                                   " began with ", size_text(writer_->size())))
          .hint("the frames of a video have one size: resize them before");
    }
    writer_->write(pixels.const_data_ptr<uint8_t>());
  }

  void finish(Context& context) {
    if (!writer_ || !writer_->is_open()) return;
    writer_->finish();
    const std::optional<std::string> fault = put_index_first(path);
    if (!fault) return;
    context.log().warn(text(path, " stays in fragments, which can be played, but not sought in everywhere: ", *fault));
  }

 private:
  void begin(Size size, Context& context) {
    const std::filesystem::path file(path.c_str());
    check_path(file);
    make_folder(file.parent_path());
    writer_ = std::make_unique<Mp4Writer>(VideoOptions{path, fps, quality, preset}, size);
    if (writer_->video_size() == size) return;
    context.log().note_once(text(path, " is ", size_text(writer_->video_size()), " pixels for frames of ",
                                 size_text(size), ": video wants even sides, so the last row or column is repeated"));
  }

  void check_path(const std::filesystem::path& file) const {
    if (file.extension() != ".mp4") {
      throw Error(Exit::Graph, text("`path` is \"", path, "\", but the video is an MP4")).hint("let it end in .mp4");
    }
    std::error_code unknown;
    if (overwrite || !std::filesystem::exists(file, unknown)) return;
    throw Error(Exit::Failed, text(path, " is already there, and `overwrite` is false"))
        .hint("give another `path`, or take the file away");
  }

  [[noreturn]] void fail_at_second_sequence() const {
    throw Error(Exit::Graph, text(path, " holds one sequence, but a second one has begun"))
        .hint("give each sequence a run of its own");
  }

  std::unique_ptr<Mp4Writer> writer_;
};

}  // namespace

void add_write_video(Registry& registry) {
  registry.add<WriteVideo>("media.write_video");
}

}  // namespace weft::media
