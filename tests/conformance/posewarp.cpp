// PoseWarp: limbs, transforms, warped parts. Arrays of the files are [H, W, C].
#include "plugins/posewarp/geometry.h"
#include "plugins/posewarp/network.h"
#include "tests/conformance/cases.h"
#include "tests/conformance/strides.h"

#include <ATen/TensorOperators.h>
#include <ATen/ops/cat.h>
#include <ATen/ops/ones.h>
#include <ATen/ops/softmax.h>
#include <c10/core/GradMode.h>

#include <algorithm>

namespace weft::conformance {
namespace {

/// The files' README.
Tolerance tolerance_of_posewarp(const Fixture& fixture, const std::string& output) {
  return {Tolerance::Measure::Largest, 2e-4 * std::max(1.0, fixture.stored(output).abs().max().item<double>())};
}

/// [H, W, C] -> [1, C, H, W], and back.
at::Tensor as_maps(const at::Tensor& array) {
  return array.permute({2, 0, 1}).unsqueeze(0);
}

at::Tensor as_array(const at::Tensor& maps) {
  return maps.squeeze(0).permute({1, 2, 0});
}

at::Tensor joints_of(const Fixture& fixture, const char* name) {
  const at::Tensor places = fixture.stored(name);
  return at::cat({places, at::ones({places.size(0), 1})}, 1).unsqueeze(0);
}

Tensors compute_geometry(const Fixture& fixture) {
  const c10::NoGradGuard no_gradients;
  const at::Tensor image = as_maps(fixture.input("img"));
  const int64_t height = image.size(2), width = image.size(3);
  const at::Tensor source = joints_of(fixture, "joints0"), target = joints_of(fixture, "joints1");
  const at::Tensor masks = posewarp::limb_masks(source, height, width),
                   prior = posewarp::mask_prior(source, height, width);
  const at::Tensor transforms = posewarp::limb_transforms(source, target);
  return strided(fixture,
                 {{"joints0", source[0].narrow(1, 0, 2)},
                  {"joints1", target[0].narrow(1, 0, 2)},
                  {"scale", posewarp::person_scale(source)},
                  {"heatmaps", as_array(posewarp::heatmaps(source, height, width))},
                  {"limb_masks", as_array(masks)},
                  {"limb_transforms", transforms[0].permute({1, 2, 0})},
                  {"mask_prior", as_array(prior)},
                  {"upsampled", as_array(posewarp::doubled(as_maps(fixture.input("feat"))))},
                  {"warped_stack", as_array(posewarp::moved_parts(image, at::softmax(prior, 1), transforms))}});
}

}  // namespace

void add_posewarp_cases(Cases& cases) {
  cases["PoseWarp geometry (HWC arrays)"] = {compute_geometry, tolerance_of_posewarp};
}

}  // namespace weft::conformance
