#include "framework/base/error.h"
#include "framework/base/text.h"
#include "framework/engines/engine.h"
#include "framework/engines/model_file.h"

#include <ATen/Parallel.h>
#include <ATen/ops/empty.h>
#include <openvino/openvino.hpp>

#include <algorithm>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <optional>

namespace weft::engines {
namespace {

constexpr std::uintmax_t kMostBytes = 4ULL << 30;

at::ScalarType scalar_type(const ov::element::Type& type, const std::string& path) {
  switch (type) {
    case ov::element::Type_t::f32:
      return at::kFloat;
    case ov::element::Type_t::f16:
      return at::kHalf;
    case ov::element::Type_t::f64:
      return at::kDouble;
    case ov::element::Type_t::i64:
      return at::kLong;
    case ov::element::Type_t::i32:
      return at::kInt;
    case ov::element::Type_t::i16:
      return at::kShort;
    case ov::element::Type_t::i8:
      return at::kChar;
    case ov::element::Type_t::u8:
      return at::kByte;
    case ov::element::Type_t::boolean:
      return at::kBool;
    default:
      throw Error(Exit::Data, text(path, ": weft has no tensors of the type ", type.get_type_name()));
  }
}

Port port_of(const ov::Output<const ov::Node>& node, const std::string& path) {
  Port port;
  port.name = node.get_names().empty() ? node.get_node()->get_friendly_name() : node.get_any_name();
  port.type = scalar_type(node.get_element_type(), path);
  const ov::PartialShape& shape = node.get_partial_shape();
  if (shape.rank().is_dynamic())
    throw Error(Exit::Data, text(path, ": the port \"", port.name, "\" has no fixed number of dimensions"))
        .hint("export the model with sizes; the batch may be free");
  for (const ov::Dimension& size : shape) port.sizes.push_back(size.is_static() ? size.get_length() : kFree);
  return port;
}

std::vector<Port> ports_of(const std::vector<ov::Output<const ov::Node>>& nodes, const std::string& path) {
  std::vector<Port> ports;
  for (const auto& node : nodes) ports.push_back(port_of(node, path));
  return ports;
}

/// The version of OpenVINO that reads files is one for the process: its plugins are found beside the library.
class OpenVinoEngine : public Engine {
 public:
  OpenVinoEngine(const Declared& declared, const ov::CompiledModel& compiled, int64_t batch)
      : path_(declared.path), outputs_(declared.outputs), batch_(batch), request_(compiled) {}

  std::vector<at::Tensor> run(const std::vector<at::Tensor>& inputs) override {
    try {
      for (size_t i = 0; i < inputs.size(); ++i) request_.ptr->set_input_tensor(i, view(inputs[i], request_.inputs[i]));
      request_.ptr->infer();
      std::vector<at::Tensor> results;
      for (size_t i = 0; i < outputs_.size(); ++i) results.push_back(copy(request_.ptr->get_output_tensor(i)));
      return results;
    } catch (const ov::Exception& fault) {
      throw Error(Exit::Data, text(path_, ": the model failed: ", short_text(fault)));
    }
  }
  int64_t batch() const override { return batch_; }

 private:
  struct Request {
    explicit Request(ov::CompiledModel model) : compiled(std::move(model)), ptr(compiled.create_infer_request()) {
      for (const auto& input : compiled.inputs()) inputs.push_back(input.get_element_type());
    }
    ov::CompiledModel compiled;
    std::optional<ov::InferRequest> ptr;
    std::vector<ov::element::Type> inputs;
  };

  static ov::Tensor view(const at::Tensor& tensor, const ov::element::Type& type) {
    return {type, ov::Shape(tensor.sizes().begin(), tensor.sizes().end()), tensor.data_ptr()};
  }

  at::Tensor copy(const ov::Tensor& tensor) const {
    const ov::Shape& shape = tensor.get_shape();
    const at::Tensor out =
        at::empty(std::vector<int64_t>(shape.begin(), shape.end()), scalar_type(tensor.get_element_type(), path_));
    if (tensor.get_byte_size() > 0) std::memcpy(out.data_ptr(), tensor.data(), tensor.get_byte_size());
    return out;
  }

  std::string path_;
  std::vector<Port> outputs_;
  int64_t batch_;
  Request request_;
};

void check_file(const std::string& path) {
  check_exists(path);
  std::error_code error;
  const std::uintmax_t bytes = std::filesystem::file_size(path, error);
  if (error || bytes == 0) throw Error(Exit::Data, text(path, ": the model file is empty"));
  if (bytes > kMostBytes) throw Error(Exit::Data, text(path, ": the model file has more than 4 GiB"));
}

std::string read_first(const std::string& path, size_t count) {
  std::string bytes(count, '\0');
  std::ifstream file(path, std::ios::binary);
  file.read(bytes.data(), static_cast<std::streamsize>(count));
  bytes.resize(static_cast<size_t>(file.gcount()));
  return bytes;
}

std::shared_ptr<ov::Model> read_model(ov::Core& core, const Declared& declared, const char* form) {
  try {
    return core.read_model(declared.path);
  } catch (const std::exception& fault) {
    throw Error(Exit::Data, text(declared.path, " cannot be read as ", form, ": ", short_text(fault)))
        .hint("is the file complete, and does it use operators of the standard alone?");
  }
}

std::unique_ptr<Engine> open(const Declared& declared, const char* form) {
  ov::Core core;
  const std::shared_ptr<ov::Model> network = read_model(core, declared, form);
  const std::shared_ptr<const ov::Model> model = network;
  const std::vector<Port> inputs = ports_of(model->inputs(), declared.path);
  const std::vector<Port> outputs = ports_of(model->outputs(), declared.path);
  check_declared("inputs", declared.inputs, inputs, declared.path);
  check_declared("outputs", declared.outputs, outputs, declared.path);
  int64_t batch = kFree;
  for (const Port& input : inputs) {
    if (!input.sizes.empty()) batch = std::max(batch, input.sizes.front());
  }
  try {
    // Its threads are those of the run, or they would compete with LibTorch's; float32, as the file has it.
    return std::make_unique<OpenVinoEngine>(
        declared,
        core.compile_model(network, "CPU", ov::inference_num_threads(at::get_num_threads()), ov::num_streams(1),
                           ov::hint::inference_precision(ov::element::f32)),
        batch);
  } catch (const ov::Exception& fault) {
    throw Error(Exit::Data, text(declared.path, ": the model cannot be run: ", short_text(fault)));
  }
}

}  // namespace

std::unique_ptr<Engine> open_onnx(const Declared& declared) {
  check_file(declared.path);
  return open(declared, "ONNX");
}

std::unique_ptr<Engine> open_tflite(const Declared& declared) {
  check_file(declared.path);
  const std::string first = read_first(declared.path, 8);
  if (first.size() < 8 || first.substr(4) != "TFL3")
    throw Error(Exit::Data, text(declared.path, " is not a TensorFlow Lite file: it does not begin as one"));
  return open(declared, "TensorFlow Lite");
}

}  // namespace weft::engines
