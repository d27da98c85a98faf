#pragma once

#include "framework/data/palette.h"
#include "framework/node/context.h"

#include <optional>
#include <string>

namespace weft::media {

/// A reader of ids, IdFolder or IdVideo, whose pictures may be painted in the colours of classes.
template <typename Ids>
struct PaintedLabels : Ids {
  data::PaletteParams palette_params;

  void params(Params& p) {
    Ids::params(p);
    palette_params.params(p, "labels are painted in the colours of classes:");
  }
  std::optional<std::string> next_sequence(Context& context) {
    if (!this->palette) this->palette = palette_params.read();
    return Ids::next_sequence(context);
  }
};

}  // namespace weft::media
