#pragma once

#include "plugins/estimators/detection.h"
#include <weft/engines.h>

#include <ATen/core/Tensor.h>

#include <memory>
#include <string>
#include <vector>

namespace weft::estimators {

/// A network of MediaPipe's that sees a square picture.
struct NetworkForm {
  const char* file;
  const char* set;                   ///< what `weft fetch` calls it
  int64_t size;                      ///< height and width of its input
  std::vector<const char*> outputs;  ///< as engines::read_port() reads them
  const char* input = "input_1";
};

/// A network, opened when it runs first.
class Network {
 public:
  /// @param folder  where the file lies; empty: where `weft fetch` puts it
  /// @throws Error  (Exit::Data) when the file is missing, with the command that brings it, damaged, or another one;
  ///                (Exit::Plugin) when this weft was built without OpenVINO
  Network(const NetworkForm& form, const std::string& folder);

  int64_t size() const { return form_.size; }
  /// @param picture  [1, 3, size, size] float, in the network's range
  std::vector<at::Tensor> run(const at::Tensor& picture);

 private:
  NetworkForm form_;
  std::unique_ptr<engines::Engine> engine_;
};

/// How a detector's outputs are read.
struct DetectorForm {
  NetworkForm network;  ///< its outputs are boxes [1, anchors, 4 + 2 points] and scores [1, anchors, 1]
  std::vector<Cells> maps;
  double least_score;
};

/// A network that finds objects in a whole frame.
class Detector {
 public:
  Detector(const DetectorForm& form, const std::string& folder);

  /// @param light  the frame, [1, 3, H, W] in [0, 1]
  /// @returns the objects in pixels of the frame, the best first
  std::vector<Detection> find(const at::Tensor& light);

 private:
  Network network_;
  std::vector<Point> anchors_;
  double least_score_;
};

}  // namespace weft::estimators
