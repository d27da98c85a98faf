#pragma once

#include "framework/graph/flat_graph.h"

#include <functional>
#include <map>
#include <string>
#include <string_view>

namespace weft::graph {

/// Compares the sizes of values with what ports declare, and binds the letters of these declarations.
class PortSizes {
 public:
  using Letters = std::map<std::string, Dim>;
  using Report = std::function<void(std::string_view code, const Place& place, std::string message, std::string hint)>;

  /// A port with what is wired to it.
  struct Use {
    const PortSpec& port;
    std::string owner;  ///< for messages
    const FlatExpression& source;
    const FlatNode* node = nullptr;  ///< whose parameters the declaration names; nullptr for inputs of graph files
  };

  PortSizes(Symbols& symbols, Report report) : symbols_(symbols), report_(std::move(report)) {}

  /// Binds the letters of a port to sizes; reports what does not fit (E402 to E404), and gives false.
  bool bind(const Use& use, const Dims& dims, Letters& letters);
  /// The size that a declaration means; letters that nothing has bound yet become unknown sizes.
  Dim size_of(const DimSpec& spec, Letters& letters, const std::string& owner, const FlatNode* node);
  /// Reports a size of an output that is no whole number (E404), with the height or width that was divided for it.
  /// @param at    the dimension: of maps, [B, C, H, W], the last but one comes from H and the last from W
  void report_fraction(const FlatNode& node, const PortSpec& output, size_t at, const Dim& size,
                       const Letters& letters) const;

 private:
  bool bind_one(const Use& use, const Dims& dims, size_t index, Letters& letters);
  std::string wants(const Use& use, const Dims& dims, const std::string& because) const;

  Symbols& symbols_;
  Report report_;
};

}  // namespace weft::graph
