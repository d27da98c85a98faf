#include "framework/run/nearest_graph.h"

#include "framework/base/error.h"
#include "framework/base/text.h"
#include "framework/graph/check.h"
#include "framework/run/nodes.h"
#include "framework/run/weights.h"

#include <algorithm>
#include <filesystem>
#include <optional>

namespace weft::run {
namespace {

namespace fs = std::filesystem;

/// More graphs than a folder of variants has are not tried.
constexpr size_t kMostGraphs = 20;

std::vector<std::string> graphs_beside(const std::string& graph_file) {
  std::vector<std::string> files;
  std::error_code fault;
  const fs::path folder = fs::path(graph_file).parent_path();
  for (const auto& entry : fs::directory_iterator(folder.empty() ? "." : folder, fault)) {
    if (entry.path().extension() == ".toml") files.push_back(entry.path().lexically_normal().string());
  }
  std::sort(files.begin(), files.end());
  if (files.size() > kMostGraphs) files.resize(kMostGraphs);
  return files;
}

/// How many tensors of the file do not fit the network of this path in a graph; nothing where the graph has none, or is faulty.
std::optional<size_t> misfits_in(const std::string& graph_file, const graph::WeightSource& source,
                                 const NodeFactory& factory) {
  graph::CheckOptions options;
  options.with_stages = options.with_variants = false;
  graph::Diagnostics diagnostics;
  graph::Checked checked = graph::check(graph_file, options, factory, diagnostics);
  if (diagnostics.has_errors() || !checked.run) return {};
  const Nodes nodes(*checked.run, factory);
  for (const WeightGroup& group : group_weights(*checked.run, nodes.all())) {
    if (group.source->path != source.path) continue;
    WeightGroup of_file = group;
    graph::WeightSource own = *group.source;
    own.file = source.file;
    own.prefix = source.prefix;
    of_file.source = &own;
    return count_misfits(of_file);
  }
  return {};
}

}  // namespace

std::string nearest_graph(const std::string& graph_file, const WeightGroup& group, const NodeFactory& factory) {
  const graph::WeightSource& source = *group.source;
  size_t least = 0;
  try {
    least = count_misfits(group);
  } catch (const Error&) {
    return {};
  }
  std::string nearest;
  for (const std::string& file : graphs_beside(graph_file)) {
    try {
      const std::optional<size_t> misfits = misfits_in(file, source, factory);
      if (!misfits || *misfits >= least) continue;
      least = *misfits;
      nearest = file;
    } catch (const Error&) {
      // A graph that cannot be made is no way out, and this message is about another one.
    }
  }
  if (nearest.empty()) return {};
  if (least == 0) return text("the file fits \"", source.path, "\" of ", nearest);
  return text("nearest is \"", source.path, "\" of ", nearest, ", where ",
              count_text(static_cast<int64_t>(least), "tensor"), least == 1 ? " does not fit" : " do not fit");
}

}  // namespace weft::run
