#pragma once

#include "plugins/world/figure/easel.h"
#include "plugins/world/figure/film_options.h"
#include "plugins/world/sequence_count.h"
#include <weft/node.h>

#include <optional>

namespace weft::world {

/// The shared parameters of the nodes that film a person.
struct FilmParams {
  int64_t seed = 0;
  std::optional<int64_t> identity, identities, motion, motions;
  SequenceCount count;
  std::vector<int64_t> size = {256, 256};

  void params(Params& p, const std::string& of_identity, const std::string& of_motion);
  void shape(Shapes& shapes) const;
  /// @param number  of the sequence: the first has the seeds of the parameters
  FilmOptions options(int64_t number) const;
};

/// New tensors for the maps of a figure.
struct FilmTensors {
  at::Tensor image, flow, occlusion, mask;

  FilmTensors(int64_t height, int64_t width);
  FigureMaps maps();
};

}  // namespace weft::world
