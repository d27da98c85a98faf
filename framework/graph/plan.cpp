#include "framework/graph/plan.h"

#include "framework/base/text.h"
#include "framework/graph/plan_reads.h"
#include "framework/graph/trial.h"

#include <algorithm>
#include <functional>
#include <map>
#include <set>

namespace weft::graph {
namespace {

int64_t shifted(int64_t before, int64_t by) {
  return before == kAlways ? kAlways : before + by;
}

/// Turns the expressions of a graph into reads of slots.
class Reader {
 public:
  explicit Reader(const FlatGraph& graph) : graph_(graph) {}

  Read read(const FlatExpression& expression) const {
    return {alternatives_of(expression, 0, kAlways), expression.text, {}};
  }

  /// A slot before slots are numbered: node and output in one number.
  static int code(int node, int output) { return node * 256 + output; }

 private:
  std::vector<Alternative> alternatives_of(const FlatExpression& expression, int64_t delay, int64_t before) const {
    std::vector<Alternative> alternatives;
    for (const FlatTerm& term : expression.terms) {
      const int64_t limit = std::min(before, term.before ? shifted(*term.before, delay) : kAlways);
      if (term.is_window) {
        alternatives.push_back(window_of(term, delay, limit));
        continue;
      }
      for (Alternative& one : alternatives_of(term, delay - term.first, limit)) alternatives.push_back(std::move(one));
    }
    return alternatives;
  }

  std::vector<Alternative> alternatives_of(const FlatTerm& term, int64_t delay, int64_t before) const {
    if (term.source == FlatTerm::Source::Stream) {
      return alternatives_of(graph_.streams[static_cast<size_t>(term.index)].definition, delay, before);
    }
    const int slot = term.source == FlatTerm::Source::Output ? code(term.index, term.output) : Atom::kZeros;
    if (term.source == FlatTerm::Source::Unknown) return {};
    Alternative alternative;
    alternative.before = before;
    alternative.oldest = {{{slot, delay, before}}};
    return {alternative};
  }

  Alternative window_of(const FlatTerm& term, int64_t delay, int64_t before) const {
    Alternative window;
    window.is_window = true;
    window.before = before;
    window.frames = (term.last - term.first) / term.step + 1;
    window.step = term.step;
    for (const Alternative& one : alternatives_of(term, delay - term.first, kAlways)) {
      window.oldest.atoms.insert(window.oldest.atoms.end(), one.oldest.atoms.begin(), one.oldest.atoms.end());
    }
    return window;
  }

  const FlatGraph& graph_;
};

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
  Planner(const FlatGraph& graph, const Typing& typing, const std::vector<int>& goals)
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
      for_each_atom(step, [&](const Atom& atom, const Alternative&) { add(atom.slot / 256); });
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
    plan.steps = std::move(steps_);
  }

 private:
  Step step_of(int node, const std::set<int>& left_out) const {
    const Reader reader(graph_);
    const FlatNode& flat = graph_.nodes[static_cast<size_t>(node)];
    Step step;
    step.node = node;
    step.is_goal = goals_.contains(node);
    step.only_watches = flat.spec->type == kWatchType;
    bool all_still = true, has_inputs = false;
    for (size_t port = 0; port < flat.inputs.size(); ++port) {
      StepInput input;
      input.arity = flat.spec->inputs[port].arity;
      for (size_t at = 0; at < flat.inputs[port].sources.size(); ++at) {
        const FlatExpression& source = flat.inputs[port].sources[at];
        Read read = reader.read(source);
        read.type = typing_.inputs[static_cast<size_t>(node)][port][at];
        for (Alternative& alternative : read.alternatives) {
          std::erase_if(alternative.oldest.atoms, [&](const Atom& atom) {
            const bool is_never = atom.before <= std::max<int64_t>(atom.delay, 0);  // nor is it in a later frame
            return is_never || (atom.slot != Atom::kZeros && left_out.contains(atom.slot / 256));
          });
        }
        std::erase_if(read.alternatives, is_missing);
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

  bool is_still(const FlatExpression& source) const {
    return std::all_of(source.terms.begin(), source.terms.end(), [&](const FlatTerm& term) {
      if (term.before) return false;
      if (term.source == FlatTerm::Source::Output)
        return typing_.outputs[static_cast<size_t>(term.index)][static_cast<size_t>(term.output)].is_still;
      return term.source == FlatTerm::Source::Stream && typing_.streams[static_cast<size_t>(term.index)].is_still;
    });
  }

  int step_index(const Atom& atom) const { return position_[static_cast<size_t>(atom.slot / 256)]; }

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
        const auto found = number.find(Reader::code(step.node, static_cast<int>(output)));
        step.slots.push_back(found == number.end() ? -1 : static_cast<int>(plan.slots.size()));
        if (found == number.end()) continue;
        found->second = static_cast<int>(plan.slots.size());
        plan.slots.push_back({static_cast<int>(index), static_cast<int>(output), 1, bytes_of(types[output])});
      }
    }
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
    for (Step& step : steps_) {
      for_each_alternative(step, [&](Alternative& alternative) {
        for (Atom& atom : alternative.oldest.atoms) {
          if (atom.slot != Atom::kZeros) atom.slot = number.at(atom.slot);
        }
      });
    }
    for (const Slot& slot : plan.slots) plan.kept += slot.length;
  }

  std::optional<int64_t> bytes_of(const ValueType& type) const {
    if (!type.dims || !type.kind || !is_tensor(*type.kind)) return {};
    const bool has_ids = *type.kind == Kind::Labels || *type.kind == Kind::Instances;
    int64_t bytes = has_ids ? 8 : 4;
    for (const Dim& dim : *type.dims) {
      const Dim size = typing_.symbols.resolve(dim);
      if (!size.is_known() || __builtin_mul_overflow(bytes, size.value(), &bytes)) return {};
    }
    return bytes;
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

  const FlatGraph& graph_;
  const Typing& typing_;
  std::set<int> goals_;
  std::vector<Step> steps_;
  std::vector<int> position_;  ///< of each node among the steps, or -1
};

/// Whether nothing that a read takes its frames from ever runs.
bool is_out_of_reach(const Plan& plan, const Read& read, const std::set<int>& never) {
  const auto never_comes = [&](const Atom& atom) {
    if (atom.slot == Atom::kZeros) return false;
    const Slot& slot = plan.slots[static_cast<size_t>(atom.slot)];
    return never.contains(plan.steps[static_cast<size_t>(slot.step)].node);
  };
  return std::all_of(read.alternatives.begin(), read.alternatives.end(), [&](const Alternative& alternative) {
    return std::all_of(alternative.oldest.atoms.begin(), alternative.oldest.atoms.end(), never_comes);
  });
}

/// Why a node that could never run could not; see NeverRuns.
std::string reason_for(const Plan& plan, const Forecast& reach, int64_t longest, size_t index,
                       const std::set<int>& never) {
  const Step& step = plan.steps[index];
  const FlatNode& node = plan.graph.nodes[static_cast<size_t>(step.node)];
  std::string reason;
  for (size_t port = 0; port < step.inputs.size(); ++port) {
    const StepInput& input = step.inputs[port];
    if (input.arity == PortSpec::Arity::Optional || reach.has_come[index][port]) continue;
    // Unwired, or downstream of a node that never runs: that node reports the cause.
    const bool has_cause_before = std::any_of(input.reads.begin(), input.reads.end(),
                                              [&](const Read& read) { return is_out_of_reach(plan, read, never); });
    if (input.reads.empty() || has_cause_before) return {};
    reason = text("its input `", node.spec->inputs[port].name, "` = \"", input.reads.front().text,
                  "\" is never complete in ", count_text(longest, "frame"));
  }
  return reason;
}

std::optional<int64_t> peak_bytes(const Plan& plan) {
  int64_t held = 0, peak = 0;
  for (const Slot& slot : plan.slots) {
    if (!slot.bytes) return {};
    held += (slot.length - 1) * *slot.bytes;
  }
  peak = held;
  for (const Step& step : plan.steps) {
    for (const int slot : step.slots) {
      if (slot >= 0) held += *plan.slots[static_cast<size_t>(slot)].bytes;
    }
    peak = std::max(peak, held);
    for (const Release& release : step.releases) held -= *plan.slots[static_cast<size_t>(release.slot)].bytes;
  }
  return peak;
}

std::string time_text(int64_t t, bool from_end) {
  if (!from_end) return text(t);
  return t == 0 ? "end" : text("end", t > 0 ? "+" : "", t);
}

}  // namespace

Atom Alternative::atom_of(const Atom& oldest_atom, int64_t index) const {
  Atom atom = oldest_atom;
  atom.delay -= index * step;
  atom.before = shifted(atom.before, -index * step);
  return atom;
}

FrameRead Alternative::frame(int64_t index) const {
  FrameRead frame;
  for (const Atom& atom : oldest.atoms) frame.atoms.push_back(atom_of(atom, index));
  return frame;
}

Plan make_plan(FlatGraph graph, Typing typing, const std::vector<int>& goals, Command command) {
  Plan plan;
  plan.graph = std::move(graph);
  plan.typing = std::move(typing);
  // Which times `every` leaves depends on where chunks begin, and that on what runs: first all of them.
  const bool counts_in_chunks =
      command == Command::Train && std::any_of(plan.graph.nodes.begin(), plan.graph.nodes.end(),
                                               [](const FlatNode& node) { return node.every > 1; });
  Pace pace;
  pace.keeps_every = counts_in_chunks;
  Forecast reach;
  const auto arrange = [&](const std::set<int>& left_out) {
    plan.steps.clear();
    plan.slots.clear();
    plan.lead = plan.reach = plan.kept = plan.latency = 0;
    Planner planner(plan.graph, plan.typing, goals);
    planner.collect(left_out);
    planner.arrange(plan);
    if (plan.kept <= kMostKept) reach = forecast_of(plan, counts_in_chunks ? Thinning::None : Thinning::AsGiven);
  };
  arrange({});
  if (plan.kept > kMostKept) return plan;
  for (const Step& step : plan.steps) plan.reachable.push_back(step.node);
  // Nodes whose inputs never come are left out, and with them the alternatives that would read them. Shorter
  // sources would bring less, so these nodes can be left out whatever the sources' lengths are.
  std::set<int> never;
  for (size_t i = 0; i < plan.steps.size(); ++i) {
    if (reach.is_whole && reach.first[i] == Forecast::kNever) never.insert(plan.steps[i].node);
  }
  Trial trial = try_out(plan, Assumption::LongerThanRun, pace, reach.first);
  for (size_t i = 0; i < plan.steps.size(); ++i) {
    if (never.contains(plan.steps[i].node))
      plan.never.push_back({plan.steps[i].node, reason_for(plan, reach, trial.longest, i, never)});
  }
  if (!never.empty()) {
    arrange(never);
    trial = try_out(plan, Assumption::LongerThanRun, pace, reach.first);
  }
  plan.first_synthesised =
      command == Command::Train ? first_learning(plan, trial, reach) : first_synthesis(plan, trial, reach);
  if (counts_in_chunks) {
    const int64_t chunk = plan.graph.run_integer("chunk", kLongestTrial);
    pace = {false, std::min(chunk, kLongestTrial), std::min(plan.first_synthesised, kLongestTrial)};
  }
  if (plan.first_synthesised != 0 || counts_in_chunks)
    trial = try_out(plan, Assumption::LongerThanRun, pace, reach.first);
  // What is not needed while the sources last may be needed when they have ended.
  const bool any_idle =
      std::any_of(trial.runs.begin(), trial.runs.end(), [](const auto& times) { return times.empty(); });
  const Trial after_end = any_idle ? try_out(plan, Assumption::EndBeforeRun, pace, reach.first) : Trial();
  const int64_t frames = plan.graph.run_integer("frames", kAlways);
  for (size_t i = 0; i < trial.runs.size(); ++i) {
    const bool is_idle = trial.runs[i].empty();
    const Trial& shown = is_idle ? after_end : trial;
    plan.times.push_back(pieces_of(shown.runs[i], shown, std::min(plan.latency, kLongestTrial)));
    // It begins later than any trial goes.
    if (plan.times.back().empty() && reach.first[i] > shown.ticks)
      plan.times.back().push_back({reach.first[i], frames == kAlways ? 0 : frames - 1, 1, false, frames == kAlways});
  }
  plan.ends = plan.steps.empty() || stops_with_sources(plan, reach);
  plan.peak_bytes = peak_bytes(plan);
  return plan;
}

std::string Plan::slot_name(int slot) const {
  const Slot& of = slots[static_cast<size_t>(slot)];
  return graph.output_name(steps[static_cast<size_t>(of.step)].node, of.output);
}

std::string Plan::times_text(int step) const {
  std::vector<std::string> parts;
  for (const TimePiece& piece : times[static_cast<size_t>(step)]) {
    std::string part = time_text(piece.begin, piece.begin_from_end);
    // The last of every third frame lies up to two before the end.
    const bool is_thinned = piece.step > 1 && piece.last_from_end && piece.last <= 0 && piece.last > -piece.step;
    const bool is_one = piece.begin == piece.last && piece.begin_from_end == piece.last_from_end;
    if (!is_one) part += text(" .. ", is_thinned ? "end" : time_text(piece.last, piece.last_from_end));
    if (piece.step > 1) part += text(" every ", piece.step);
    parts.push_back(part);
  }
  return parts.empty() ? "never" : join(parts, ", ");
}

std::vector<int> run_goals(const FlatGraph& graph) {
  std::vector<int> goals;
  for (size_t i = 0; i < graph.nodes.size(); ++i) {
    if (graph.nodes[i].spec->is_sink) goals.push_back(static_cast<int>(i));
  }
  return goals;
}

}  // namespace weft::graph
