#include "framework/run/nodes.h"

#include "framework/base/error.h"
#include "framework/run/node_failure.h"

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

}  // namespace

std::unique_ptr<Node> Nodes::make(const NodeFactory& factory, const NodeSpec& spec, size_t rows) {
  if (rows == 1 || !spec.is_sink || spec.takes_batch) return factory.make(spec.type);
  std::vector<std::unique_ptr<Node>> of_rows;
  for (size_t row = 0; row < rows; ++row) of_rows.push_back(factory.make(spec.type));
  auto sinks = std::make_unique<RowSinks>(std::move(of_rows));
  row_sinks_.push_back(sinks.get());
  return sinks;
}

Nodes::Nodes(const graph::Plan& plan, const NodeFactory& factory, size_t rows)
    : symbols_(plan.typing.symbols), shapes_(plan.typing.shapes) {
  const std::vector<bool> runs = nodes_that_run(plan);
  nodes_.assign(plan.graph.nodes.size(), nullptr);
  for (size_t index = 0; index < nodes_.size(); ++index) {
    const graph::FlatNode& node = plan.graph.nodes[index];
    // Networks that do not run are made too, so that their part of a weight file is known.
    const bool is_elsewhere = !node.is_of_plugin() || node.spec->is_source;
    if (is_elsewhere || node.shares >= 0 || (!runs[index] && !node.spec->is_trainable)) continue;
    auto made = make(factory, *node.spec, rows);
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

}  // namespace weft::run
