#pragma once

#include "framework/spec/dim.h"
#include "framework/spec/param.h"
#include "framework/spec/port.h"

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace weft {

/// The sizes at a node's ports while a graph is checked. A node whose outputs do not follow from letters alone sets
/// further letters here; see NodeSpec::shape.
class Shapes {
 public:
  /// The size of a letter or an integer parameter; nothing when it is not bound.
  std::optional<Dim> find(const std::string& name) const;
  /// The size of a letter; a new unknown size when the letter is not bound.
  Dim operator[](char letter) const;
  /// The size of a letter or parameter that layers depend on.
  /// @throws Error  when it is not known before the run
  int64_t known(const std::string& name) const;
  void set(char letter, Dim dim) { letters_[std::string(1, letter)] = dim; }
  void set(const std::string& name, Dim dim) { letters_[name] = dim; }

  /// The shapes of the values at an input, one for each value of a variadic input; empty when it is not wired.
  const std::vector<Dims>& input(const std::string& port) const;
  void add_input(const std::string& port, Dims dims) { inputs_[port].push_back(std::move(dims)); }

  /// The sum of one dimension over all values at an input; nothing when one of them is not known.
  std::optional<Dim> sum(const std::string& port, size_t dimension) const;

  const std::map<std::string, Dim>& letters() const { return letters_; }
  /// The source of new unknown sizes; set by the check.
  Symbols* symbols = nullptr;

 private:
  std::map<std::string, Dim> letters_;
  std::map<std::string, std::vector<Dims>> inputs_;
};

/// The description of a node type, from its own declarations (weft/node.h). It is known without creating a node.
struct NodeSpec {
  std::string type;    ///< `family.name`
  std::string plugin;  ///< the plugin that registers it
  std::string about;
  std::vector<ParamSpec> params;
  std::vector<PortSpec> inputs;
  std::vector<PortSpec> outputs;

  bool is_source = false;  ///< has no inputs; reads or generates values until its data ends
  bool is_sink = false;    ///< has no outputs; a writer
  bool is_still = false;   ///< its outputs are static: one value for a whole sequence
  bool has_state = false;  ///< keeps state from frame to frame
  bool is_random = false;
  bool is_trainable = false;  ///< has tensors that are loaded from [weights]
  bool on_host = false;       ///< runs on the CPU, whatever the device of the run
  bool takes_batch = false;   ///< of sinks: one node gets all sequences of a batch together
  bool stops_gradients = false;
  std::map<std::string, std::string> passes;  ///< output -> the input that passes through when the node is bypassed

  /// Sets the letters of the outputs that do not follow from the inputs.
  std::function<void(const ParamValues& params, Shapes& shapes)> shape;
  /// The number of frames of the source, if it follows from the parameters alone.
  std::function<std::optional<int64_t>(const ParamValues& params)> frame_count;

  const PortSpec* find_input(std::string_view name) const;
  const PortSpec* find_output(std::string_view name) const;
  const ParamSpec* find_param(std::string_view name) const;
  std::vector<std::string> input_names() const;
  std::vector<std::string> output_names() const;
  std::vector<std::string> param_names() const;
};

/// The known node types, and the reasons why plugins were refused.
class NodeCatalogue {
 public:
  virtual ~NodeCatalogue() = default;

  /// The spec of `family.name`, or nothing.
  virtual const NodeSpec* find(const std::string& type) const = 0;
  virtual std::vector<std::string> types() const = 0;
  /// Why the plugin of this family could not be loaded; empty if there is no such plugin.
  virtual std::string refusal(const std::string& family) const = 0;
  /// Whether a plugin could not be loaded, so that types may be missing; known after types().
  virtual bool has_refused() const { return false; }
};

}  // namespace weft
