#include "framework/train/picture.h"

#include "framework/nn/picture.h"

namespace weft::train {
namespace {

nn::Manner manner_of(Kind kind) {
  switch (kind) {
    case Kind::Image:
      return nn::Manner::Image;
    case Kind::Flow:
      return nn::Manner::Flow;
    case Kind::Depth:
      return nn::Manner::Depth;
    case Kind::Labels:
    case Kind::Semantics:
      return nn::Manner::Classes;
    case Kind::Instances:
      return nn::Manner::Instances;
    case Kind::Conditions:
      return nn::Manner::Conditions;
    case Kind::Mask:
    case Kind::ForegroundMask:
    case Kind::Edges:
      return nn::Manner::Grey;
    default:
      return nn::Manner::Feature;
  }
}

}  // namespace

std::optional<at::Tensor> picture_of(const Value& value, Kind kind) {
  if (!value.has_value() || value.is_text() || value.is_judgement()) return {};
  const at::Tensor map = value.is_window() ? value.frames().back() : value.tensor();
  if (map.dim() != 4) return {};
  return nn::picture(map.detach().narrow(0, 0, 1).cpu(), manner_of(kind))[0];
}

}  // namespace weft::train
