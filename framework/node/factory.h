#pragma once

#include "framework/node/node.h"

#include <memory>
#include <string>

namespace weft {

/// The known node types, and a function that creates nodes of these types.
class NodeFactory : public NodeCatalogue {
 public:
  /// @throws Error  when there is no such type
  virtual std::unique_ptr<Node> make(const std::string& type) const = 0;
};

}  // namespace weft
