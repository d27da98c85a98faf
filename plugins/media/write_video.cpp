#include "framework/base/error.h"
#include "framework/base/text.h"
#include "framework/data/frame_files.h"
#include "framework/data/output_file.h"
#include "framework/data/output_path.h"
#include "plugins/media/mp4_index.h"
#include "plugins/media/picture.h"
#include "plugins/media/video_writer.h"
#include <weft/node.h>

#include <filesystem>
#include <memory>
#include <system_error>

namespace weft::media {
namespace {

constexpr double kMostOfGif = 50;  ///< frames a second; players slow down faster ones
constexpr int kWorstOfH264 = 51;   ///< of x264's rate factor
constexpr double kQualityOfVp9 = 24;
constexpr Fraction kUsualRate{17, 1};  ///< the 2018 program's

/// Writes a video. VideoWriter describes the file while it grows.
struct WriteVideo {
  static constexpr auto about =
      "Writes a video: .mp4 or .mov (H.264, BT.709), .webm (VP9, BT.709), .mkv (FFV1, lossless) or .gif; until it is "
      "complete, its name has .part before the ending; it can be played at any time during the run, and after the run "
      "was stopped";
  static constexpr bool on_host = true;

  Path path;
  std::optional<Fraction> fps;
  bool sound = true;
  std::optional<double> quality;
  std::optional<std::string> preset;

  void params(Params& p) {
    p("path", path,
      "the video file, with the ending .mp4, .mov, .webm, .mkv or .gif; its folders are created if necessary, and "
      "{sequence} stands for the name of the sequence; `-` is standard output, as .mkv")
        .required();
    p("fps", fps,
      "frames per second; in GIF at most 50, in steps of 1/100 s; default: those of the video that is read, or 17 "
      "where "
      "none is")
        .above(0)
        .max(1000);
    p("sound", sound,
      "whether the sound goes along, where one video is read, its speed is kept, and the format takes its codec");
    p("quality", quality,
      "for .mp4 and .mov: x264's rate factor from 0, lossless (which few players show), to 51, the worst; for .webm: "
      "VP9's, to 63; default: 18, or 24 for .webm, hard to distinguish from the original")
        .min(0)
        .max(63);
    p("preset", preset,
      "for .mp4 and .mov: x264's preset; a slower one gives a smaller file of the same quality; default: medium")
        .choice({"ultrafast", "superfast", "veryfast", "faster", "fast", "medium", "slow", "slower", "veryslow"});
  }

  /// Sets nothing, but finds what does not fit together before a run begins.
  void shape(Shapes&) const { options(); }

  std::optional<Output> output(const std::string& sequence) const {
    if (path == "-") return {};
    const std::string file = data::with_sequence(path, sequence);
    std::error_code unknown;
    return Output{file, std::filesystem::exists(file, unknown) ? file : ""};
  }

  void run(In<"in", "image[B,3,H,W]"> in, Context& context) {
    const at::Tensor pixels = bytes_of_image(data::only_frame(*in));  // [H, W, 3]
    const Size size = {pixels.size(0), pixels.size(1)};
    if (!writer_) begin(size, context);
    if (!(writer_->size() == size)) {
      throw Error(Exit::Data, text("frame ", context.frame(), " has ", size_text(size), " pixels, but ", file_,
                                   " began with ", size_text(writer_->size())))
          .hint("all frames of a video need one size: resize them first");
    }
    writer_->write(pixels.const_data_ptr<uint8_t>());
  }

  void finish(Context& context) {
    if (!writer_) return;
    const std::unique_ptr<VideoWriter> writer = std::move(writer_);
    const VideoOptions& options = writer->options();
    if (!writer->is_open()) return;  // it has failed
    writer->finish();
    if (path == "-") return;
    const auto fault = has_index(options.format) ? put_index_first(options.file) : std::nullopt;
    if (fault) {
      context.log().warn(
          text(file_, " remains in fragments, which can be played, but not every player can seek in them: ", *fault));
    }
    if (context.is_broken_off())
      return context.log().note(text(options.file, " holds the frames written before the end"));
    data::finish_file(options.file, file_);
  }

 private:
  void begin(Size size, Context& context) {
    const std::string file = path == "-" ? path : data::with_sequence(path, context.sequence());
    if (file == file_) data::fail_at_second_sequence(file);
    VideoOptions options = this->options();
    take_from(context, options);
    options.file = path == "-" ? file : data::unfinished_name(file);
    std::error_code unknown;
    if (std::filesystem::is_directory(file, unknown)) data::fail_to_write(file, "Is a directory");
    if (path != "-") data::make_folder(std::filesystem::path(file).parent_path());
    writer_ = std::make_unique<VideoWriter>(options, size);
    file_ = file;
    if (!writer_->lost_sound().empty()) context.log().note_once(writer_->lost_sound());
    if (writer_->video_size() == size) return;
    context.log().note_once(text(file, " is ", size_text(writer_->video_size()), " pixels for frames of ",
                                 size_text(size),
                                 ": its codec needs even sides, so the last row or column is repeated"));
  }

  /// How videos are written, but for the file's name.
  VideoOptions options() const {
    const std::optional<VideoFormat> format = path == "-" ? VideoFormat::Mkv : format_of_file(path);
    if (!format) {
      throw Error(Exit::Graph, text("`path` is \"", path, "\", whose ending is not a video format that weft writes"))
          .hint("use .mp4 or .mov (H.264), .webm (VP9), .mkv (FFV1, lossless) or .gif");
    }
    check_encoding(*format);
    VideoOptions options;
    options.format = *format;
    options.frames_per_second = fps.value_or(kUsualRate);
    options.quality = quality.value_or(*format == VideoFormat::WebM ? kQualityOfVp9 : options.quality);
    options.preset = preset.value_or(options.preset);
    return options;
  }

  /// Rate and sound of the video that is read.
  void take_from(const Context& context, VideoOptions& options) const {
    const std::optional<Recording>& recording = context.recording();
    if (!recording) return;
    if (!fps) options.frames_per_second = recording->rate;
    if (!fps && options.format == VideoFormat::Gif && recording->rate.value() > kMostOfGif) {
      throw Error(Exit::Graph, text("the video that is read has ", recording->rate,
                                    " frames a second, but GIF shows at most ", kMostOfGif))
          .hint("`fps = 25` of both nodes makes it so many; or let `path` end in .mp4");
    }
    if (!sound || recording->sound_file.empty()) return;
    if (options.frames_per_second.value() != recording->rate.value()) {
      return context.log().note_once(
          text("the sound of ", recording->sound_file, " is left out, as `fps` changes the speed"));
    }
    options.sound_file = recording->sound_file;
    options.sound_start = recording->sound_start + static_cast<double>(context.frame()) / recording->rate.value();
  }

  void check_encoding(VideoFormat format) const {
    const bool has_h264 = has_index(format);
    if (quality && !has_h264 && format != VideoFormat::WebM) {
      throw Error(Exit::Graph, text("`quality` is given, but ", path, " is no .mp4, .mov or .webm"))
          .hint("remove it, or let `path` end in .mp4");
    }
    if (preset && !has_h264) {
      throw Error(Exit::Graph, text("`preset` is given, but ", path, " is no .mp4 or .mov"))
          .hint("remove it, or let `path` end in .mp4");
    }
    if (has_h264 && quality.value_or(0) > kWorstOfH264) {
      throw Error(Exit::Graph,
                  text("`quality` is ", number_text(*quality), ", but of H.264 ", kWorstOfH264, " is the worst"));
    }
    if (format == VideoFormat::Gif && fps && fps->value() > kMostOfGif) {
      throw Error(Exit::Graph, text("`fps` is ", *fps, ", but GIF shows at most ", kMostOfGif, " frames a second"))
          .hint("let `path` end in .mp4");
    }
  }

  std::unique_ptr<VideoWriter> writer_;
  std::string file_;  ///< of the current sequence, or of the last one
};

}  // namespace

void add_write_video(Registry& registry) {
  registry.add<WriteVideo>("media.write_video");
}

}  // namespace weft::media
