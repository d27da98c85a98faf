#pragma once

#include "framework/base/log.h"
#include "framework/node/node.h"
#include "framework/plugin/plugins.h"

#include <map>
#include <memory>
#include <string>

namespace weft::testing {

/// One node with hand-made inputs, for tests:
///
///   NodeRunner warp("flow.warp");
///   at::Tensor moved = warp.input("image", image).input("flow", flow).run().tensor("warped");
///
/// Plugins come from where weft finds them (or from `plugins` in the constructor).
class NodeRunner {
 public:
  explicit NodeRunner(const std::string& type, const plugin::Plugins& plugins = built_plugins(),
                      at::Device device = at::kCPU, uint64_t seed = 1);

  /// Sets a parameter; before the first run.
  NodeRunner& set(const std::string& param, ParamValue value);
  /// Gives a value to an input, for all runs until it is given another. A variadic input takes one more each time; an
  /// empty Value stands for one that is wired but not present.
  NodeRunner& input(const std::string& port, Value value);
  NodeRunner& clear_inputs();

  /// Runs the node once; the next run is the next frame.
  /// @throws Error  when a parameter or an input is not what the spec says, or the node fails
  NodeRunner& run();

  /// Whether the last run gave values: false when a source is at its end.
  bool has_values() const { return has_values_; }
  const Value& value(const std::string& output) const;
  const at::Tensor& tensor(const std::string& output) const { return value(output).tensor(); }

  /// A trainable node's layers, made from the inputs given so far.
  nn::Module& module();
  /// What stands for the letters of the ports, from the inputs given so far.
  const Shapes& shapes();
  Node& node();
  /// The node as a source or a writer, which it must be.
  Source& source() { return *node().as_source(); }
  Sink& sink() { return *node().as_sink(); }
  Context& context() { return context_; }
  const NodeSpec& spec() const { return spec_; }

  /// The plugins of the folder in WEFT_PLUGINS_UNDER_TEST, else those of plugin::default_folders().
  static const plugin::Plugins& built_plugins();

 private:
  void make();
  void build();

  const plugin::Plugins& plugins_;
  const NodeSpec& spec_;
  ParamValues params_;
  std::map<std::string, std::vector<Value>> inputs_;
  std::unique_ptr<Node> node_;
  Shapes shapes_;
  bool is_built_ = false;
  bool has_values_ = false;
  std::vector<Value> outputs_;
  Log log_{Log::Level::Quiet};
  Context context_;
};

}  // namespace weft::testing
