#include "framework/graph/stage_text.h"

#include "framework/base/text.h"
#include "framework/graph/trial.h"
#include "framework/graph/updates.h"

#include <algorithm>
#include <set>

namespace weft::graph {
namespace {

void add_once(std::vector<std::string>& names, const std::string& name) {
  if (std::find(names.begin(), names.end(), name) == names.end()) names.push_back(name);
}

/// The part of the graph that a node belongs to, or the node where it stands alone: "F.coarse", "D_image".
std::string part_of(const std::string& path) {
  const size_t dot = path.rfind('.');
  return dot == std::string::npos ? path : path.substr(0, dot);
}

bool runs(const Plan& plan, int node) {
  return std::any_of(plan.steps.begin(), plan.steps.end(), [&](const Step& step) {
    return step.node == node || plan.graph.nodes[static_cast<size_t>(step.node)].shares == node;
  });
}

std::string clip_text(const Plan& plan) {
  const std::optional<int64_t> length = clip_length(plan);
  return length ? text("clips of ", count_text(*length, "frame")) : "clips as long as the data";
}

std::string update_line(const Plan& plan, const Update& update) {
  std::vector<std::string> learning, idle;
  for (const int node : update.nodes) {
    const std::string& path = plan.graph.nodes[static_cast<size_t>(node)].path;
    runs(plan, node) ? add_once(learning, part_of(path)) : idle.push_back(path);
  }
  std::vector<std::string> losses;
  for (const LossTerm& loss : update.losses) {
    if (loss.weight != 0) losses.push_back(text(number_text(loss.weight), " ", loss.text));
  }
  return text("  ", update.name, " learns ", learning.empty() ? "nothing" : join(learning),
              losses.empty() ? "" : text(" from ", join(losses, " + ")),
              idle.empty() ? "" : text("; never runs: ", join(idle)));
}

std::string weights_line(const Plan& plan) {
  std::vector<std::string> wanted;
  for (const Step& step : plan.steps) {
    const FlatNode& node = plan.graph.nodes[static_cast<size_t>(step.node)];
    const WeightSource* source = node.spec->is_trainable && node.shares < 0 ? weights_of(plan.graph, node) : nullptr;
    if (source) add_once(wanted, text(source->path, " = ", source->file));
  }
  return text("  weights: ", join(wanted));
}

}  // namespace

std::optional<int64_t> clip_length(const Plan& plan) {
  std::optional<int64_t> longest;
  for (const Step& step : plan.steps) {
    const FlatNode& node = plan.graph.nodes[static_cast<size_t>(step.node)];
    const auto frames = known_length(node);
    if (frames && !step.is_still) longest = std::max(longest.value_or(0), *frames);
  }
  if (const auto most = plan.graph.run.frames) longest = std::min(longest.value_or(*most), *most);
  return longest;
}

std::vector<std::string> stage_lines(const Stage& stage) {
  const Plan& plan = stage.plan;
  const RunSettings& run = plan.graph.run;
  std::vector<std::string> lines = {text(stage.name.empty() ? "training" : text("stage \"", stage.name, '"'), ": ",
                                         count_text(stage.epochs, "epoch"), ", ", clip_text(plan), ", chunks of ",
                                         run.chunk ? count_text(*run.chunk, "frame") : "all of them",
                                         run.batch > 1 ? text(", ", run.batch, " clips at once") : "")};
  for (const Update& update : plan.graph.updates) lines.push_back(update_line(plan, update));
  lines.push_back(weights_line(plan));
  for (const auto& [to, from] : stage.carry)
    lines.push_back(text("  ", to, " begins as ", from, " of the stage before"));
  if (stage.has_new_optimiser) lines.push_back("  optimisers are reset");
  return lines;
}

}  // namespace weft::graph
