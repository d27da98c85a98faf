#pragma once

#include "plugins/world/renderer.h"
#include "plugins/world/sequence_count.h"
#include <weft/node.h>

#include <tuple>

namespace weft::world {

/// All that is known of a frame of the street.
using FrameOut =
    std::tuple<Out<"image", "image[B,3,H,W]">, Out<"labels", "labels[B,1,H,W]">, Out<"instances", "instances[B,1,H,W]">,
               Out<"flow", "flow[B,2,H,W]">, Out<"occlusion", "mask[B,1,H,W]">, Out<"depth", "depth[B,1,H,W]">,
               Out<"camera", "feature[B,2,4,4]">>;

/// The shared part of the nodes that show the street.
struct StreetParams {
  int64_t seed = 0;
  std::optional<int64_t> look_seed;
  std::optional<int64_t> looks;
  std::string look = "noon", scene = "drive";
  std::vector<int64_t> size = {256, 512};
  double field_of_view = 60;
  bool traffic = true;

  void params(Params& p);
  void shape(Shapes& shapes) const;
  /// @param number  of the drive: the first has the seed and the look seed of the parameters
  /// @param speed   of the nominal drive, metres a frame
  StreetOptions options(int64_t number, double speed) const;
};

/// The parameters of the sources among them: how many drives there are, and how long.
void declare_drives(Params& p, SequenceCount& count);

/// Draws a frame into new tensors.
FrameOut frame_of(Renderer& renderer, const Lens& lens, const Shot& now, const Shot& before);

}  // namespace weft::world
