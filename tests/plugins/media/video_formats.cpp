// Files of many containers and codecs, made with ffmpeg, each frame compared with what was drawn and with what ffmpeg
// itself reads.
#include "framework/base/text.h"
#include "tests/plugins/media/ffmpeg.h"

#include <ATen/TensorOperators.h>
#include <ATen/ops/from_blob.h>
#include <ATen/ops/ones.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace weft::testing {
namespace {

using ::testing::HasSubstr;

/// How exactly a codec keeps the film.
enum class Loss { None, Rgb, Chroma, Lossy };

struct Format {
  std::string name;  ///< its ending says the container
  std::vector<std::string> arguments;
  Loss loss = Loss::Lossy;
};

std::ostream& operator<<(std::ostream& out, const Format& format) {
  return out << format.name;
}

std::string codec_name(const ::testing::TestParamInfo<Format>& info) {
  std::string name = info.param.name;
  for (char& c : name) {
    if (!std::isalnum(static_cast<unsigned char>(c))) c = '_';
  }
  return name;
}

/// Levels of 255 by which the mean over 64 pixels may be off.
double tolerance_of(Loss loss) {
  switch (loss) {
    case Loss::None:
      return 1e-3;  // floats
    case Loss::Rgb:
      return 0.01;  // more than 8 bits, rounded
    case Loss::Chroma:
      return 1.6;  // rounding of Y, Cb and Cr to 8 bits, and the matrix's largest factor, 2.1 / 224 * 255 / 2
    case Loss::Lossy:
      return 7;  // what coarse codecs leave of flat patches at their best quality
  }
  return 0;
}

class VideoFormats : public ::testing::TestWithParam<Format> {};

/// The frames as ffmpeg reads them, [1, 3, H, W] in [-1, 1].
std::vector<at::Tensor> frames_of_ffmpeg(const std::string& file, int64_t height, int64_t width,
                                         const TemporaryFolder& folder) {
  const std::string raw = folder / "reference.raw";
  EXPECT_EQ(ffmpeg({"-i", file, "-vsync", "passthrough", "-sws_flags", "bicubic+accurate_rnd+full_chroma_int",
                    "-pix_fmt", "gbrp", "-f", "rawvideo", raw}),
            "");
  const std::string bytes = content_of(raw);
  std::vector<at::Tensor> frames;
  const auto frame_bytes = static_cast<size_t>(3 * height * width);
  for (size_t at = 0; at + frame_bytes <= bytes.size(); at += frame_bytes) {
    void* planes = const_cast<char*>(bytes.data() + at);
    const at::Tensor gbr = at::from_blob(planes, {3, height, width}, at::kByte).to(at::kFloat) / 127.5 - 1;
    frames.push_back(gbr.roll(1, 0).unsqueeze(0));  // [1, 3, H, W], red first
  }
  return frames;
}

/// 1 where no edge of a corner is within 6 pixels, which is as far as chroma of 4:1:0 reaches, else 0; [H, W].
at::Tensor far_from_corners() {
  at::Tensor inside = at::ones({kFilmHeight, kFilmWidth});
  inside.slice(0, 10, 22).zero_();
  inside.slice(0, kFilmHeight - 22, kFilmHeight - 10).zero_();
  inside.slice(1, 10, 22).zero_();
  inside.slice(1, kFilmWidth - 22, kFilmWidth - 10).zero_();
  return inside;
}

TEST_P(VideoFormats, GiveTheFramesThatWereDrawn) {
  if (!has_ffmpeg()) GTEST_SKIP() << "there is no ffmpeg";
  const TemporaryFolder folder;
  const TestFilm film(folder);
  const Format& format = GetParam();
  const std::string file = folder / format.name;
  const std::string said = film.write(file, format.arguments);
  if (said.find("Unknown encoder") != std::string::npos) GTEST_SKIP() << said;
  ASSERT_EQ(said, "");
  const Reading reading = read_video(file);
  EXPECT_EQ(reading.error, "");
  ASSERT_EQ(reading.frames.size(), kFilmFrames);
  const double tolerance = tolerance_of(format.loss);
  for (int n = 0; n < kFilmFrames; ++n) {
    const at::Tensor& image = reading.frames[static_cast<size_t>(n)];
    ASSERT_EQ(image.sizes(), (std::vector<int64_t>{1, 3, kFilmHeight, kFilmWidth}));
    const auto middle = colour_at(image, kFilmHeight / 2, kFilmWidth / 2);
    for (const double value : middle) EXPECT_NEAR(value, film_level(n), tolerance) << "frame " << n;
    for (size_t corner = 0; corner < 4; ++corner) {
      const auto colour = colour_at(image, corner < 2 ? 8 : kFilmHeight - 8, corner % 2 == 0 ? 8 : kFilmWidth - 8);
      for (size_t i = 0; i < 3; ++i) {
        EXPECT_NEAR(colour[i], TestFilm::kCorners[corner][i], tolerance) << "frame " << n << ", corner " << corner;
      }
    }
  }
  // Everywhere but at the edges of the corners, where ffmpeg spreads chroma by another filter.
  const at::Tensor inside = far_from_corners();
  const auto reference = frames_of_ffmpeg(file, kFilmHeight, kFilmWidth, folder);
  ASSERT_EQ(reference.size(), kFilmFrames);
  for (int n = 0; n < kFilmFrames; ++n) {
    const auto at = static_cast<size_t>(n);
    const at::Tensor difference = (reading.frames[at] - reference[at]).abs() * inside * 127.5;
    // ffmpeg rounds to 8 bits, 0.25 in the mean; its fixed-point matrix is a level off at times.
    EXPECT_LT((difference.sum() / inside.sum() / 3).item<double>(), 0.8) << "frame " << n;
    EXPECT_LT(difference.max().item<double>(), 4) << "frame " << n;
  }
}

const std::vector<Format>& formats() {
  const std::vector<std::string> x264 = {"-c:v", "libx264", "-preset", "ultrafast", "-crf", "4"};
  const auto with = [](std::vector<std::string> arguments, const std::vector<std::string>& more) {
    arguments.insert(arguments.end(), more.begin(), more.end());
    return arguments;
  };
  static const std::vector<Format> formats = {
      {"h264.mp4", with(x264, {"-pix_fmt", "yuv420p"})},
      {"h264_b_frames.mp4", {"-c:v", "libx264", "-preset", "fast", "-bf", "3", "-crf", "4", "-pix_fmt", "yuv420p"}},
      {"h264.mkv", with(x264, {"-pix_fmt", "yuv420p"})},
      {"h264.mov", with(x264, {"-pix_fmt", "yuv422p"})},
      {"h264.ts", with(x264, {"-pix_fmt", "yuv420p"})},
      {"h264.flv", with(x264, {"-pix_fmt", "yuv420p"})},
      {"h264_444.mkv", with(x264, {"-pix_fmt", "yuv444p"})},
      {"h264_full.mp4", with(x264, {"-pix_fmt", "yuvj420p"})},
      {"h264_10.mkv", with(x264, {"-pix_fmt", "yuv420p10le"})},
      {"h264_rgb.mkv", {"-c:v", "libx264rgb", "-preset", "ultrafast", "-qp", "0"}, Loss::None},
      {"raw.h264", with(x264, {"-pix_fmt", "yuv420p", "-bf", "0"})},
      {"hevc.mp4", {"-c:v", "libx265", "-x265-params", "log-level=none:crf=4", "-pix_fmt", "yuv420p"}},
      {"hevc_10.mkv", {"-c:v", "libx265", "-x265-params", "log-level=none:crf=4", "-pix_fmt", "yuv420p10le"}},
      {"hevc_12.mkv", {"-c:v", "libx265", "-x265-params", "log-level=none:crf=4", "-pix_fmt", "yuv444p12le"}},
      {"av1.mkv", {"-c:v", "libaom-av1", "-cpu-used", "8", "-crf", "8", "-pix_fmt", "yuv420p"}},
      {"vp8.webm", {"-c:v", "libvpx", "-deadline", "realtime", "-b:v", "8M", "-crf", "4"}},
      {"vp9.webm", {"-c:v", "libvpx-vp9", "-deadline", "realtime", "-cpu-used", "8", "-crf", "4", "-b:v", "0"}},
      {"vp9_10.webm",
       {"-c:v", "libvpx-vp9", "-deadline", "realtime", "-cpu-used", "8", "-crf", "4", "-b:v", "0", "-pix_fmt",
        "yuv422p10le"}},
      {"mpeg1.mpg", {"-c:v", "mpeg1video", "-q:v", "1"}},
      {"mpeg2.mpg", {"-c:v", "mpeg2video", "-q:v", "1"}},
      {"mpeg2.ts", {"-c:v", "mpeg2video", "-q:v", "1", "-bf", "2"}},
      {"mpeg2.vob", {"-c:v", "mpeg2video", "-q:v", "1"}},
      {"mpeg4.avi", {"-c:v", "mpeg4", "-q:v", "1"}},
      {"mpeg4_b_frames.mp4", {"-c:v", "mpeg4", "-q:v", "1", "-bf", "2"}},
      {"mpeg4.3gp", {"-c:v", "mpeg4", "-q:v", "1"}},
      {"wmv2.wmv", {"-c:v", "wmv2", "-q:v", "1"}},
      {"flv1.flv", {"-c:v", "flv", "-q:v", "1"}},
      {"theora.ogv", {"-c:v", "libtheora", "-q:v", "10"}},
      {"mjpeg.avi", {"-c:v", "mjpeg", "-q:v", "1", "-pix_fmt", "yuvj420p"}},
      {"mjpeg.mov", {"-c:v", "mjpeg", "-q:v", "1", "-pix_fmt", "yuvj444p"}},
      {"prores.mov", {"-c:v", "prores_ks", "-profile:v", "3", "-pix_fmt", "yuv422p10le"}},
      {"prores_4444.mov", {"-c:v", "prores_ks", "-profile:v", "4", "-pix_fmt", "yuva444p10le"}},
      {"jpeg2000.mov", {"-c:v", "jpeg2000", "-q:v", "1", "-pix_fmt", "rgb24"}},
      {"ffv1.mkv", {"-c:v", "ffv1", "-pix_fmt", "yuv420p"}, Loss::Chroma},
      {"ffv1_422.nut", {"-c:v", "ffv1", "-pix_fmt", "yuv422p"}, Loss::Chroma},
      {"ffv1_410.avi", {"-c:v", "ffv1", "-pix_fmt", "yuv410p"}, Loss::Chroma},
      {"ffv1_411.avi", {"-c:v", "ffv1", "-pix_fmt", "yuv411p"}, Loss::Chroma},
      {"ffv1_10.mkv", {"-c:v", "ffv1", "-pix_fmt", "yuv444p10le"}, Loss::Chroma},
      {"ffv1_12.mkv", {"-c:v", "ffv1", "-pix_fmt", "yuv420p12le"}, Loss::Chroma},
      {"ffv1_16.mkv", {"-c:v", "ffv1", "-pix_fmt", "yuv444p16le"}, Loss::Chroma},
      {"ffv1_rgb.mkv", {"-c:v", "ffv1", "-pix_fmt", "gbrp"}, Loss::None},
      {"ffv1_rgb_10.mkv", {"-c:v", "ffv1", "-pix_fmt", "gbrp10le"}, Loss::Chroma},
      {"ffv1_rgb_16.mkv", {"-c:v", "ffv1", "-pix_fmt", "gbrp16le"}, Loss::Chroma},
      {"ffv1_alpha.mkv", {"-c:v", "ffv1", "-pix_fmt", "bgra"}, Loss::None},
      {"huffyuv.avi", {"-c:v", "huffyuv", "-pix_fmt", "rgb24"}, Loss::None},
      {"ffvhuff.avi", {"-c:v", "ffvhuff", "-pix_fmt", "yuv444p"}, Loss::Chroma},
      {"utvideo.avi", {"-c:v", "utvideo", "-pix_fmt", "gbrp"}, Loss::None},
      {"magicyuv.avi", {"-c:v", "magicyuv", "-pix_fmt", "gbrp"}, Loss::None},
      {"gif.gif", {"-vf", "split[a][b];[a]palettegen[p];[b][p]paletteuse=dither=none"}, Loss::None},
      {"apng.apng", {"-c:v", "apng", "-f", "apng"}, Loss::None},
      {"png.mov", {"-c:v", "png"}, Loss::None},
      {"qtrle.mov", {"-c:v", "qtrle"}, Loss::None},
      {"raw_rgb.avi", {"-c:v", "rawvideo", "-pix_fmt", "bgr24"}, Loss::None},
      {"raw_packed.nut", {"-c:v", "rawvideo", "-pix_fmt", "yuyv422"}},  // which ffmpeg converts coarsely
      {"raw_nv12.nut", {"-c:v", "rawvideo", "-pix_fmt", "nv12"}, Loss::Chroma},
      {"v210.mov", {"-c:v", "v210"}, Loss::Chroma},
      {"raw_rgb48be.nut", {"-c:v", "rawvideo", "-pix_fmt", "rgb48be"}, Loss::Chroma},
      {"raw.y4m", {"-pix_fmt", "yuv420p"}, Loss::Chroma},
      {"wrong_ending.txt", with(x264, {"-pix_fmt", "yuv420p", "-f", "mp4"})},
      {"no_ending", with(x264, {"-pix_fmt", "yuv420p", "-f", "matroska"})},
  };
  return formats;
}

INSTANTIATE_TEST_SUITE_P(All, VideoFormats, ::testing::ValuesIn(formats()), codec_name);

}  // namespace
}  // namespace weft::testing
