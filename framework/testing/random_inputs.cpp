#include "framework/testing/random_inputs.h"

#include "framework/base/error.h"
#include "framework/base/seed.h"
#include "framework/base/text.h"

#include <ATen/CPUGeneratorImpl.h>
#include <ATen/TensorOperators.h>
#include <ATen/ops/empty.h>
#include <ATen/ops/rand.h>
#include <ATen/ops/randint.h>
#include <ATen/ops/stack.h>

#include <algorithm>
#include <numeric>

namespace weft::testing {
namespace {

constexpr int64_t kIds = 8;        // of labels and instances
constexpr int64_t kMostItems = 5;  // of a sample of a record, less one

/// How many dimensions one frame of this kind has.
size_t usual_rank(const Kind& kind) {
  const std::string_view shape = info(kind).shape;
  return shape.empty() || shape == "[]" ? 0 : static_cast<size_t>(std::count(shape.begin(), shape.end(), ',')) + 1;
}

bool is_map(const PortSpec& port) {
  return port.kind != Kind::Keypoints && port.shape.dims.size() >= 4;
}

bool is_window(const PortSpec& port) {
  return port.kind != Kind::Any && !port.shape.any_rank && port.shape.dims.size() == usual_rank(port.kind) + 1;
}

/// What a letter stands for where a port declares it at `index`.
int64_t size_of_letter(const PortSpec& port, size_t index, const TrialSizes& sizes) {
  const std::string& letter = port.shape.dims[index].name;
  if (letter == "B" || index == 0) return sizes.batch;
  if (letter == "H" || (is_map(port) && index + 2 == port.shape.dims.size())) return sizes.height;
  if (letter == "W" || (is_map(port) && index + 1 == port.shape.dims.size())) return sizes.width;
  if (is_window(port) && index == 1) return sizes.frames;
  return port.kind == Kind::Image ? 3 : sizes.channels;
}

int64_t integer_param(const NodeSpec& spec, const ParamValues& params, const std::string& name, int64_t otherwise) {
  const auto given = params.find(name);
  const ParamSpec* param = spec.find_param(name);
  const ParamValue* value = given != params.end()           ? &given->second
                            : param && param->default_value ? &*param->default_value
                                                            : nullptr;
  return value && std::holds_alternative<int64_t>(*value) ? std::get<int64_t>(*value) : otherwise;
}

/// The letters as the node itself sets them, where it does: an input may be declared by what its parameters say.
std::map<std::string, int64_t> letters_of(const NodeSpec& spec, const ParamValues& params, const TrialSizes& sizes) {
  std::map<std::string, int64_t> letters = letter_sizes(spec, sizes);
  if (!spec.shape) return letters;
  Shapes shapes;
  for (const auto& [letter, size] : letters) shapes.set(letter, Dim(size));
  try {
    spec.shape(params, shapes);
  } catch (const Error&) {
    return letters;  // the trial reports what the node refuses
  }
  for (auto& [letter, size] : letters) {
    const Dim set = *shapes.find(letter);
    if (set.is_known() && set.denominator() == 1) size = set.value();
  }
  return letters;
}

/// Makes values for ports, one after the other from one generator.
class Maker {
 public:
  Maker(const NodeSpec& spec, const ParamValues& params, const TrialSizes& sizes, uint64_t seed)
      : spec_(spec),
        params_(params),
        sizes_(sizes),
        letters_(letters_of(spec, params, sizes)),
        generator_(at::make_generator<at::CPUGeneratorImpl>(seed)) {}

  Value value(const PortSpec& port) {
    if (port.kind.record()) return record(port.kind.record());
    std::vector<int64_t> dims = dims_of(port);
    if (!is_window(port)) return tensor(port.kind, dims);
    const int64_t frames = dims[1];
    dims.erase(dims.begin() + 1);
    std::vector<at::Tensor> window;
    for (int64_t i = 0; i < frames; ++i) window.push_back(tensor(port.kind, dims));
    return Value(std::move(window));
  }

 private:
  std::vector<int64_t> dims_of(const PortSpec& port) {
    if (port.kind == Kind::Scalar) return {};
    if (port.shape.any_rank) return {sizes_.batch, sizes_.channels, sizes_.height, sizes_.width};
    std::vector<int64_t> dims;
    for (const DimSpec& dim : port.shape.dims) {
      switch (dim.form) {
        case DimSpec::Form::Number:
          dims.push_back(dim.number);
          break;
        case DimSpec::Form::Letter:
          dims.push_back(letters_.at(dim.name) * dim.multiplier / dim.divisor);
          break;
        case DimSpec::Form::Parameter:
          dims.push_back(integer_param(spec_, params_, dim.name, sizes_.channels));
          break;
        case DimSpec::Form::Any:
          dims.push_back(sizes_.channels + static_cast<int64_t>(stars_++ % 2));  // such sizes need not agree
          break;
      }
    }
    return dims;
  }

  at::Tensor between(double low, double high, at::IntArrayRef dims) {
    return at::rand(dims, generator_) * (high - low) + low;
  }

  at::Tensor tensor(const Kind& kind, const std::vector<int64_t>& dims) {
    switch (kind) {
      case Kind::Labels:
      case Kind::Instances:
        return at::randint(kIds, dims, generator_, at::kLong);
      case Kind::Semantics: {
        const at::Tensor weights = between(0.01, 1, dims);
        return weights / weights.sum(1, /*keepdim=*/true);
      }
      case Kind::Edges:
        return (between(0, 1, dims) > 0.7).to(at::kFloat);
      case Kind::Mask:
      case Kind::ForegroundMask:
        return between(0, 1, dims);
      case Kind::Depth:
        return between(1, 50, dims);
      case Kind::Flow:
        return between(-3, 3, dims);
      case Kind::Keypoints:
        return keypoints(dims);
      default:
        return between(-1, 1, dims);
    }
  }

  at::Tensor keypoints(const std::vector<int64_t>& dims) {
    const at::Tensor points = between(0, 1, dims);
    points.select(-1, 0).mul_(static_cast<double>(sizes_.width));
    points.select(-1, 1).mul_(static_cast<double>(sizes_.height));
    return points;
  }

  /// Lists have two items, and letters one size in the whole record; each sample has some items, not all of them as many.
  Value record(const std::shared_ptr<const RecordSpec>& spec) {
    std::map<std::string, int64_t> sizes = {{"B", sizes_.batch}, {"H", sizes_.height}, {"W", sizes_.width}};
    Record::Counts counts;
    for (const std::string& letter : spec->varying_letters()) {
      for (int64_t sample = 0; sample < sizes_.batch; ++sample)
        counts[letter].push_back(at::randint(1, kMostItems, {}, generator_, at::kLong).item<int64_t>());
      sizes[letter] = std::accumulate(counts[letter].begin(), counts[letter].end(), int64_t{0});
    }
    Record::Tensors tensors;
    for (const PortSpec& field : spec->fields) {
      if (field.arity == PortSpec::Arity::Optional && !sizes_.wires_optional) continue;
      for (const std::string& path : paths_of(field.name)) tensors[path] = tensor(field.kind, dims_of(field, sizes));
    }
    return Record(spec, std::move(tensors), std::move(counts));
  }

  /// The paths of a field: "real/*/score" is "real/0/score" and "real/1/score".
  static std::vector<std::string> paths_of(const std::string& path) {
    const size_t star = path.find('*');
    if (star == std::string::npos) return {path};
    std::vector<std::string> paths;
    for (const char* index : {"0", "1"}) {
      for (std::string& one : paths_of(path.substr(0, star) + index + path.substr(star + 1)))
        paths.push_back(std::move(one));
    }
    return paths;
  }

  std::vector<int64_t> dims_of(const PortSpec& field, std::map<std::string, int64_t>& sizes) const {
    if (field.shape.any_rank) return {sizes_.batch, sizes_.channels, sizes_.height, sizes_.width};
    std::vector<int64_t> dims;
    for (const DimSpec& dim : field.shape.dims) {
      const int64_t size = dim.form == DimSpec::Form::Number ? dim.number
                           : dim.form == DimSpec::Form::Letter
                               ? sizes.try_emplace(dim.name, sizes_.channels).first->second
                               : sizes_.channels;
      dims.push_back(size * dim.multiplier / dim.divisor);
    }
    return dims;
  }

  const NodeSpec& spec_;
  const ParamValues& params_;
  const TrialSizes& sizes_;
  std::map<std::string, int64_t> letters_;
  at::Generator generator_;
  int stars_ = 0;
};

}  // namespace

std::map<std::string, int64_t> letter_sizes(const NodeSpec& spec, const TrialSizes& sizes) {
  std::map<std::string, int64_t> letters, divisors;
  for (const bool images_alone : {true, false}) {  // which know best how many channels they have
    for (const PortSpec& port : spec.inputs) {
      for (size_t i = 0; i < port.shape.dims.size(); ++i) {
        const DimSpec& dim = port.shape.dims[i];
        if (dim.form == DimSpec::Form::Letter && (port.kind == Kind::Image || !images_alone))
          letters.try_emplace(dim.name, size_of_letter(port, i, sizes));
      }
    }
  }
  for (const auto& ports : {spec.inputs, spec.outputs}) {
    for (const PortSpec& port : ports) {
      for (const DimSpec& dim : port.shape.dims) {
        if (dim.form != DimSpec::Form::Letter) continue;
        int64_t& divisor = divisors.try_emplace(dim.name, 1).first->second;
        divisor = std::lcm(divisor, dim.divisor / std::gcd(dim.divisor, dim.multiplier));
      }
    }
  }
  for (auto& [letter, size] : letters) {
    const int64_t divisor = divisors.at(letter);
    size = std::max<int64_t>(1, size / divisor) * divisor;
  }
  return letters;
}

InputValues random_inputs(const NodeSpec& spec, const ParamValues& params, const TrialSizes& sizes, uint64_t seed) {
  Maker maker(spec, params, sizes, seed);
  InputValues inputs;
  for (const PortSpec& port : spec.inputs) {
    if (port.arity == PortSpec::Arity::Optional && !sizes.wires_optional) continue;
    const int values = port.arity == PortSpec::Arity::Many ? 2 : 1;
    for (int i = 0; i < values; ++i) inputs[port.name].push_back(maker.value(port));
  }
  return inputs;
}

std::vector<at::Tensor> tensors_in(const Value& value) {
  if (value.is_one_hot()) return {value.tensor()};
  std::vector<at::Tensor> tensors;
  value.visit([&](const std::string&, const at::Tensor& tensor) { tensors.push_back(tensor); });
  return tensors;
}

std::vector<at::Tensor> tensors_of(const NodeSpec& spec, const InputValues& inputs) {
  std::vector<at::Tensor> tensors;
  for (const PortSpec& port : spec.inputs) {
    const auto values = inputs.find(port.name);
    if (values == inputs.end()) continue;
    for (const Value& value : values->second) {
      for (const at::Tensor& tensor : tensors_in(value)) tensors.push_back(tensor);
    }
  }
  return tensors;
}

InputValues with_tensors(const NodeSpec& spec, const InputValues& inputs, const std::vector<at::Tensor>& tensors) {
  InputValues changed;
  size_t next = 0;
  for (const PortSpec& port : spec.inputs) {
    const auto values = inputs.find(port.name);
    if (values == inputs.end()) continue;
    for (const Value& value : values->second)
      changed[port.name].push_back(value.map([&](const at::Tensor&) { return tensors[next++]; }));
  }
  return changed;
}

std::string why_no_inputs(const NodeSpec& spec) {
  for (const PortSpec& port : spec.inputs) {
    if (port.kind == Kind::Text && port.arity != PortSpec::Arity::Optional)
      return text("its input `", port.name, "` is a text, which cannot be generated at random");
  }
  return {};
}

}  // namespace weft::testing
