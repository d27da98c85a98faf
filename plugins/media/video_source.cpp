#include "plugins/media/video_source.h"

#include "framework/base/error.h"
#include "framework/base/text.h"
#include "framework/data/file_folder.h"

#include <filesystem>
#include <system_error>
#include <utility>

namespace weft::media {
namespace {

namespace fs = std::filesystem;

/// Of the files in a folder that are taken for videos; a file that is named itself may be called anything.
const std::vector<std::string>& endings() {
  static const std::vector<std::string> endings = {
      ".mp4", ".mov",  ".m4v", ".mkv",  ".webm", ".avi", ".mpg", ".mpeg", ".ts",  ".mts", ".m2ts", ".wmv", ".flv",
      ".3gp", ".apng", ".gif", ".h264", ".hevc", ".ivf", ".m2v", ".mjpg", ".mxf", ".nut", ".ogv",  ".vob", ".y4m"};
  return endings;
}

}  // namespace

void VideoSource::params(Params& p) {
  p("path", path_,
    "the video, in any format that libav reads; `-` is standard input; in a folder, each video is a sequence")
      .required();
  p("fps", fps_,
    "frames per second; default: the average of the video. Frame n is the one on screen n / fps seconds after the "
    "first: "
    "frames are repeated or skipped where the rates differ or vary")
      .above(0)
      .max(kMostRate);
  p("start", start_, "the first frame to read, counted from 0, at the rate above").min(0);
  p("stop", stop_, "the frame before which reading ends; default, or past the end: all frames").min(1);
  p("on_damage", on_damage_,
    "what to do where frames cannot be decoded: stop with an error after the frames before, or skip them, so that the "
    "frame before stays on screen",
    {{"stop", OnDamage::Stop}, {"skip", OnDamage::Skip}});
  size_.params(p);
}

void VideoSource::find_files() {
  if (!files_.empty()) return;
  if (stop_ && *stop_ <= start_) {
    throw Error(Exit::Graph, text("`stop` is ", *stop_, ", but reading begins at `start` = ", start_))
        .hint("`stop` is the frame before which reading ends, so it must be larger than `start`");
  }
  std::error_code unknown;
  files_ = path_ != "-" && fs::is_directory(path_.c_str(), unknown) ? data::list_files(path_, endings())
                                                                    : std::vector<std::string>{path_};
  if (files_.empty()) {
    throw Error(Exit::Data, text("the folder ", path_, " has no videos"))
        .hint("numbered pictures are read by media.image_folder");
  }
}

std::vector<std::string> VideoSource::sequences() {
  find_files();
  std::vector<std::string> names;
  for (const std::string& file : files_) names.push_back(file == "-" ? "stdin" : fs::path(file).stem().string());
  return names;
}

std::optional<std::string> VideoSource::open() {
  size_.check();
  find_files();
  frames_.reset();
  if (next_file_ == files_.size()) return {};
  const std::string& file = files_[next_file_++];
  frames_ = std::make_unique<SteadyFrames>(std::make_unique<VideoInput>(file, on_damage_), fps_);
  position_ = 0;
  has_size_ = false;
  has_warned_of_rate_ = has_warned_of_damage_ = false;
  return file == "-" ? "stdin" : fs::path(file).stem().string();
}

bool VideoSource::skip_sequence() {
  find_files();
  if (next_file_ == files_.size()) return false;
  ++next_file_;
  return true;
}

const AVFrame* VideoSource::next(Context& context) {
  const AVFrame* frame = next();
  if (frames_->is_unsteady() && !std::exchange(has_warned_of_rate_, true)) {
    context.log().warn(text(name(), ": the frame rate varies: at its average, ", frames_->rate(),
                            " a second, some frames are repeated or left out; `fps` sets another rate"));
  }
  if (frames_->input().has_skipped() && !std::exchange(has_warned_of_damage_, true))
    context.log().warn(text(name(), ": damaged about frame ", position_, ": what cannot be decoded is left out"));
  return frame;
}

const AVFrame* VideoSource::next() {
  for (; position_ < start_; ++position_) {
    if (!frames_->next()) fail_at_start();
  }
  if (stop_ && position_ >= *stop_) return nullptr;
  const AVFrame* frame = frames_->next();
  if (!frame && position_ == start_ && start_ > 0) fail_at_start();
  if (frame) ++position_;
  return frame;
}

void VideoSource::fail_at_start() const {
  throw Error(Exit::Data, text(name(), " has ", count_text(position_, "frame"), ", but `start` is ", start_))
      .hint("frames are counted from 0");
}

Recording VideoSource::recording() const {
  const VideoInput& input = frames_->input();
  const std::string& file = files_[next_file_ - 1];
  Recording recording;
  recording.rate = frames_->rate();
  if (input.has_sound() && file != "-") recording.sound_file = file;
  recording.sound_start = input.start() + static_cast<double>(start_) / frames_->rate().value();
  return recording;
}

Size VideoSource::size_for(const AVFrame& frame) {
  const Size own = frames_->input().shown_size(frame);
  if (!has_size_) size_.begin(own, "the first frame");
  has_size_ = true;
  return size_.size_for(own, text("frame ", position_ - 1, " of ", name()));
}

}  // namespace weft::media
