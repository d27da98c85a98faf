#include "plugins/media/cut_file.h"

namespace weft::media {
namespace {

/// Whether the index names bytes behind the file's end.
bool ends_before_its_index(const AVFormatContext& file, AVStream& stream) {
  const int64_t size = file.pb ? avio_size(file.pb) : -1;
  if (size < 0) return false;
  for (int i = 0; i < avformat_index_get_entries_count(&stream); ++i) {
    const AVIndexEntry& entry = *avformat_index_get_entry(&stream, i);
    if (av_sat_add64(entry.pos, entry.size) > size) return true;
  }
  return false;
}

}  // namespace

bool is_format(const AVFormatContext& file, std::string_view name) {
  return std::string_view(file.iformat->name).starts_with(name);
}

bool ends_early(const AVFormatContext& file, AVStream& stream, const ReadPackets& read, double rate) {
  // Of MP4 edits may leave pictures out, but its index knows where each lies in the file.
  if (is_format(file, "mov")) return ends_before_its_index(file, stream);
  if (stream.nb_frames > 0 && read.count < stream.nb_frames) return true;
  // Of Matroska the length of the whole file is that of its pictures, where it holds nothing else.
  if (!is_format(file, "matroska") || file.nb_streams != 1 || read.count == 0) return false;
  if (file.duration_estimation_method != AVFMT_DURATION_FROM_STREAM || file.duration <= 0) return false;
  const auto seconds = [](int64_t time, AVRational base) { return static_cast<double>(time) * av_q2d(base); };
  const int64_t start = file.start_time == AV_NOPTS_VALUE ? 0 : file.start_time;
  const double length = seconds(read.end, stream.time_base) - seconds(start, AV_TIME_BASE_Q);
  return length < seconds(file.duration, AV_TIME_BASE_Q) - 0.5 / rate;
}

}  // namespace weft::media
