#include "framework/train/time_left.h"

#include "framework/base/text.h"
#include "framework/graph/stage_text.h"

#include <algorithm>
#include <cmath>

namespace weft::train {
namespace {

/// The parameters by which sources take the length of a clip.
bool is_length(const std::string& param) {
  return param == "length" || param == "frames";
}

std::string sources_text(const graph::Plan& plan) {
  std::string sources;
  for (const graph::Step& step : plan.steps) {
    const graph::FlatNode& node = plan.graph.node(step.node);
    if (!node.spec->is_source) continue;
    sources += node.path + ':';
    for (const auto& [name, value] : node.all_params()) {
      if (!is_length(name)) sources += text(' ', name, '=', toml_text(value));
    }
    sources += '\n';
  }
  return sources;
}

}  // namespace

EpochSize epoch_size(const graph::Stage& stage) {
  const auto frames = static_cast<double>(graph::clip_length(stage.plan).value_or(0));
  const auto of_chunk = static_cast<double>(stage.plan.graph.run.chunk.value_or(0));
  return {frames, of_chunk > 0 ? std::max(1.0, std::floor(frames / of_chunk)) : 1, sources_text(stage.plan)};
}

std::optional<int64_t> chunks_left(const std::vector<graph::Stage>& stages, const std::vector<EpochSize>& sizes,
                                   const EpochsLeft& left, const EpochSteps& steps) {
  if (steps.last == 0) return {};
  auto epochs = static_cast<double>(left.epochs);
  for (size_t later = left.stage + 1; later < stages.size(); ++later) {
    if (!sizes[later].has_clips_of(sizes[left.stage])) return {};
    epochs += static_cast<double>(stages[later].epochs) * (sizes[later].length_of(sizes[left.stage]) - 1);
  }
  return std::max<int64_t>(std::llround(epochs * static_cast<double>(steps.last)) - steps.current, 0);
}

int64_t steps_of_next(const EpochSize& last, const EpochSize& next, int64_t steps) {
  return next.has_clips_of(last) ? std::llround(static_cast<double>(steps) * next.chunks / last.chunks) : 0;
}

}  // namespace weft::train
