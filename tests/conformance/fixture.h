#pragma once

#include <ATen/core/Tensor.h>
#include <nlohmann/json.hpp>

#include <map>
#include <string>
#include <vector>

namespace weft::conformance {

/// Named tensors, such as the outputs of a network.
using Tensors = std::map<std::string, at::Tensor>;

/// One conformance file: what the original was asked (the metadata) and what it answered (the tensors).
///
/// Parameters and inputs are not stored: the rule of weights/fill.h makes them from their names. Where a tensor called
/// param.KEY is stored, it replaces the parameter of this key.
class Fixture {
 public:
  /// @throws Error  when the file is no fixture
  explicit Fixture(const std::string& file);

  const std::string& file() const { return file_; }
  /// The file's name without folder and ending.
  const std::string& name() const { return name_; }
  const std::string& module() const { return module_; }
  /// Everything in the metadata: config, inputs, derived, params, call, notes, outputs.
  const nlohmann::json& description() const { return description_; }
  const nlohmann::json& config() const { return description_.at("config"); }

  /// An input by the rule, in the shape that the metadata lists.
  at::Tensor input(const std::string& name) const;
  /// The parameters of the only net, or of the net called `net`, by the rule, with config's `param_scale_after_fill`.
  Tensors params(const std::string& net = "") const;
  /// Of parameters in one table: those whose keys begin with `prefix`, by the rest of their keys.
  enum class FillNames {
    Whole,  ///< the rule takes the key with the prefix
    Rest    ///< the rule takes the key without it
  };
  Tensors params_below(const std::string& prefix, FillNames names = FillNames::Whole) const;

  /// The names of the stored outputs, in the file's order.
  const std::vector<std::string>& output_names() const { return output_names_; }
  /// A stored output as it lies in the file: whole, or every n-th value (flat_stride).
  const at::Tensor& stored(const std::string& output) const;
  bool has(const std::string& stored) const { return tensors_.contains(stored); }
  /// The values of `computed` that the file stores for `output`, flat, as the file picks them.
  /// @throws Error  when `computed` has another shape than the original's output
  at::Tensor picked(const std::string& output, const at::Tensor& computed) const;

 private:
  at::Tensor param(const std::string& key, const std::string& fill_name, const std::vector<int64_t>& shape) const;

  std::string file_;
  std::string name_;
  std::string module_;
  nlohmann::json description_;
  std::vector<std::string> output_names_;
  Tensors tensors_;
};

/// A low-resolution input made eight times larger, each value a block.
at::Tensor enlarge8(const at::Tensor& low);

}  // namespace weft::conformance
