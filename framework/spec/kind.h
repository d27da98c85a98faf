#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace weft {

/// The meaning of a value. A new kind needs a reason (docs/kinds.md); most maps are `feature` or `conditions`.
enum class Kind {
  Image,           ///< RGB in [-1, 1]
  Labels,          ///< class ids
  Instances,       ///< instance ids; only equality counts
  Semantics,       ///< one channel for each class, one-hot or soft
  Edges,           ///< 1 on borders between instances
  Conditions,      ///< the channels that a generator is conditioned on
  Flow,            ///< backward, x and y in pixels: displacement from p to its position in the previous frame
  Mask,            ///< [0, 1]; 1 = newly generated
  ForegroundMask,  ///< [0, 1]; 1 = foreground
  Depth,           ///< metres along the viewing axis
  Keypoints,       ///< points with x, y and confidence
  Feature,         ///< any map
  Judgement,       ///< a discriminator's scores and features
  Scalar,          ///< one number
  Text,            ///< a string
  Any,             ///< of ports only: accepts each kind that is a tensor
};

/// One row of the table of kinds in the docs.
struct KindInfo {
  Kind kind;
  std::string_view name;
  std::string_view shape;     ///< the usual shape of one frame
  std::string_view cpp_type;  ///< the type of `*port`
  std::string_view about;
};

const std::vector<KindInfo>& all_kinds();
const KindInfo& info(Kind kind);
std::string_view name_of(Kind kind);

/// Whether a port of kind `port` accepts a value of kind `value`.
bool accepts(Kind port, Kind value);

/// Whether values of this kind are tensors (all but judgements and texts).
bool is_tensor(Kind kind);

}  // namespace weft
