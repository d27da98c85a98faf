#include "framework/graph/planner.h"

#include "framework/graph/plan_reads.h"
#include "framework/graph/reads.h"

#include <algorithm>
#include <functional>
#include <map>
#include <numeric>

namespace weft::graph {
namespace {

/// Whether a frame of an alternative can never be there, whatever runs.
bool is_missing(const Alternative& alternative) {
  const auto is_missing_at = [&](int64_t index) {
    return std::all_of(alternative.oldest.atoms.begin(), alternative.oldest.atoms.end(), [&](const Atom& oldest) {
      const Atom atom = alternative.atom_of(oldest, index);
      return atom.before <= std::max<int64_t>(atom.delay, 0);  // it would be of a time before 0
    });
  };
  return is_missing_at(0) || is_missing_at(alternative.frames - 1);
}

class Planner {
 public:
  Planner(const GoalGraph& graph, const Typing& typing, const std::vector<int>& goals)
      : graph_(graph), typing_(typing), goals_(goals.begin(), goals.end()) {}

  /// Steps of all nodes that goals lead to, but for those in `left_out`; reads still hold codes of outputs.
  void collect(const std::set<int>& left_out) {
    steps_.clear();
    position_.assign(graph_.nodes.size(), -1);
    std::vector<int> open;
    const auto add = [&](int node) {
      if (left_out.contains(node) || position_[static_cast<size_t>(node)] >= 0) return;
      position_[static_cast<size_t>(node)] = 0;
      open.push_back(node);
    };
    for (const int goal : goals_) add(goal);
    std::set<int> needed;
    while (!open.empty()) {
      const int node = open.back();
      open.pop_back();
      needed.insert(node);
      Step step = step_of(node, left_out);
      for_each_atom(step, [&](const Atom& atom, const Alternative&) { add(node_of_code(atom.slot)); });
    }
    for (const int node : needed) {
      position_[static_cast<size_t>(node)] = static_cast<int>(steps_.size());
      steps_.push_back(step_of(node, left_out));
    }
  }

  void arrange(Plan& plan) {
    find_leads();
    sort_steps();
    make_slots(plan);
    make_releases(plan);
    plan.pause = longest_pause(plan);
    plan.steps = std::move(steps_);
  }

 private:
  Step step_of(int node, const std::set<int>& left_out) const {
    const FlatNode& flat = graph_.nodes[static_cast<size_t>(node)];
    Step step;
    step.node = node;
    step.is_goal = goals_.contains(node);
    step.only_watches = flat.role == NodeRole::Watched;
    bool all_still = true, has_inputs = false;
    for (size_t port = 0; port < flat.inputs.size(); ++port) {
      StepInput input;
      input.arity = flat.spec->inputs[port].arity;
      const bool needs_all = typing_.needs_all[static_cast<size_t>(node)][port] != 0;
      for (size_t at = 0; at < flat.inputs[port].sources.size(); ++at) {
        const FlatExpression& source = flat.inputs[port].sources[at];
        Read read = read_of(source, left_out);
        read.type = typing_.inputs[static_cast<size_t>(node)][port][at];
        read.is_needed = needs_all && read.type.dims;
        if (!read.alternatives.empty()) {
          has_inputs = true;
          all_still = all_still && is_still(source);
        }
        // An input of a graph that is left unwired has no size, and is no value of a variadic input.
        const bool is_unwired = read.alternatives.empty() && !read.type.dims;
        if (is_unwired && input.arity == PortSpec::Arity::Many) continue;
        input.reads.push_back(std::move(read));
      }
      step.inputs.push_back(std::move(input));
    }
    const auto& outputs = typing_.outputs[static_cast<size_t>(node)];
    step.is_still = flat.spec->is_sink ? all_still && has_inputs : !outputs.empty() && outputs.front().is_still;
    return step;
  }

  /// Without what can never be there.
  Read read_of(const FlatExpression& source, const std::set<int>& left_out) const {
    Read read = graph::read_of(graph_, source);
    for (Alternative& alternative : read.alternatives) {
      std::erase_if(alternative.oldest.atoms, [&](const Atom& atom) {
        const bool is_never = atom.before <= std::max<int64_t>(atom.delay, 0);  // nor is it in a later frame
        return is_never || (atom.slot != Atom::kZeros && left_out.contains(node_of_code(atom.slot)));
      });
    }
    std::erase_if(read.alternatives, is_missing);
    return read;
  }

  bool is_still(const FlatExpression& source) const {
    return std::all_of(source.terms.begin(), source.terms.end(), [&](const FlatTerm& term) {
      if (term.before) return false;
      if (term.source == FlatTerm::Source::Output)
        return typing_.outputs[static_cast<size_t>(term.index)][static_cast<size_t>(term.output)].is_still;
      return term.source == FlatTerm::Source::Stream && typing_.streams[static_cast<size_t>(term.index)].is_still;
    });
  }

  int step_index(const Atom& atom) const { return position_[static_cast<size_t>(node_of_code(atom.slot))]; }

  /// How many ticks lie between the making of a frame and its reading.
  int64_t lag(const Step& reader, const Atom& atom) const {
    return atom.delay + steps_[static_cast<size_t>(step_index(atom))].lead - reader.lead;
  }

  /// A frame that is read ahead of time must be made in an earlier tick: its maker leads. Cycles have positive
  /// delays, so this comes to rest.
  void find_leads() {
    for (bool has_changed = true; has_changed;) {
      has_changed = false;
      for (Step& step : steps_) {
        for_each_atom(step, [&](const Atom& atom, const Alternative&) {
          Step& producer = steps_[static_cast<size_t>(step_index(atom))];
          if (producer.is_still || producer.lead >= step.lead - atom.delay) return;
          producer.lead = step.lead - atom.delay;
          has_changed = true;
        });
      }
    }
  }

  /// Steps in the order of the file, each after those it needs in the same tick.
  void sort_steps() {
    std::vector<int> order;
    std::vector<char> state(steps_.size(), 0);
    const std::function<void(int)> visit = [&](int index) {
      if (state[static_cast<size_t>(index)] != 0) return;
      state[static_cast<size_t>(index)] = 1;
      Step& step = steps_[static_cast<size_t>(index)];
      for_each_atom(step, [&](const Atom& atom, const Alternative&) {
        const int producer = step_index(atom);
        if (steps_[static_cast<size_t>(producer)].is_still || lag(step, atom) == 0) visit(producer);
      });
      order.push_back(index);
    };
    for (size_t i = 0; i < steps_.size(); ++i) visit(static_cast<int>(i));
    std::vector<Step> sorted;
    for (const int index : order) {
      position_[static_cast<size_t>(steps_[static_cast<size_t>(index)].node)] = static_cast<int>(sorted.size());
      sorted.push_back(std::move(steps_[static_cast<size_t>(index)]));
    }
    steps_ = std::move(sorted);
  }

  void make_slots(Plan& plan) {
    std::map<int, int> number;  // code of an output -> slot
    for (Step& step : steps_) {
      for_each_atom(step, [&](const Atom& atom, const Alternative&) { number.emplace(atom.slot, 0); });
    }
    for (size_t index = 0; index < steps_.size(); ++index) {
      Step& step = steps_[index];
      plan.lead = std::max(plan.lead, step.lead);
      const auto& types = typing_.outputs[static_cast<size_t>(step.node)];
      for (size_t output = 0; output < types.size(); ++output) {
        const auto found = number.find(code_of(step.node, static_cast<int>(output)));
        step.slots.push_back(found == number.end() ? -1 : static_cast<int>(plan.slots.size()));
        if (found == number.end()) continue;
        found->second = static_cast<int>(plan.slots.size());
        plan.slots.push_back({static_cast<int>(index), static_cast<int>(output), 1, typing_.bytes_of(types[output])});
      }
    }
    size_slots(plan, number);
    for (Step& step : steps_) {
      for_each_alternative(step, [&](Alternative& alternative) {
        for (Atom& atom : alternative.oldest.atoms) {
          if (atom.slot != Atom::kZeros) atom.slot = number.at(atom.slot);
        }
      });
    }
  }

  /// How many frames each slot keeps, and how late goals may get their first.
  void size_slots(Plan& plan, const std::map<int, int>& number) {
    for (Step& step : steps_) {
      int64_t longest = 0;
      for_each_atom(step, [&](const Atom& atom, const Alternative&) {
        const bool from_still = steps_[static_cast<size_t>(step_index(atom))].is_still;
        Slot& slot = plan.slots[static_cast<size_t>(number.at(atom.slot))];
        if (!from_still) slot.length = std::max(slot.length, lag(step, atom) + 1);
        plan.reach = std::max({plan.reach, atom.delay, slot.length - 1});
        longest = std::max(longest, atom.delay);
      });
      plan.latency += longest;
    }
    for (const Slot& slot : plan.slots) plan.kept += slot.length;
  }

  /// How many ticks may pass between two at which a goal can run, by rule 13. What is thinned twice along a path rests for
  /// the product; what reads several thinned values, until they meet.
  int64_t longest_pause(const Plan& plan) const {
    constexpr int64_t kLongest = 100'000;
    std::vector<int64_t> gaps(steps_.size(), 0);  // 0: not known yet
    const std::function<int64_t(size_t)> gap_of = [&](size_t at) {
      if (gaps[at] > 0) return gaps[at];
      gaps[at] = 1;  // of what comes back to itself
      int64_t gap = 1;
      for_each_atom(steps_[at], [&](const Atom& atom, const Alternative&) {
        const int producer = plan.slots[static_cast<size_t>(atom.slot)].step;
        gap = std::min(std::lcm(gap, gap_of(static_cast<size_t>(producer))), kLongest);
      });
      const FlatNode& node = graph_.nodes[static_cast<size_t>(steps_[at].node)];
      gap = std::min(gap * std::min(node.every, kLongest), kLongest);
      return gaps[at] = std::min(std::lcm(gap, std::min(node.multiple, kLongest)), kLongest);
    };
    int64_t longest = 1;
    for (size_t at = 0; at < steps_.size(); ++at) {
      if (steps_[at].is_goal) longest = std::max(longest, gap_of(at));
    }
    return longest - 1;
  }

  /// A value goes after the last step that reads it at its greatest age.
  void make_releases(Plan& plan) {
    std::vector<int> last_reader(plan.slots.size(), -1);
    for (size_t index = 0; index < steps_.size(); ++index) {
      Step& step = steps_[index];
      for_each_atom(step, [&](const Atom& atom, const Alternative&) {
        const Slot& slot = plan.slots[static_cast<size_t>(atom.slot)];
        const int64_t age = atom.delay + steps_[static_cast<size_t>(slot.step)].lead - step.lead;
        if (age == slot.length - 1) last_reader[static_cast<size_t>(atom.slot)] = static_cast<int>(index);
      });
    }
    for (size_t slot = 0; slot < plan.slots.size(); ++slot) {
      const bool is_still = steps_[static_cast<size_t>(plan.slots[slot].step)].is_still;
      if (is_still || last_reader[slot] < 0) continue;
      steps_[static_cast<size_t>(last_reader[slot])].releases.push_back(
          {static_cast<int>(slot), plan.slots[slot].length - 1});
    }
  }

  const GoalGraph& graph_;
  const Typing& typing_;
  std::set<int> goals_;
  std::vector<Step> steps_;
  std::vector<int> position_;  ///< of each node among the steps, or -1
};

}  // namespace

void arrange(Plan& plan, const std::vector<int>& goals, const std::set<int>& left_out) {
  plan.steps.clear();
  plan.slots.clear();
  plan.lead = plan.reach = plan.kept = plan.latency = plan.pause = 0;
  Planner planner(plan.graph, plan.typing, goals);
  planner.collect(left_out);
  planner.arrange(plan);
}

}  // namespace weft::graph
