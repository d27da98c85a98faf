#include "framework/graph/flat_graph.h"

#include "framework/base/text.h"

#include <algorithm>

namespace weft::graph {
namespace {

template <typename Items>
int index_of(const Items& items, std::string_view path) {
  const auto found = std::find_if(items.begin(), items.end(), [&](const auto& item) { return item.path == path; });
  return found == items.end() ? -1 : static_cast<int>(found - items.begin());
}

}  // namespace

int FlatGraph::find_node(std::string_view path) const {
  return index_of(nodes, path);
}

int FlatGraph::find_stream(std::string_view path) const {
  return index_of(streams, path);
}

std::string FlatGraph::output_name(int node, int output) const {
  const FlatNode& of = nodes[static_cast<size_t>(node)];
  if (of.spec->outputs.size() == 1) return of.path;
  return text(of.path, '.', of.spec->outputs[static_cast<size_t>(output)].name);
}

int64_t FlatGraph::run_integer(const std::string& key, int64_t otherwise) const {
  const auto found = run.find(key);
  return found == run.end() ? otherwise : std::get<int64_t>(found->second);
}

}  // namespace weft::graph
