#pragma once

#include "framework/node/node.h"

#include <memory>
#include <string>

namespace weft {

/// The node types that are known, and how to make nodes of them.
class NodeFactory : public NodeCatalogue {
 public:
  /// @throws Error  when there is no such type
  virtual std::unique_ptr<Node> make(const std::string& type) const = 0;
};

}  // namespace weft
