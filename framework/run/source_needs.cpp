#include "framework/run/source_needs.h"

#include "framework/graph/plan_reads.h"

#include <algorithm>
#include <set>

namespace weft::run {
namespace {

using graph::Alternative;
using graph::Atom;
using graph::Plan;
using graph::Read;
using graph::Step;

/// Whether a step reads another frame of its source at each t.
bool is_moving_source(const Plan& plan, const Step& step) {
  const graph::FlatNode& node = plan.graph.nodes[static_cast<size_t>(step.node)];
  return node.is_of_plugin() && node.spec->is_source && !step.is_still;
}

using Sources = std::set<size_t>;  // their steps

/// Where a read's frames may come from once nothing is read `before` some t any more; none where they may be zeros.
std::vector<const Atom*> lasting_atoms(const Read& read) {
  std::vector<const Atom*> atoms;
  for (const Alternative& alternative : read.alternatives) {
    if (alternative.before != graph::kAlways) continue;
    for (const Atom& atom : alternative.oldest.atoms) {
      if (atom.before != graph::kAlways) continue;
      if (atom.slot == Atom::kZeros) return {};
      atoms.push_back(&atom);
    }
  }
  return atoms;
}

/// By step, the sources that it needs at every t from some t on: those of all its reads, and of a choice those that each
/// alternative needs.
class StepNeeds {
 public:
  explicit StepNeeds(const Plan& plan) : plan_(plan), needs_(plan.steps.size()) {
    // Steps read those before them, or themselves and later ones at earlier t.
    for (bool has_changed = true; has_changed;) {
      has_changed = false;
      for (size_t index = 0; index < plan.steps.size(); ++index) has_changed = has_more(index) || has_changed;
    }
  }

  const Sources& operator[](size_t step) const { return needs_[step]; }

 private:
  /// @returns whether a step needs more than was known
  bool has_more(size_t index) {
    const Step& step = plan_.steps[index];
    const size_t before = needs_[index].size();
    if (is_moving_source(plan_, step)) needs_[index].insert(index);
    for (const graph::StepInput& input : step.inputs) {
      for (const Read& read : input.reads) needs_[index].merge(needs_of(read));
    }
    return needs_[index].size() != before;
  }

  Sources needs_of(const Read& read) const {
    const std::vector<const Atom*> atoms = lasting_atoms(read);
    if (atoms.empty()) return {};
    Sources common = needs_at(*atoms.front());
    std::erase_if(common, [&](size_t source) {
      return std::any_of(atoms.begin(), atoms.end(),
                         [&](const Atom* atom) { return !needs_at(*atom).contains(source); });
    });
    return common;
  }

  const Sources& needs_at(const Atom& atom) const {
    return needs_[static_cast<size_t>(plan_.slots[static_cast<size_t>(atom.slot)].step)];
  }

  const Plan& plan_;
  std::vector<Sources> needs_;
};

/// By step, whether it is a source that a goal needs at every t from some t on.
std::vector<bool> sources_that_goals_need(const Plan& plan) {
  const StepNeeds needs(plan);
  std::vector<bool> is_needed(plan.steps.size());
  for (size_t index = 0; index < plan.steps.size(); ++index) {
    if (!plan.steps[index].is_goal) continue;
    for (const size_t source : needs[index]) is_needed[source] = true;
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
  const std::vector<bool> is_needed = sources_that_goals_need(plan);
  for (size_t index = 0; index < plan.steps.size(); ++index) {
    const Step& step = plan.steps[index];
    if (!is_moving_source(plan, step)) continue;
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
    return is_moving_source(plan, step) || (!step.is_still && node.role == graph::NodeRole::Pushed);
  };
  if (std::count_if(plan.steps.begin(), plan.steps.end(), moves) != 1) return 0;
  return std::min(reads_of(plan, source).first_frames, plan.graph.run.frames.value_or(graph::kAlways));
}

}  // namespace weft::run
