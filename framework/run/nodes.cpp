#include "framework/run/nodes.h"

#include "framework/base/error.h"
#include "framework/graph/timeline.h"
#include "framework/run/node_failure.h"
#include "framework/run/paired_source.h"
#include "framework/run/row_nodes.h"

namespace weft::run {
namespace {

/// By node: whether a step runs it or shares its network.
std::vector<bool> nodes_that_run(const graph::Plan& plan) {
  std::vector<bool> runs(plan.graph.nodes.size());
  for (const graph::Step& step : plan.steps) {
    runs[static_cast<size_t>(step.node)] = true;
    const int shared = plan.graph.nodes[static_cast<size_t>(step.node)].shares;
    if (shared >= 0) runs[static_cast<size_t>(shared)] = true;
  }
  return runs;
}

std::unique_ptr<Node> make_source(const NodeFactory& factory, const NodeSpec& spec) {
  return std::make_unique<PairedSource>(factory.make(spec.type), spec.outputs);
}

std::unique_ptr<Node> make_node(const NodeFactory& factory, const NodeSpec& spec, size_t rows) {
  const auto make_one = [&] { return spec.is_source ? make_source(factory, spec) : factory.make(spec.type); };
  if (rows == 1 || !spec.has_rows()) return make_one();
  std::vector<std::unique_ptr<Node>> of_rows;
  for (size_t row = 0; row < rows; ++row) of_rows.push_back(make_one());
  return std::make_unique<RowNodes>(std::move(of_rows));
}

}  // namespace

Nodes::Nodes(const graph::Plan& plan, const NodeFactory& factory, size_t rows)
    : symbols_(plan.typing.symbols), shapes_(plan.typing.shapes) {
  const std::vector<bool> runs = nodes_that_run(plan);
  nodes_.assign(plan.graph.nodes.size(), nullptr);
  for (size_t index = 0; index < nodes_.size(); ++index) {
    const graph::FlatNode& node = plan.graph.nodes[index];
    // Networks that do not run are made too, so that their part of a weight file is known.
    const bool is_own = !node.is_of_plugin();
    if (is_own || node.shares >= 0 || (!runs[index] && !node.spec->is_trainable)) continue;
    auto made = make_node(factory, *node.spec, rows);
    try {
      made->configure(node.params);
      shapes_[index].symbols = &symbols_;
      made->build(shapes_[index]);
    } catch (const std::exception&) {
      const Error failure = making_failure(std::current_exception(), node);
      if (runs[index] || failure.exit() == Exit::Memory) throw Error(failure);
      continue;
    }
    nodes_[index] = made.get();
    owned_.push_back(std::move(made));
  }
  for (size_t index = 0; index < nodes_.size(); ++index) {
    const int shared = plan.graph.nodes[index].shares;
    if (shared >= 0) nodes_[index] = nodes_[static_cast<size_t>(shared)];
  }
}

std::vector<std::unique_ptr<Node>> Nodes::make_sources(const graph::Plan& plan, const NodeFactory& factory) {
  std::vector<std::unique_ptr<Node>> sources(plan.graph.nodes.size());
  for (const graph::Step& step : plan.steps) {
    const graph::FlatNode& node = plan.graph.nodes[static_cast<size_t>(step.node)];
    if (!node.spec->is_source || !node.is_of_plugin()) continue;
    auto& source = sources[static_cast<size_t>(step.node)];
    source = make_source(factory, *node.spec);
    source->configure(node.params);
  }
  return sources;
}

std::vector<int64_t> lengths_of_sources(const graph::Plan& plan, const std::vector<Node*>& nodes) {
  std::vector<int64_t> lengths;
  for (const graph::Step& step : plan.steps) {
    Node* node = nodes[static_cast<size_t>(step.node)];
    const bool is_source = node && plan.graph.nodes[static_cast<size_t>(step.node)].spec->is_source;
    lengths.push_back(is_source ? node->frames().value_or(graph::Timeline::kUnknownLength)
                                : graph::Timeline::kUnknownLength);
  }
  return lengths;
}

}  // namespace weft::run
