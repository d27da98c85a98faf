#include "framework/train/clip_sources.h"

#include "framework/base/error.h"
#include "framework/base/text.h"
#include "framework/run/frame_pairs.h"
#include "framework/run/node_failure.h"

namespace weft::train {

std::optional<std::string> next_clip(const graph::Plan& plan, const std::vector<Node*>& nodes, int64_t before,
                                     int64_t skipped, const Context& context) {
  std::optional<std::string> name;
  const graph::FlatNode *longer = nullptr, *shorter = nullptr;
  const std::vector<run::SourceNeed> needs = run::source_needs(plan);
  std::vector<run::OpenSource> open_sources;
  for (const graph::Step& step : plan.steps) {
    const graph::FlatNode& node = plan.graph.nodes[static_cast<size_t>(step.node)];
    Node* source = nodes[static_cast<size_t>(step.node)];
    if (!node.spec->is_source || !source) continue;
    Context own = context;
    own.set_node(node.path);
    std::optional<std::string> next;
    try {
      bool has_more = true;
      for (int64_t i = 0; i < skipped && has_more; ++i) has_more = source->skip_sequence(own);
      if (has_more) next = source->next_sequence(own);
    } catch (...) {
      throw run::node_failure(std::current_exception(), node, 0, "");
    }
    // What is still needs no sequences of its own.
    if (!next && step.is_still && before + skipped > 0) continue;
    if (next && (!name || name->empty())) name = *next;
    (next ? longer : shorter) = &node;
    auto* opened = next ? dynamic_cast<run::PairedSource*>(source) : nullptr;
    if (opened) open_sources.push_back({&node, opened, needs[static_cast<size_t>(step.node)]});
  }
  if (longer && shorter) {
    throw Error(Exit::Data, shorter->place,
                text("node \"", shorter->path, "\" has ", count_text(before, "sequence"), ", but \"", longer->path,
                     "\" has more"));
  }
  run::pair_frames(open_sources, plan.graph.run, name.value_or(""), context.log());
  return name;
}

}  // namespace weft::train
