#pragma once

#include "framework/engines/port.h"

#include <functional>
#include <memory>

namespace weft::engines {

/// A network from a file, ready to run on the CPU.
class Engine {
 public:
  virtual ~Engine() = default;

  /// @param inputs  contiguous, on the CPU, of the declared types and sizes
  /// @returns as many tensors as the network has outputs, of its own types and sizes
  /// @throws Error  (Exit::Data) when the network fails
  virtual std::vector<at::Tensor> run(const std::vector<at::Tensor>& inputs) = 0;
  /// The number of samples that one run takes; kFree for any number.
  virtual int64_t batch() const { return kFree; }
};

/// What a graph, or a node, says about a model file.
struct Declared {
  std::string path;
  std::vector<Port> inputs, outputs;
};

/// Opens a model file and compares its ports with the declared ones.
/// @throws Error  (Exit::Data) for a file that is missing, damaged, or not as declared; (Exit::Plugin) when this weft
///                was built without OpenVINO
std::unique_ptr<Engine> open_onnx(const Declared& declared);
std::unique_ptr<Engine> open_tflite(const Declared& declared);

}  // namespace weft::engines
