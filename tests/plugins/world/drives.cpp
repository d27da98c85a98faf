#include "tests/plugins/world/drives.h"

#include "framework/vision/warp.h"

#include <ATen/TensorOperators.h>

namespace weft {

Street::Street(const StreetSetting& setting) : NodeRunner("world.street") {
  set("look", setting.look).set("scene", setting.scene).set("seed", setting.seed).set("size", setting.size);
  set("speed", setting.speed).set("traffic", setting.traffic).set("start", setting.start);
}

StreetFrame next_frame(testing::NodeRunner& street) {
  street.run();
  return {street.tensor("image"),     street.tensor("labels"), street.tensor("instances"), street.tensor("flow"),
          street.tensor("occlusion"), street.tensor("depth"),  street.tensor("camera")};
}

std::vector<StreetFrame> frames_of(const StreetSetting& setting, int64_t count) {
  Street street(setting);
  std::vector<StreetFrame> frames;
  for (int64_t t = 0; t < count; ++t) frames.push_back(next_frame(street));
  return frames;
}

at::Tensor warped(const StreetFrame& before, const StreetFrame& now) {
  return vision::warp(before.image, now.flow);
}

double mean_error(const at::Tensor& a, const at::Tensor& b, const at::Tensor& where) {
  const at::Tensor error = (a - b).abs().mean(1, /*keepdim=*/true) * where;
  return (error.sum() / where.sum()).item<double>() * 127.5;
}

}  // namespace weft
