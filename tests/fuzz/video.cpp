#include "plugins/media/frame_image.h"
#include "plugins/media/steady_frames.h"
#include "tests/fuzz/fuzz.h"

#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>

namespace {

using namespace weft;

constexpr unsigned kSeconds = 20;
constexpr int64_t kMostKilobytes = 2'000'000;
constexpr int kMostFrames = 100;

void read_video(const std::string& file) {
  media::SteadyFrames frames(std::make_unique<media::VideoInput>(file), std::nullopt);
  for (int count = 0; count < kMostFrames; ++count) {
    const AVFrame* frame = frames.next();
    if (!frame) return;
    fuzz::attempt([&] { media::ids_of_frame(*frame, file); });
    media::image_of_frame(*frame, file);
  }
}

}  // namespace

/// A process for each file: decoders of libav have threads of their own, and may end the process that they are in.
void weft::fuzz::read_input(std::string_view input) {
  const std::string& file = file_of(input);
  const pid_t child = ::fork();
  if (child < 0) fail("no process can be made");
  if (child == 0) {
    ::alarm(kSeconds);
    attempt([&] { read_video(file); });
    ::_exit(0);
  }
  int status = 0;
  rusage usage{};
  while (::wait4(child, &status, 0, &usage) < 0) {
    if (errno != EINTR) fail("a process was lost");  // libFuzzer's clock interrupts the wait
  }
  if (WIFSIGNALED(status)) fail("signal " + std::to_string(WTERMSIG(status)));
  if (WEXITSTATUS(status) != 0) fail("exit code " + std::to_string(WEXITSTATUS(status)));
  if (usage.ru_maxrss > kMostKilobytes) fail(std::to_string(usage.ru_maxrss) + " kB of memory");
}
