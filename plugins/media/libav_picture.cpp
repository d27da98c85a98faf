#include "plugins/media/libav_picture.h"

#include "framework/base/error.h"
#include "framework/base/text.h"
#include "plugins/media/frame_image.h"
#include "plugins/media/libav.h"
#include "plugins/media/picture.h"

#include <ATen/TensorOperators.h>

#include <algorithm>
#include <cctype>
#include <charconv>
#include <cstring>

namespace weft::media {
namespace {

const char* name_of(LibavPicture format) {
  switch (format) {
    case LibavPicture::Bmp:
      return "BMP";
    case LibavPicture::Pnm:
      return "PPM or PGM";
    case LibavPicture::Tiff:
      return "TIFF";
    case LibavPicture::WebP:
      return "WebP";
  }
  return "";
}

/// The largest number that a PGM or PPM file says it holds; none for a bitmap.
std::optional<int64_t> largest_of_pnm(std::string_view bytes, const std::string& file) {
  if (bytes[1] == '1' || bytes[1] == '4') return {};
  size_t place = 2;
  int64_t number = 0;
  for (int word = 0; word < 3; ++word) {  // width, height, the largest number
    while (place < bytes.size() && (std::isspace(static_cast<unsigned char>(bytes[place])) != 0 || bytes[place] == '#'))
      place = bytes[place] == '#' ? std::min(bytes.find('\n', place), bytes.size()) : place + 1;
    const std::string_view rest = bytes.substr(place);
    const auto [end, error] = std::from_chars(rest.data(), rest.data() + rest.size(), number);
    if (error != std::errc()) number = 0;
    place += static_cast<size_t>(end - rest.data());
  }
  if (number >= 1 && number <= 65535) return number;
  throw Error(Exit::Data, text(file, " is not a sound ", name_of(LibavPicture::Pnm),
                               " file: its largest number is not 1 to 65535"));
}

/// @param bytes  of the file: of PNM files the second tells grey from colours
AVCodecID codec_of(LibavPicture format, std::string_view bytes) {
  switch (format) {
    case LibavPicture::Bmp:
      return AV_CODEC_ID_BMP;
    case LibavPicture::Pnm:
      return bytes[1] == '1' || bytes[1] == '4'   ? AV_CODEC_ID_PBM
             : bytes[1] == '2' || bytes[1] == '5' ? AV_CODEC_ID_PGM
                                                  : AV_CODEC_ID_PPM;
    case LibavPicture::Tiff:
      return AV_CODEC_ID_TIFF;
    case LibavPicture::WebP:
      return AV_CODEC_ID_WEBP;
  }
  return AV_CODEC_ID_NONE;
}

[[noreturn]] void fail_to_decode(LibavPicture format, const std::string& file, int code) {
  check_memory(code);
  throw Error(Exit::Data, text(file, " is not a sound ", name_of(format), " file: ", libav_text(code)));
}

Libav<AVFrame> decode(LibavPicture format, std::string_view bytes, const std::string& file) {
  // libav would print lines of its own; what matters of them is in our errors.
  av_log_set_level(AV_LOG_QUIET);
  const AVCodec* codec = avcodec_find_decoder(codec_of(format, bytes));
  if (!codec)
    throw Error(Exit::Data, text("cannot read ", file, ": this machine's libav has no decoder for ", name_of(format)));
  const Libav<AVCodecContext> decoder(had(avcodec_alloc_context3(codec)));
  decoder->max_pixels = kMostPixels;
  // Of TIFF libav also takes tags for faults that it does not know, as most files have one. So a strip that is damaged
  // inside ends the picture there; one that is missing is an error.
  if (format != LibavPicture::Tiff) decoder->err_recognition = AV_EF_CRCCHECK | AV_EF_EXPLODE;
  decoder->thread_count = 1;
  const Libav<AVPacket> packet(had(av_packet_alloc()));
  check_memory(av_new_packet(packet.get(), static_cast<int>(bytes.size())));
  std::memcpy(packet->data, bytes.data(), bytes.size());
  Libav<AVFrame> frame(had(av_frame_alloc()));
  int code = avcodec_open2(decoder.get(), codec, nullptr);
  if (code >= 0) code = avcodec_send_packet(decoder.get(), packet.get());
  if (code >= 0) code = avcodec_send_packet(decoder.get(), nullptr);
  if (code >= 0) code = avcodec_receive_frame(decoder.get(), frame.get());
  if (code < 0) fail_to_decode(format, file, code);
  if ((frame->flags & AV_FRAME_FLAG_CORRUPT) != 0 || frame->decode_error_flags != 0)
    fail_to_decode(format, file, AVERROR_INVALIDDATA);
  check_size({frame->height, frame->width}, file);
  return frame;
}

}  // namespace

std::optional<LibavPicture> libav_picture(std::string_view bytes) {
  if (bytes.starts_with("BM")) return LibavPicture::Bmp;
  if (bytes.starts_with("II*") || bytes.starts_with("MM\0*")) return LibavPicture::Tiff;
  if (bytes.starts_with("RIFF") && bytes.substr(std::min<size_t>(8, bytes.size())).starts_with("WEBP"))
    return LibavPicture::WebP;
  const bool is_pnm = bytes.size() > 2 && bytes[0] == 'P' && bytes[1] >= '1' && bytes[1] <= '6' &&
                      std::strchr(" \t\r\n#", bytes[2]) != nullptr;
  return is_pnm ? std::optional(LibavPicture::Pnm) : std::nullopt;
}

at::Tensor decode_libav_rgb(LibavPicture format, std::string_view bytes, const std::string& file) {
  return bytes_of_image(image_of_frame(*decode(format, bytes, file), file).select(0, 0));
}

at::Tensor decode_libav_ids(LibavPicture format, std::string_view bytes, const std::string& file) {
  if (format == LibavPicture::WebP) {
    throw Error(Exit::Data, text(file, " is WebP, which may change numbers, so it cannot hold ids"))
        .hint("give the PNG files that it was made from");
  }
  at::Tensor ids = ids_of_frame(*decode(format, bytes, file), file);  // [H, W] int64
  if (const auto largest = format == LibavPicture::Pnm ? largest_of_pnm(bytes, file) : std::nullopt) {
    // libav spreads numbers up to the largest over the whole range.
    const int64_t full = *largest < 256 ? 255 : 65535;
    if (*largest != full) ids = ((ids * *largest).to(at::kDouble) / full).round().to(at::kLong);
  }
  return ids.to(ids.max().item<int64_t>() < 256 ? at::kByte : at::kShort);
}

}  // namespace weft::media
