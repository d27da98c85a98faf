#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace weft {

/// What a value means. A new kind needs a reason (docs/kinds.md); most maps are `feature` or `conditions`.
enum class Kind {
  Image,           ///< RGB in [-1, 1]
  Labels,          ///< class ids
  Instances,       ///< instance ids; only equality counts
  Semantics,       ///< one channel a class, one-hot or soft
  Edges,           ///< 1 on borders between instances
  Conditions,      ///< whatever channels a generator is conditioned on
  Flow,            ///< x and y in pixels, backward: the value at p tells where p came from
  Mask,            ///< [0, 1]; 1 = newly drawn
  ForegroundMask,  ///< [0, 1]; 1 = foreground
  Depth,           ///< metres along the viewing axis
  Keypoints,       ///< points with x, y and confidence
  Feature,         ///< any map
  Judgement,       ///< a discriminator's scores and features
  Scalar,          ///< one number
  Text,            ///< a string
  Any,             ///< of ports only: takes each kind that is a tensor
};

/// One row of the table of kinds in the docs.
struct KindInfo {
  Kind kind;
  std::string_view name;
  std::string_view shape;     ///< the usual shape of one frame
  std::string_view cpp_type;  ///< what `*port` is
  std::string_view about;
};

const std::vector<KindInfo>& all_kinds();
const KindInfo& info(Kind kind);
std::string_view name_of(Kind kind);

/// Whether a port of kind `port` takes a value of kind `value`.
bool accepts(Kind port, Kind value);

/// Whether values of this kind are tensors (all but judgements and texts).
bool is_tensor(Kind kind);

}  // namespace weft
