#include "framework/run/source_needs.h"

#include "framework/graph/plan_reads.h"

#include <algorithm>

namespace weft::run {
namespace {

using graph::Alternative;
using graph::Atom;
using graph::Plan;
using graph::Read;
using graph::Step;

/// Where a read's frames come from once nothing is read `before` some t any more; nullptr where there are several such places,
/// the first of which may end, or none.
const Atom* lasting_atom(const Read& read) {
  const Atom* lasting = nullptr;
  for (const Alternative& alternative : read.alternatives) {
    if (alternative.before != graph::kAlways) continue;
    for (const Atom& atom : alternative.oldest.atoms) {
      if (atom.before != graph::kAlways) continue;
      if (lasting || atom.slot == Atom::kZeros) return nullptr;
      lasting = &atom;
    }
  }
  return lasting;
}

/// By step, whether a goal needs it at every t from some t on. Steps read those before them, or themselves at earlier t.
std::vector<bool> steps_that_goals_need(const Plan& plan) {
  std::vector<bool> is_needed(plan.steps.size());
  for (bool has_changed = true; has_changed;) {
    has_changed = false;
    for (size_t index = plan.steps.size(); index-- > 0;) {
      const Step& step = plan.steps[index];
      if (!step.is_goal && !is_needed[index]) continue;
      is_needed[index] = true;
      for (const graph::StepInput& input : step.inputs) {
        for (const Read& read : input.reads) {
          const Atom* atom = lasting_atom(read);
          if (!atom) continue;
          const auto from = static_cast<size_t>(plan.slots[static_cast<size_t>(atom->slot)].step);
          has_changed = has_changed || !is_needed[from];
          is_needed[from] = true;
        }
      }
    }
  }
  return is_needed;
}

/// Which frames of a source are read.
struct Reads {
  int64_t first_frames = 0;  ///< of its beginning, `before` some t
  bool has_others = false;   ///< frames at any t
};

Reads reads_of(const Plan& plan, int source) {
  Reads reads;
  for (const Step& step : plan.steps) {
    graph::for_each_atom(step, [&](const Atom& atom, const Alternative& alternative) {
      if (plan.slots[static_cast<size_t>(atom.slot)].step != source) return;
      const int64_t before = std::min(atom.before, alternative.before);
      if (before == graph::kAlways) {
        reads.has_others = true;
      } else {
        reads.first_frames = std::max(reads.first_frames, before - atom.delay);
      }
    });
  }
  return reads;
}

}  // namespace

std::vector<SourceNeed> source_needs(const Plan& plan) {
  std::vector<SourceNeed> needs(plan.graph.nodes.size());
  const std::vector<bool> is_needed = steps_that_goals_need(plan);
  for (size_t index = 0; index < plan.steps.size(); ++index) {
    const Step& step = plan.steps[index];
    const graph::FlatNode& node = plan.graph.nodes[static_cast<size_t>(step.node)];
    if (!node.is_of_plugin() || !node.spec->is_source || step.is_still) continue;
    needs[static_cast<size_t>(step.node)] = {is_needed[index], reads_of(plan, static_cast<int>(index)).first_frames};
  }
  return needs;
}

int64_t last_needed(const Plan& plan, int source) {
  const Step& own = plan.steps[static_cast<size_t>(source)];
  if (own.is_still) return 0;
  if (own.is_goal) return graph::kAlways;
  const Reads reads = reads_of(plan, source);
  return reads.has_others ? graph::kAlways : reads.first_frames - 1;
}

int64_t least_frames(const Plan& plan, int source) {
  const auto moves = [&](const Step& step) {
    const graph::FlatNode& node = plan.graph.nodes[static_cast<size_t>(step.node)];
    return !step.is_still && (node.role == graph::NodeRole::Pushed || (node.is_of_plugin() && node.spec->is_source));
  };
  if (std::count_if(plan.steps.begin(), plan.steps.end(), moves) != 1) return 0;
  return std::min(reads_of(plan, source).first_frames, plan.graph.run.frames.value_or(graph::kAlways));
}

}  // namespace weft::run
