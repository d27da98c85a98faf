#include "framework/weights/shape_text.h"
#include "plugins/model/code.h"
#include <weft/node.h>

#include <ATen/TensorOperators.h>
#include <ATen/ops/cat.h>
#include <ATen/ops/tensor.h>
#include <ATen/ops/zeros.h>

#include <algorithm>
#include <array>
#include <optional>

namespace weft::model {
namespace {

using engines::Declared;
using engines::Engine;
using engines::fits;
using engines::kFree;
using engines::Port;
using engines::port_text;
using engines::read_port;

constexpr size_t kMostOutputs = 4;
constexpr size_t kMapDimensions = 4;

enum class Layout { Nchw, Nhwc };

/// What all nodes of model files share; they differ in what opens the file.
template <auto Opener>
struct ModelNode {
  static constexpr bool on_host = true;
  static constexpr bool stops_gradients = true;

  Path path;
  std::vector<std::string> inputs, outputs;
  Layout layout = Layout::Nchw;
  std::vector<double> mean, deviation;

  void params(Params& p) {
    p("path", path, "the model file").required();
    p("inputs", inputs,
      "the inputs of the file in the order of `in`, each as \"image float32[B,3,256,512]\": B is the batch, * any size")
        .required();
    p("outputs", outputs, "the outputs of the file, one to four, likewise; they are the ports out, out2, out3, out4")
        .required();
    p("layout", layout, "order of the dimensions in the file; nhwc has the channels last, as TensorFlow does",
      {{"nchw", Layout::Nchw}, {"nhwc", Layout::Nhwc}});
    p("mean", mean,
      "for each channel, or one for all: subtracted from float inputs; for [0, 1] from an image in [-1, 1]: mean -1, "
      "deviation 2");
    p("deviation", deviation, "for each channel, or one for all: float inputs are divided by it");
  }

  void shape(Shapes& shapes) const {
    const std::vector<Port> ports = declared(outputs);
    check_number(ports);
    declared(inputs);
    constexpr std::array<std::array<char, 3>, kMostOutputs> kLetters = {
        {{'C', 'H', 'W'}, {'D', 'E', 'F'}, {'G', 'I', 'J'}, {'K', 'L', 'M'}}};
    for (size_t i = 0; i < ports.size(); ++i) {
      const std::vector<int64_t> sizes = map_sizes(ports[i]);
      for (size_t d = 0; d < 3; ++d) {
        if (sizes[d + 1] != kFree) shapes.set(kLetters[i][d], sizes[d + 1]);
      }
    }
    for (size_t i = ports.size(); i < kMostOutputs; ++i) {
      for (const char letter : kLetters[i]) shapes.set(letter, 0);
    }
  }

  std::tuple<Out<"out", "feature[B,C,H,W]">, Out<"out2", "feature[B,D,E,F]">, Out<"out3", "feature[B,G,I,J]">,
             Out<"out4", "feature[B,K,L,M]">>
  run(Many<"in", "feature[B,*,*,*]"> in, Context& context) {
    if (!engine_) open();
    if (in.size() != declared_.inputs.size()) {
      throw Error(Exit::Graph, text(context.node(), ": ", in.size(), " values come to `in`, but the model has ",
                                    declared_.inputs.size(), " inputs"));
    }
    std::vector<at::Tensor> given;
    for (size_t i = 0; i < in.size(); ++i) given.push_back(prepared(in[i], declared_.inputs[i], context));
    const std::vector<at::Tensor> results = run_batch(given);
    std::array<at::Tensor, kMostOutputs> maps;
    for (size_t i = 0; i < kMostOutputs; ++i) {
      maps[i] = i < results.size() ? map_of(results[i], declared_.outputs[i]) : at::zeros({in[0].size(0), 0, 0, 0});
    }
    return {maps[0], maps[1], maps[2], maps[3]};
  }

 private:
  static std::vector<Port> declared(const std::vector<std::string>& texts) {
    std::vector<Port> ports;
    for (const std::string& declaration : texts) ports.push_back(read_port(declaration));
    return ports;
  }

  static void check_number(const std::vector<Port>& ports) {
    if (ports.empty() || ports.size() > kMostOutputs) {
      throw Error(Exit::Graph, text("`outputs` has ", ports.size(), " entries; a model node has one to ", kMostOutputs))
          .hint("export a model with only the outputs that the graph needs");
    }
    for (const Port& port : ports) {
      if (port.sizes.size() > kMapDimensions)
        throw Error(Exit::Graph, text("the output \"", port_text(port), "\" has more than four dimensions"));
    }
  }

  void open() {
    declared_ = {path, declared(inputs), declared(outputs)};
    if (std::find(deviation.begin(), deviation.end(), 0.0) != deviation.end())
      throw Error(Exit::Graph, "`deviation` must not be zero");
    engine_ = Opener(declared_);
  }

  /// The sizes of an output as a map [B, C, H, W]: dimensions that the file lacks are 1, at the end.
  std::vector<int64_t> map_sizes(const Port& port) const {
    std::vector<int64_t> sizes = port.sizes;
    if (layout == Layout::Nhwc && sizes.size() == kMapDimensions) sizes = {sizes[0], sizes[3], sizes[1], sizes[2]};
    sizes.resize(kMapDimensions, 1);
    return sizes;
  }

  /// A value in the layout, scale, type and number of dimensions of an input of the file.
  at::Tensor prepared(const at::Tensor& value, const Port& port, const Context& context) const {
    at::Tensor out = value.detach().to(at::kCPU);
    if (at::isFloatingType(port.type)) {
      out = out.to(at::kFloat);
      if (!mean.empty()) out = out - per_channel(mean, out, "mean", context);
      if (!deviation.empty()) out = out / per_channel(deviation, out, "deviation", context);
    }
    if (layout == Layout::Nhwc && port.sizes.size() == kMapDimensions) out = out.permute({0, 2, 3, 1});
    while (out.dim() > static_cast<int64_t>(port.sizes.size()) && out.dim() > 1 && out.size(-1) == 1)
      out = out.squeeze(-1);
    // A file of one sample is run for each sample of the batch.
    std::vector<int64_t> sizes = out.sizes().vec();
    if (engine_->batch() == 1) sizes[0] = 1;
    if (!fits(port, sizes)) {
      throw Error(Exit::Graph, text(context.node(), ": the model wants \"", port_text(port), "\", but got ",
                                    weights::shape_text(out)))
          .hint("image.resize brings images to the size of a model");
    }
    return out.to(port.type).contiguous();
  }

  static at::Tensor per_channel(const std::vector<double>& values, const at::Tensor& like, const char* name,
                                const Context& context) {
    const auto count = static_cast<int64_t>(values.size());
    if (count != 1 && count != like.size(1)) {
      throw Error(Exit::Graph, text(context.node(), ": `", name, "` has ", count, " numbers, but the input has ",
                                    like.size(1), " channels"));
    }
    return at::tensor(at::ArrayRef<double>(values), like.options()).view({1, count, 1, 1});
  }

  std::vector<at::Tensor> run_batch(const std::vector<at::Tensor>& given) {
    const int64_t samples = given.front().size(0);
    if (engine_->batch() != 1 || samples == 1) return engine_->run(given);
    std::vector<std::vector<at::Tensor>> of_output(declared_.outputs.size());
    for (int64_t b = 0; b < samples; ++b) {
      std::vector<at::Tensor> sample;
      for (const at::Tensor& tensor : given) sample.push_back(tensor.narrow(0, b, 1));
      const std::vector<at::Tensor> results = engine_->run(sample);
      for (size_t i = 0; i < results.size(); ++i) of_output[i].push_back(results[i]);
    }
    std::vector<at::Tensor> whole;
    for (const std::vector<at::Tensor>& parts : of_output) whole.push_back(at::cat(parts));
    return whole;
  }

  at::Tensor map_of(const at::Tensor& result, const Port& port) const {
    std::vector<int64_t> sizes = result.sizes().vec();
    if (!sizes.empty() && engine_->batch() == 1) sizes[0] = 1;
    if (!fits(port, sizes) || result.scalar_type() != port.type) {
      throw Error(Exit::Data,
                  text(path, ": the graph declares the output \"", port_text(port), "\", but the model gave ",
                       weights::shape_text(result), " of type ", c10::toString(result.scalar_type())));
    }
    at::Tensor map = result.to(at::kFloat);
    if (layout == Layout::Nhwc && map.dim() == kMapDimensions) map = map.permute({0, 3, 1, 2});
    while (map.dim() < static_cast<int64_t>(kMapDimensions)) map = map.unsqueeze(-1);
    return map.contiguous();
  }

  Declared declared_;
  std::unique_ptr<Engine> engine_;
};

struct Onnx : ModelNode<engines::open_onnx> {
  static constexpr auto about =
      "ONNX model: any network as a node, run by OpenVINO on the CPU. Its ports are declared in the graph and compared "
      "with the file, and with every value";
};
struct TfLite : ModelNode<engines::open_tflite> {
  static constexpr auto about =
      "TensorFlow Lite model: any network as a node, run by OpenVINO on the CPU. Its ports are declared in the graph "
      "and "
      "compared with the file, and with every value; layout = \"nhwc\" is usual";
};
struct Pt2 : ModelNode<open_pt2> {
  static constexpr auto about =
      "AOTInductor package (.pt2): any PyTorch network as a node, compiled for the CPU. The file holds machine code: "
      "it "
      "runs only with --trust";
};
struct TorchScript : ModelNode<open_torchscript> {
  static constexpr auto about =
      "TorchScript model: any PyTorch network as a node; deprecated, as TorchScript itself is: model.pt2 and "
      "model.onnx "
      "take its place. The file holds code: it runs only with --trust";
};

}  // namespace

void add_nodes(Registry& registry) {
  registry.add<Onnx>("model.onnx");
  registry.add<TfLite>("model.tflite");
  registry.add<Pt2>("model.pt2");
  registry.add<TorchScript>("model.torchscript");
}

}  // namespace weft::model
