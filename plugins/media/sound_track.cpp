#include "plugins/media/sound_track.h"

#include "framework/base/error.h"
#include "framework/base/text.h"

#include <cmath>

namespace weft::media {

std::unique_ptr<SoundTrack> SoundTrack::open(const std::string& file, double start) {
  std::unique_ptr<SoundTrack> track(new SoundTrack());
  track->packet_.reset(had(av_packet_alloc()));
  int code = open_input(libav_url(file), track->demuxer_);
  AVFormatContext* const opened = track->demuxer_.get();
  if (code >= 0) code = avformat_find_stream_info(opened, nullptr);
  check_memory(code);
  if (code < 0) throw Error(Exit::Data, text("cannot read the sound of ", file, ": ", libav_text(code)));
  const int chosen = av_find_best_stream(opened, AVMEDIA_TYPE_AUDIO, -1, -1, nullptr, 0);
  if (chosen < 0) return nullptr;
  for (unsigned i = 0; i < opened->nb_streams; ++i) opened->streams[i]->discard = AVDISCARD_ALL;
  track->from_ = opened->streams[chosen];
  track->from_->discard = AVDISCARD_DEFAULT;
  track->start_ = std::llround(start / av_q2d(track->from_->time_base));
  return track;
}

bool SoundTrack::fits(const AVOutputFormat& muxer) const {
  return avformat_query_codec(&muxer, from_->codecpar->codec_id, FF_COMPLIANCE_NORMAL) == 1;
}

std::string SoundTrack::codec() const {
  return avcodec_get_name(from_->codecpar->codec_id);
}

void SoundTrack::add_stream(AVFormatContext& muxer) {
  to_ = had(avformat_new_stream(&muxer, nullptr));
  check_memory(avcodec_parameters_copy(to_->codecpar, from_->codecpar));
  to_->codecpar->codec_tag = 0;  // the container's own
  to_->time_base = from_->time_base;
}

/// The next packet that is heard behind the start. @returns false at the end
bool SoundTrack::read() {
  while (av_read_frame(demuxer_.get(), packet_.get()) >= 0) {
    const bool is_ours = packet_->stream_index == from_->index && packet_->pts != AV_NOPTS_VALUE;
    if (is_ours && packet_->pts >= start_) return true;
    av_packet_unref(packet_.get());
  }
  return false;
}

int SoundTrack::write_until(double seconds, AVFormatContext& muxer) {
  for (; has_packet_ || (has_packet_ = read()); has_packet_ = false) {
    const double begin = static_cast<double>(packet_->pts - start_) * av_q2d(from_->time_base);
    if (begin >= seconds) return 0;
    packet_->pts -= start_;
    packet_->dts = packet_->pts;
    packet_->stream_index = to_->index;
    av_packet_rescale_ts(packet_.get(), from_->time_base, to_->time_base);
    const int code = av_write_frame(&muxer, packet_.get());
    av_packet_unref(packet_.get());
    if (code < 0) return code;
  }
  return 0;
}

}  // namespace weft::media
