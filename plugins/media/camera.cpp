#include "framework/base/error.h"
#include "framework/base/text.h"
#include "plugins/media/live_source.h"
#include <weft/node.h>

#include <dlfcn.h>
#include <fcntl.h>
#include <libavdevice/version_major.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <filesystem>
#include <optional>
#include <system_error>

namespace weft::media {
namespace {

namespace fs = std::filesystem;

/// The demuxer of cameras. libavdevice is opened here: it brings 60 libraries along, which cost each start of weft 0.1 s.
const AVInputFormat* camera_format() {
  const std::string name = text("libavdevice.so.", LIBAVDEVICE_VERSION_MAJOR);
  void* library = ::dlopen(name.c_str(), RTLD_NOW | RTLD_LOCAL);
  using RegisterAll = void (*)();
  const auto register_all =
      library ? reinterpret_cast<RegisterAll>(::dlsym(library, "avdevice_register_all")) : nullptr;
  if (!register_all) {
    throw Error(Exit::Failed, text("cameras are read by ", name, ", which cannot be opened: ", ::dlerror()))
        .hint("apt-get install libavdevice-dev");
  }
  register_all();
  const AVInputFormat* format = av_find_input_format("video4linux2");
  if (!format) throw Error(Exit::Failed, text(name, " of this machine has no video4linux2"));
  return format;
}

std::string cameras_there() {
  std::vector<std::string> found;
  std::error_code error;
  for (fs::directory_iterator entry("/dev", error), end; !error && entry != end; entry.increment(error)) {
    if (entry->path().filename().string().starts_with("video")) found.push_back(entry->path().string());
  }
  std::sort(found.begin(), found.end());
  return found.empty() ? "there is no /dev/video* on this machine" : text("there are ", join(found));
}

/// Says what the operating system has against a device.
void check_device(const std::string& device) {
  std::error_code error;
  const fs::file_status status = fs::status(device, error);
  if (status.type() == fs::file_type::not_found)
    throw Error(Exit::Data, text("there is no camera ", device)).hint(cameras_there());
  if (status.type() != fs::file_type::character)
    throw Error(Exit::Data, text(device, " is no camera: it is not a device")).hint(cameras_there());
  const int file = ::open(device.c_str(), O_RDWR | O_NONBLOCK | O_CLOEXEC);
  if (file >= 0) return void(::close(file));
  const int fault = errno;
  Error refused(Exit::Data, text("the camera ", device, " cannot be opened: ", std::generic_category().message(fault)));
  if (fault == EACCES || fault == EPERM)
    refused.hint("cameras are for the group `video`: sudo usermod -aG video $USER");
  if (fault == EBUSY) refused.hint("another program uses it");
  throw refused;
}

/// Frames of a camera.
struct Camera {
  static constexpr auto about =
      "Frames of a camera (Video4Linux), as they come; where the graph is slower, frames are dropped or the camera "
      "waits";

  Path device = "/dev/video0";
  std::optional<std::vector<int64_t>> camera_size;
  std::optional<Fraction> fps;
  std::optional<std::string> coding;
  LiveSource live{OnDamage::Skip};

  void params(Params& p) {
    p("device", device, "the camera");
    p("camera_size", camera_size, "height and width that the camera is asked for; default: what it is set to")
        .count({2})
        .min(1)
        .max(16384);
    p("fps", fps, "frames a second that the camera is asked for").above(0).max(1000);
    p("coding", coding, "how the camera codes frames, where it has a choice: \"mjpeg\", \"yuyv422\", \"h264\" …");
    live.params(p);
  }
  void shape(Shapes& shapes) const { live.shape(shapes); }
  std::vector<std::string> sequences() { return {"camera"}; }
  std::optional<std::string> next_sequence(Context&) {
    if (live.is_open()) return {};
    check_device(device);
    open();
    return "camera";
  }
  std::optional<Recording> recording() { return live.recording(); }

  std::optional<Out<"image", "image[B,3,H,W]">> run(Context& context) { return live.next(context); }

 private:
  void open() {
    LivePlace place{
        .url = device, .name = text("the camera ", device), .format = camera_format(), .patience = live.patience()};
    if (camera_size) place.options["video_size"] = text((*camera_size)[1], 'x', (*camera_size)[0]);
    if (fps) place.options["framerate"] = text(*fps);
    if (coding) place.options["input_format"] = *coding;
    try {
      live.open(place);
    } catch (Error& error) {
      throw error.hint(
          text("`v4l2-ctl --list-formats-ext -d ", device, "` tells what it gives: sizes, rates, codings"));
    }
  }
};

}  // namespace

void add_camera(Registry& registry) {
  registry.add<Camera>("media.camera");
}

}  // namespace weft::media
