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

/// How networks lay out their maps and kernels in memory: channel by channel in float, as the originals do, since
/// the order of sums decides the last digits, and normalising by the statistics of one frame makes them grow; pixel
/// by pixel (channels last) in smaller types, which is fastest. See
/// docs/decisions/0003-layout-follows-precision.md.
at::MemoryFormat layout_of(at::ScalarType type);

/// A tensor in the layout of `type` where it is a map or a kernel of four dimensions; others are contiguous.
at::Tensor laid_out(const at::Tensor& tensor, at::ScalarType type);

class Module;

/// A named tensor of a module. It has a shape from the beginning, and values when weights come.
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

  /// Takes `tensor` as the value.
  /// @throws Error  when its shape is another
  void set(at::Tensor tensor);
  /// Makes the value that `init` describes.
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
/// Members register where they are made, so that none can be forgotten:
///
///   struct Head : nn::Module {
///     nn::Conv2d conv{*this, "conv", {.in = 32, .out = 3, .kernel = 7}};
///   };
///
/// A tensor's key is the names on the way to it, joined by dots; a module without a name adds nothing to it. Keys
/// are the published ones where there are published weights. Nothing is allocated until weights come.
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
  /// All tensors below, in the order in which they were made.
  std::vector<Entry> tensors();

  /// Moves all tensors to `device`; learnt ones become `type`, and are laid out as it wants.
  void to(at::Device device, at::ScalarType type);

  /// Gives every tensor the value of its Init.
  void initialise(at::Generator generator);

  /// Whether what runs now is part of training: then running statistics and spectral vectors follow. Set before each
  /// run of a node, for all modules below.
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
