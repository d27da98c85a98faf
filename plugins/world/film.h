#pragma once

#include "plugins/world/figure/easel.h"
#include "plugins/world/figure/film_options.h"
#include <weft/node.h>

#include <memory>
#include <optional>

namespace weft::world {

/// The shared parameters of the nodes that film a person.
struct FilmParams {
  int64_t seed = 0;
  std::optional<int64_t> identity, identities, motion, motions;
  int64_t frame_limit = 200, start = 0, sequences = 1;
  std::vector<int64_t> size = {256, 256};

  void params(Params& p, const std::string& of_identity, const std::string& of_motion);
  void shape(Shapes& shapes) const;
  /// @param number  of the sequence: the first has the seeds of the parameters
  FilmOptions options(int64_t number) const;
};

/// A source of films, a sequence for each, and which frame is next.
/// @tparam Film  made of FilmOptions
template <typename Film>
class FilmReel {
 public:
  std::optional<std::string> next_sequence(const FilmParams& params, const char* name) {
    if (begun_ == params.sequences) return {};
    const int64_t number = begun_++;
    film_ = std::make_unique<Film>(params.options(number));
    next_ = 0;
    return text(name, "-", params.seed + number);
  }

  /// @returns the time of the next frame, or nothing at the end
  std::optional<double> advance(const FilmParams& params) {
    if (params.frame_limit != 0 && next_ >= params.frame_limit) return {};
    return static_cast<double>(params.start + next_++);
  }

  Film& film() { return *film_; }

 private:
  std::unique_ptr<Film> film_;
  int64_t begun_ = 0, next_ = 0;
};

/// New tensors for the maps of a figure.
struct FilmTensors {
  at::Tensor image, flow, occlusion, mask;

  FilmTensors(int64_t height, int64_t width);
  FigureMaps maps();
};

}  // namespace weft::world
