#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <map>

namespace weft::pix2pixhd {

/// The class of an instance id: the id below 1000, and id / 1000 above, as in Cityscapes' instance maps.
int64_t class_of(int64_t id);

/// One row for each instance of an image, by class: its features, taken at the middle one of its pixels in raster order, and
/// its area in units of H W / 32, rounded down.
///
/// Rows are in ascending order of the ids.
/// @param features   [F, H, W], on any device
/// @param instances  [H, W], integers
/// @returns by class [instances, F + 1], float, on the CPU
std::map<int64_t, at::Tensor> region_samples(const at::Tensor& features, const at::Tensor& instances);

}  // namespace weft::pix2pixhd
