#pragma once

#include <ATen/core/Generator.h>
#include <ATen/core/Tensor.h>

#include <cstdint>
#include <string>
#include <vector>

namespace weft::nn {

/// How a tensor is made when a network starts from nothing.
///
/// Fans are what PyTorch computes from a weight's shape [a, b, k…]: fan in = b k…, fan out = a k….
struct Init {
  enum class Rule { Zeros, Ones, Normal, Uniform, UnitNormal, FanIn, XavierNormal, XavierUniform };

  Rule rule = Rule::Zeros;
  double mean = 0;    ///< of Normal
  double spread = 0;  ///< standard deviation of Normal; bound of Uniform, which is symmetric about 0; gain of Xavier

  static constexpr Init zeros() { return {}; }
  static constexpr Init ones() { return {Rule::Ones, 0, 0}; }
  static constexpr Init normal(double mean, double deviation) { return {Rule::Normal, mean, deviation}; }
  static constexpr Init uniform(double bound) { return {Rule::Uniform, 0, bound}; }
  /// Normal numbers, scaled to a vector of length 1.
  static constexpr Init unit_normal() { return {Rule::UnitNormal, 0, 1}; }
  /// Uniform in ±1/sqrt(fan in): PyTorch's default for the weights of convolutions and linear layers.
  static constexpr Init fan_in() { return {Rule::FanIn, 0, 1}; }
  /// Normal with the deviation gain sqrt(2 / (fan in + fan out)): SPADE and few-shot vid2vid, with gain 0.02.
  static constexpr Init xavier_normal(double gain = 1) { return {Rule::XavierNormal, 0, gain}; }
  /// Uniform in ±gain sqrt(6 / (fan in + fan out)): the default of Keras (PredNet, PoseWarp).
  static constexpr Init xavier_uniform(double gain = 1) { return {Rule::XavierUniform, 0, gain}; }

  /// The rule for a weight of this shape: what needs fans becomes Normal or Uniform.
  Init of(const std::vector<int64_t>& shape) const;
};

/// The memory layout of the maps and kernels of networks. In float: channel by channel, as in the original
/// programs, because the order of sums decides the last digits, and normalisation by the statistics of one frame
/// amplifies them. In smaller types: channels last, which is fastest. See
/// docs/decisions/0003-layout-follows-precision.md.
at::MemoryFormat layout_of(at::ScalarType type);

/// A tensor in the layout of `type` where it is a map or a kernel of four dimensions; others are contiguous.
at::Tensor laid_out(const at::Tensor& tensor, at::ScalarType type);

class Module;

/// A named tensor of a module. Its shape is fixed at construction; its values are set when weights are loaded.
class Parameter {
 public:
  enum class Role {
    Learnt,    ///< changed by optimisers
    Statistic  ///< a buffer: running statistics, spectral vectors, counters
  };

  Parameter(Module& owner, std::string name, std::vector<int64_t> shape, Init init, Role role = Role::Learnt,
            at::ScalarType type = at::kFloat);
  Parameter(const Parameter&) = delete;
  Parameter& operator=(const Parameter&) = delete;

  const at::Tensor& operator*() const { return tensor_; }
  const at::Tensor* operator->() const { return &tensor_; }
  bool is_set() const { return tensor_.defined(); }

  const std::string& name() const { return name_; }
  const std::vector<int64_t>& shape() const { return shape_; }
  int64_t count() const;  ///< of numbers
  Role role() const { return role_; }
  at::ScalarType type() const { return type_; }  ///< in weight files
  const Init& init() const { return init_; }

  /// Sets the value.
  /// @throws Error  when `tensor` has a different shape
  void set(at::Tensor tensor);
  /// Sets the value that `init` describes.
  void initialise(at::Generator generator);

 private:
  std::string name_;
  std::vector<int64_t> shape_;
  Init init_;
  Role role_;
  at::ScalarType type_;
  at::Tensor tensor_;
};

/// A tree of named tensors, on core ATen alone.
///
/// A member is registered by its constructor, so that none can be forgotten:
///
///   struct Head : nn::Module {
///     nn::Conv2d conv{*this, "conv", {.in = 32, .out = 3, .kernel = 7}};
///   };
///
/// A key consists of the names of the modules around a tensor and its own name, joined by dots; a module without a name
/// adds nothing. Published weights keep their published keys. Memory is allocated when weights are loaded.
class Module {
 public:
  Module() = default;
  Module(Module& parent, std::string name);
  virtual ~Module() = default;
  Module(const Module&) = delete;
  Module& operator=(const Module&) = delete;

  struct Entry {
    std::string key;
    Parameter* parameter;
  };
  /// All tensors of this module and its members, in the order of construction.
  std::vector<Entry> tensors();

  /// Moves all tensors to `device`; learnt tensors are converted to `type` and its memory layout.
  void to(at::Device device, at::ScalarType type);

  /// Gives every tensor the value of its Init.
  void initialise(at::Generator generator);

  /// Whether this run is part of training, in which running statistics and spectral vectors are updated. Set before each
  /// run of a node, for this module and its members.
  bool is_training() const { return is_training_; }
  void train(bool is_training);

 private:
  friend class Parameter;
  struct Item {
    Parameter* parameter = nullptr;
    Module* child = nullptr;
  };
  void collect(const std::string& prefix, std::vector<Entry>& entries);

  std::string name_;
  bool is_training_ = false;
  std::vector<Item> items_;
};

}  // namespace weft::nn
