#pragma once

#include "framework/spec/fraction.h"

#include <ATen/core/Tensor.h>

#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace weft::media {

/// The frames of a video, or the pictures of a folder, one after the other.
class Film {
 public:
  virtual ~Film() = default;

  /// The next frame, upright and with square pixels, [1, 3, H, W] in [-1, 1]; nothing at the end.
  /// @throws Error  (Data) when it cannot be read
  virtual std::optional<at::Tensor> next() = 0;
  /// Passes over a frame. @returns false at the end
  virtual bool skip() = 0;
  /// Frames a second; nothing where the film does not know.
  virtual std::optional<Fraction> rate() const = 0;
};

/// The films of a path: the video itself, the videos of a folder, the folder itself where it has pictures, or its sub-folders that
/// have some; in natural order.
/// @throws Error  (Data) when there is neither
std::vector<std::string> films_in(const std::string& path);

/// @param film  one of films_in()
/// @param rate  frames a second of a video; nothing: its own
/// @throws Error  (Data) when it cannot be read
std::unique_ptr<Film> open_film(const std::string& film, const std::optional<Fraction>& rate);

#ifdef WEFT_HAS_LIBAV
std::unique_ptr<Film> open_video_film(const std::string& file, const std::optional<Fraction>& rate);
#endif

}  // namespace weft::media
