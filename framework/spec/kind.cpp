#include "framework/spec/kind.h"

#include "framework/spec/record.h"

namespace weft {

const std::vector<KindInfo>& all_kinds() {
  static const std::vector<KindInfo> kinds = {
      {Kind::Image, "image", "[B,3,H,W]", "at::Tensor", "RGB in [-1, 1]"},
      {Kind::Labels, "labels", "[B,1,H,W]", "at::Tensor (int64)", "class ids"},
      {Kind::Instances, "instances", "[B,1,H,W]", "at::Tensor (int64)", "instance ids; only equality counts"},
      {Kind::Semantics, "semantics", "[B,C,H,W]", "at::Tensor",
       "one channel for each class, one-hot or soft, in [0, 1]"},
      {Kind::Edges, "edges", "[B,1,H,W]", "at::Tensor",
       "1 where a neighbouring pixel belongs to another instance, else 0"},
      {Kind::Conditions, "conditions", "[B,C,H,W]", "at::Tensor",
       "the channels that a generator is conditioned on; accepts semantics, edges, images, depth and masks"},
      {Kind::Flow, "flow", "[B,2,H,W]", "at::Tensor",
       "backward flow, x and y in pixels: displacement from pixel p to its position in the previous frame"},
      {Kind::Mask, "mask", "[B,1,H,W]", "at::Tensor",
       "[0, 1]; in blending, 1 = newly generated; accepts foreground masks and edges"},
      {Kind::ForegroundMask, "foreground_mask", "[B,1,H,W]", "at::Tensor", "[0, 1]; 1 = foreground"},
      {Kind::Depth, "depth", "[B,1,H,W]", "at::Tensor", "metres along the viewing axis"},
      {Kind::Keypoints, "keypoints", "[B,K,3]", "at::Tensor", "x and y in pixels, and a confidence"},
      {Kind::Feature, "feature", "[B,C,H,W]", "at::Tensor", "any map; accepts every kind that is a map"},
      {Kind::Record, "record", "", "a struct", "several named tensors: a type that a plugin declares"},
      {Kind::Scalar, "scalar", "[]", "at::Tensor", "one number"},
      {Kind::Text, "text", "", "std::string", "a string"},
      {Kind::Any, "any", "[...]", "at::Tensor", "of ports only: accepts every kind that is a tensor"},
  };
  return kinds;
}

const KindInfo& info(const Kind& kind) {
  return all_kinds()[static_cast<size_t>(kind)];
}

std::string_view name_of(const Kind& kind) {
  return kind.record() ? std::string_view(kind.record()->name) : info(kind).name;
}

bool operator==(const Kind& a, const Kind& b) {
  return a.code_ == b.code_ && name_of(a) == name_of(b);
}

bool is_tensor(const Kind& kind) {
  return kind != Kind::Record && kind != Kind::Text;
}

bool accepts(const Kind& port, const Kind& value) {
  if (port == value) return true;
  switch (port) {
    case Kind::Any:
      return is_tensor(value);
    case Kind::Mask:
      return value == Kind::ForegroundMask || value == Kind::Edges;
    case Kind::Conditions:
      return value == Kind::Semantics || value == Kind::Edges || value == Kind::Image || value == Kind::Depth ||
             value == Kind::Mask || value == Kind::ForegroundMask;
    case Kind::Feature:
      return is_tensor(value) && value != Kind::Scalar && value != Kind::Keypoints && value != Kind::Any;
    default:
      return false;
  }
}

}  // namespace weft
