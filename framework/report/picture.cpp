#include "framework/report/picture.h"

#include "framework/vision/picture.h"

namespace weft::report {
namespace {

vision::Manner manner_of(Kind kind) {
  switch (kind) {
    case Kind::Image:
      return vision::Manner::Image;
    case Kind::Flow:
      return vision::Manner::Flow;
    case Kind::Depth:
      return vision::Manner::Depth;
    case Kind::Labels:
    case Kind::Semantics:
      return vision::Manner::Classes;
    case Kind::Instances:
      return vision::Manner::Instances;
    case Kind::Conditions:
      return vision::Manner::Conditions;
    case Kind::Mask:
    case Kind::ForegroundMask:
    case Kind::Edges:
      return vision::Manner::Grey;
    default:
      return vision::Manner::Feature;
  }
}

}  // namespace

std::optional<at::Tensor> picture_of(const Value& value, Kind kind) {
  if (!value.has_value() || value.is_text() || value.is_record()) return {};
  const at::Tensor map = value.is_window() ? value.frames().back() : value.tensor();
  if (map.dim() != 4) return {};
  return vision::picture(map.detach().narrow(0, 0, 1).cpu(), manner_of(kind))[0];
}

}  // namespace weft::report
