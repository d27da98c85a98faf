#include "framework/report/reel.h"

#include "framework/report/picture.h"
#include "framework/report/png.h"

#include <ATen/TensorOperators.h>
#include <ATen/ops/avg_pool2d.h>
#include <c10/core/GradMode.h>

#include <algorithm>

namespace weft::report {
namespace {

/// The first map of a batch at a size for a page, in memory of its own.
/// @param map  [B, C, H, W]; of kinds that picture_of() knows only the channels that it draws stay
at::Tensor reduced(const at::Tensor& map, Kind& kind) {
  at::Tensor small = map.detach().narrow(0, 0, 1);  // [1, C, H, W]
  if (kind == Kind::Semantics || kind == Kind::Conditions) {
    small = picture_of(Value(small), kind)->unsqueeze(0);  // [1, 3, H, W]: 35 channels would be too much
    kind = Kind::Image;
  } else {
    small = small.narrow(1, 0, std::min<int64_t>(small.size(1), 3));
  }
  const int64_t factor = std::min((small.size(3) + Reel::kWidth - 1) / Reel::kWidth, small.size(2));
  if (factor <= 1) return small.clone();
  if (kind == Kind::Labels || kind == Kind::Instances)
    return small.slice(2, 0, small.size(2), factor).slice(3, 0, small.size(3), factor).clone();
  small = at::avg_pool2d(small.to(at::kFloat), {factor, factor});
  return kind == Kind::Flow ? small / factor : small;  // flow counts pixels
}

/// The newest frames whose pictures together are at most `bytes` long, two at least.
PlayedClip play(const std::string& stream, const std::deque<Value>& frames, Kind kind, size_t bytes) {
  PlayedClip clip;
  clip.stream = stream;
  std::vector<std::string> pictures;
  size_t used = 0;
  for (auto frame = frames.rbegin(); frame != frames.rend(); ++frame) {
    const std::optional<at::Tensor> picture = picture_of(*frame, kind);
    if (!picture) continue;
    std::string png = png_of(*picture);
    used += png.size();
    if (pictures.size() >= 2 && used > bytes) break;
    pictures.push_back(std::move(png));
    clip.height = picture->size(1);
    clip.width = picture->size(2);
  }
  if (pictures.empty()) return clip;
  std::reverse(pictures.begin(), pictures.end());
  clip.frames = pictures.size();
  clip.png = animated_png(pictures, Reel::kFramesPerSecond);
  return clip;
}

}  // namespace

size_t Reel::Shot::length() const {
  size_t longest = 0;
  for (const auto& [name, track] : tracks) longest = std::max(longest, track.frames.size());
  return longest;
}

void Reel::add(const std::map<std::string, ShownStream>& watched, const std::string& clip, bool begins_clip) {
  if (begins_clip && !now_.tracks.empty()) {
    before_ = std::move(now_);
    now_ = {};
  }
  now_.name = clip;
  const c10::AutoGradMode no_gradients(false);
  for (const auto& [name, stream] : watched) {
    if (stream.kind == Kind::Scalar) continue;
    for (const Value& value : stream.values) {
      if (!value.has_value() || value.is_text() || value.is_record()) continue;
      const at::Tensor map = value.is_window() ? value.frames().back() : value.tensor();
      if (map.dim() != 4) continue;
      Track& track = now_.tracks[name];
      track.kind = stream.kind;
      at::Tensor frame = reduced(map, track.kind);
      if (!track.frames.empty() && track.frames.back().tensor().sizes() != frame.sizes()) track.frames.clear();
      track.frames.emplace_back(std::move(frame));
      if (track.frames.size() > kFrames) track.frames.pop_front();
    }
  }
}

std::vector<PlayedClip> Reel::clips(size_t bytes) const {
  std::vector<PlayedClip> clips;
  const Shot& shot = shown();
  for (const auto& [name, track] : shot.tracks) {
    PlayedClip clip = play(name, track.frames, track.kind, bytes / shot.tracks.size());
    if (clip.frames > 0) clips.push_back(std::move(clip));
  }
  return clips;
}

}  // namespace weft::report
