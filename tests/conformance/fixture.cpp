#include "tests/conformance/fixture.h"

#include "framework/base/error.h"
#include "framework/base/text.h"
#include "framework/weights/fill.h"
#include "framework/weights/shape_text.h"
#include "framework/weights/weight_file.h"
#include "tests/conformance/fill.h"

#include <ATen/ops/upsample_nearest2d.h>

#include <filesystem>

namespace weft::conformance {
namespace {

using nlohmann::json;
using Shape = std::vector<int64_t>;

json parse(const std::string& file, const std::map<std::string, std::string>& metadata) {
  const auto found = metadata.find("fixture");
  if (found == metadata.end()) {
    throw Error(Exit::Data, Place{file}, "is no fixture: its metadata has no \"fixture\"");
  }
  try {
    return json::parse(found->second);
  } catch (const json::exception& error) {
    throw Error(Exit::Data, Place{file}, text("its description is no JSON: ", error.what()));
  }
}

/// The entry of `table`, which is part of the description; the message names the fixture.
const json& entry(const Fixture& fixture, const char* table, const std::string& name) {
  const json& description = fixture.description();
  if (description.contains(table) && description[table].contains(name)) return description[table][name];
  throw Error(Exit::Data, Place{fixture.file()}, text("its description has no \"", name, "\" among its ", table));
}

/// What was kept of an output.
struct Kept {
  Shape full_shape;
  int64_t step = 1;  ///< every step-th number of the flat output
};

/// Files say it under `outputs` or, in some folders, `sampled`; an output that neither names is kept whole.
Kept kept(const Fixture& fixture, const std::string& output) {
  const json& description = fixture.description();
  for (const auto& [table, shape, step] :
       {std::tuple{"outputs", "full_shape", "flat_stride"}, std::tuple{"sampled", "shape", "step"}}) {
    if (!description.contains(table) || !description[table].contains(output)) continue;
    const json& row = description[table][output];
    return {row.at(shape).get<Shape>(), row.at(step).get<int64_t>()};
  }
  return {fixture.stored(output).sizes().vec(), 1};
}

/// The product of the factors whose patterns fit the parameter.
double scale_of(const Fixture& fixture, const std::string& parameter) {
  const json factors = fixture.config().value("param_scale_after_fill", json::object());
  double scale = 1;
  for (const auto& [pattern, factor] : factors.items()) {
    if (matches(parameter, pattern)) scale *= factor.get<double>();
  }
  return scale;
}

}  // namespace

Fixture::Fixture(const std::string& file) : file_(file), name_(std::filesystem::path(file).stem().string()) {
  weights::WeightFile weights = weights::read_weights(file);
  description_ = parse(file, weights.metadata);
  module_ = description_.value("module", "");
  // Some folders' files hold what the original was given as well.
  const bool lists_outputs = description_.contains("outputs");
  for (auto& [name, tensor] : weights.tensors) {
    const bool is_given = name.starts_with("in.") || name.starts_with("param.");
    if (lists_outputs ? description_["outputs"].contains(name) : !is_given) output_names_.push_back(name);
    tensors_.emplace(name, std::move(tensor));
  }
}

at::Tensor Fixture::input(const std::string& name) const {
  return weights::fill_input(name, entry(*this, "inputs", name).get<Shape>());
}

Tensors Fixture::params(const std::string& net) const {
  const json& all = description_.at("params");
  const bool has_nets = !all.empty() && all.begin()->is_object();
  if (has_nets && net.empty() && all.size() != 1) {
    throw Error(Exit::Data, Place{file_}, "has parameters of several nets, so that one must be named");
  }
  const std::string name = has_nets && net.empty() ? all.begin().key() : net;
  Tensors params;
  for (const auto& [key, shape] : (name.empty() ? all : entry(*this, "params", name)).items()) {
    at::Tensor value = param(key, key, shape.get<Shape>());
    const double scale = scale_of(*this, name.empty() ? key : text(name, '.', key));
    params.emplace(key, scale == 1 ? value : value.mul_(scale));
  }
  return params;
}

Tensors Fixture::params_below(const std::string& prefix, FillNames names) const {
  Tensors params;
  for (const auto& [key, shape] : description_.at("params").items()) {
    if (!key.starts_with(prefix)) continue;
    const std::string rest = key.substr(prefix.size());
    params.emplace(rest, param(key, names == FillNames::Whole ? key : rest, shape.get<Shape>()));
  }
  return params;
}

at::Tensor Fixture::param(const std::string& key, const std::string& fill_name, const Shape& shape) const {
  const auto replaced = tensors_.find("param." + key);
  return replaced == tensors_.end() ? weights::fill(fill_name, shape) : replaced->second.clone();
}

const at::Tensor& Fixture::stored(const std::string& output) const {
  const auto found = tensors_.find(output);
  if (found == tensors_.end()) throw Error(Exit::Data, Place{file_}, text("has no output \"", output, '"'));
  return found->second;
}

at::Tensor Fixture::picked(const std::string& output, const at::Tensor& computed) const {
  const auto [full_shape, step] = kept(*this, output);
  if (computed.sizes() != at::IntArrayRef(full_shape)) {
    throw Error(Exit::Data, text("\"", output, "\" should be ", weights::shape_text(full_shape), ", but is ",
                                 weights::shape_text(computed)));
  }
  return computed.flatten().slice(0, 0, std::nullopt, step);
}

void fill(nn::Module& module, const Tensors& params) {
  for (const auto& [key, parameter] : module.tensors()) {
    const auto found = params.find(key);
    if (found == params.end()) throw Error(Exit::Data, text("the file's parameters have no ", key));
    parameter->set(found->second);
  }
}

at::Tensor enlarge8(const at::Tensor& low) {
  // Planes of any rank: [..., h, w] -> [..., 8h, 8w].
  const at::Tensor planes = low.reshape({1, -1, low.size(-2), low.size(-1)});
  Shape shape = low.sizes().vec();
  for (size_t side = shape.size() - 2; side < shape.size(); ++side) shape[side] *= 8;
  return at::upsample_nearest2d(planes, {low.size(-2) * 8, low.size(-1) * 8}).reshape(shape);
}

}  // namespace weft::conformance
