#include "plugins/estimators/network.h"

#include "framework/data/fetched_files.h"

#include <ATen/TensorOperators.h>

namespace weft::estimators {
namespace {

engines::Declared declared(const NetworkForm& form, const std::string& folder) {
  engines::Declared network;
  network.path = data::fetched_file(folder, form.set, form.file);
  network.inputs = {{form.input, at::kFloat, {1, form.size, form.size, 3}}};
  for (const char* output : form.outputs) network.outputs.push_back(engines::read_port(output));
  return network;
}

}  // namespace

Network::Network(const NetworkForm& form, const std::string& folder)
    : form_(form), engine_(engines::open_tflite(declared(form, folder))) {}

std::vector<at::Tensor> Network::run(const at::Tensor& picture) {
  return engine_->run({picture.permute({0, 2, 3, 1}).contiguous()});  // [1, size, size, 3]
}

Detector::Detector(const DetectorForm& form, const std::string& folder)
    : network_(form.network, folder), anchors_(anchors(form.network.size, form.maps)), least_score_(form.least_score) {}

std::vector<Detection> Detector::find(const at::Tensor& light) {
  constexpr double kMostOverlap = 0.3;
  const Region whole = whole_frame(light.size(2), light.size(3));
  const std::vector<at::Tensor> results = network_.run(crop(light, whole, network_.size()) * 2 - 1);
  std::vector<Detection> found =
      suppress(decode(results[0][0], results[1][0], anchors_, network_.size(), least_score_), kMostOverlap);
  for (Detection& detection : found) {
    detection.least = whole.place(detection.least.x, detection.least.y);
    detection.most = whole.place(detection.most.x, detection.most.y);
    for (Point& point : detection.points) point = whole.place(point.x, point.y);
  }
  return found;
}

}  // namespace weft::estimators
