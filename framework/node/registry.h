#pragma once

#include "framework/node/wrap.h"

#include <functional>
#include <map>
#include <memory>
#include <string>

namespace weft {

/// The node types of the loaded plugins, and functions that create nodes of these types.
class Registry {
 public:
  using Maker = std::unique_ptr<Node> (*)();

  /// Adds the struct `T` as the node type `family.name`. See weft/node.h for what `T` has.
  /// @throws Error  when the name is taken or not of that form, or a declaration is faulty
  template <typename T>
  void add(const std::string& type) {
    add(describe_node<T>(type), []() -> std::unique_ptr<Node> { return std::make_unique<WrappedNode<T>>(); });
  }
  void add(NodeSpec spec, Maker maker);

  const NodeSpec* find(const std::string& type) const;
  std::vector<std::string> types() const;
  /// @throws Error  when there is no such type
  std::unique_ptr<Node> make(const std::string& type) const;

  /// Sets the plugin of the types that are added from now on.
  void set_plugin(std::string name) { plugin_ = std::move(name); }
  /// Removes all types of a plugin whose registration failed.
  void remove_plugin(const std::string& name);

 private:
  struct Type {
    NodeSpec spec;
    Maker maker;
  };
  std::string plugin_;
  std::map<std::string, Type> types_;
};

}  // namespace weft
