#include "framework/graph/forecast.h"

#include "framework/graph/plan_reads.h"

#include <algorithm>
#include <functional>
#include <limits>
#include <queue>

namespace weft::graph {
namespace {

/// Changes that are looked at. Graphs come to rest after a few for each node, unless something alternates for ever:
/// `every`, or a recurrence with gaps.
constexpr size_t kMostChanges = 200'000;

class Changes {
 public:
  Changes(const Plan& plan, const std::vector<int64_t>& lengths, int64_t last, Thinning thinning)
      : plan_(plan), lengths_(lengths), last_(last), thinning_(thinning), steps_(plan.steps.size()) {
    for (size_t step = 0; step < steps_.size(); ++step) {
      steps_[step].has_come.resize(plan.steps[step].inputs.size());
      find_readers(step);
    }
  }

  Forecast run(Until until) {
    for (size_t step = 0; step < steps_.size(); ++step) add_known(step);
    Forecast result;
    Event done{std::numeric_limits<int64_t>::min(), 0};
    size_t changes = 0;
    while (!open_.empty() && result.is_whole && !(until == Until::AllHaveRun && have_run_ == steps_.size())) {
      const Event next = open_.top();
      open_.pop();
      if (next == done) continue;
      done = next;
      look_at(next);
      result.is_whole = ++changes < kMostChanges && open_.size() < kMostChanges;
    }
    for (size_t step = 0; step < steps_.size(); ++step) {
      const State& state = steps_[step];
      const bool has_run = !state.flips.empty();
      result.first.push_back(has_run ? state.flips.front() + plan_.steps[step].lead : Forecast::kNever);
      result.has_come.push_back(state.has_come);
      if (!plan_.steps[step].is_goal || plan_.steps[step].is_still || !has_run) continue;
      const bool is_alternating = !result.is_whole && state.flips.back() + plan_.latency + plan_.lead >= done.tick;
      if (state.flips.size() % 2 == 1 || is_alternating) result.ends = false;
    }
    return result;
  }

 private:
  /// Something may change for a step at a tick. Earlier steps of a tick come first, as they do in a run.
  struct Event {
    int64_t tick = 0;
    int step = 0;
    bool operator==(const Event&) const = default;
    bool operator>(const Event& other) const { return tick != other.tick ? tick > other.tick : step > other.step; }
  };
  struct Reader {
    int step = 0;
    int64_t lag = 0;  ///< ticks from the making to the reading; of windows by their oldest frame
    const Alternative* alternative = nullptr;
  };
  struct State {
    std::vector<int64_t> flips;  ///< ticks at which it begins to be able to run, and ends, in turn
    std::vector<Reader> readers;
    std::vector<char> has_come;
    int64_t able_ticks = 0;  ///< before `looked_at`
    int64_t looked_at = 0;
    bool is_able = false;  ///< from looked_at on, before `every` thins it
  };

  const Step& plan_step(int step) const { return plan_.steps[static_cast<size_t>(step)]; }
  int producer_of(const Atom& atom) const { return plan_.slots[static_cast<size_t>(atom.slot)].step; }

  void find_readers(size_t reader) {
    for_each_alternative(plan_.steps[reader], [&](const Alternative& alternative) {
      for (const Atom& atom : alternative.oldest.atoms) {
        if (atom.slot == Atom::kZeros) continue;
        const int producer = producer_of(atom);
        const int64_t lag = atom.delay + plan_step(producer).lead - plan_.steps[reader].lead;
        steps_[static_cast<size_t>(producer)].readers.push_back({static_cast<int>(reader), lag, &alternative});
      }
    });
  }

  void add(int64_t tick, int step) {
    if (last_ == kAlways || tick <= last_) open_.push({tick, step});
  }

  /// What is known before anything runs: that time begins, that bounds are passed, and that sources end.
  void add_known(size_t step) {
    const int number = static_cast<int>(step);
    const int64_t lead = plan_.steps[step].lead;
    add(-lead, number);
    if (lengths_[step] != kAlways) add(lengths_[step] - lead, number);
    for_each_alternative(plan_.steps[step], [&](const Alternative& alternative) {
      const auto add_bound = [&](int64_t before) {
        if (before != kAlways && before > 0) add(before - lead, number);
      };
      add_bound(alternative.before);
      for (const Atom& atom : alternative.oldest.atoms) {
        if (atom.before == kAlways) continue;
        for (int64_t index = 0; index < alternative.frames; ++index) add_bound(alternative.atom_of(atom, index).before);
      }
    });
  }

  bool is_present(int step, int64_t tick) const {
    const auto& flips = steps_[static_cast<size_t>(step)].flips;
    return (std::upper_bound(flips.begin(), flips.end(), tick) - flips.begin()) % 2 == 1;
  }

  bool is_present(const Atom& atom, int reader, int64_t t) const {
    if (t >= atom.before) return false;
    if (atom.slot == Atom::kZeros) return true;
    const int producer = producer_of(atom);
    if (t < atom.delay) return false;
    const bool is_still = plan_step(producer).is_still;
    return is_present(producer, is_still ? t - plan_step(reader).lead : t - atom.delay - plan_step(producer).lead);
  }

  bool is_present(const Alternative& alternative, int reader, int64_t t) const {
    if (t >= alternative.before) return false;
    const std::vector<Atom>& atoms = alternative.oldest.atoms;
    if (alternative.frames > 1 && atoms.size() == 1 && alternative.step == 1 && atoms.front().slot != Atom::kZeros)
      return is_window_present(alternative, reader, t);
    const auto is_there = [&](int64_t index) {
      return std::any_of(atoms.begin(), atoms.end(),
                         [&](const Atom& atom) { return is_present(alternative.atom_of(atom, index), reader, t); });
    };
    // What is missing is most often missing at an end.
    if (!is_there(0) || !is_there(alternative.frames - 1)) return false;
    for (int64_t index = 1; index + 1 < alternative.frames; ++index) {
      if (!is_there(index)) return false;
    }
    return true;
  }

  /// A window without gaps over one output: it is there when nothing flips between its ends.
  bool is_window_present(const Alternative& window, int reader, int64_t t) const {
    const Atom &oldest = window.oldest.atoms.front(), newest = window.atom_of(oldest, window.frames - 1);
    if (!is_present(oldest, reader, t) || !is_present(newest, reader, t)) return false;
    const int producer = producer_of(oldest);
    if (plan_step(producer).is_still) return true;
    const auto& flips = steps_[static_cast<size_t>(producer)].flips;
    const int64_t lead = plan_step(producer).lead;
    const auto flips_until = [&](int64_t tick) { return std::upper_bound(flips.begin(), flips.end(), tick); };
    return flips_until(t - oldest.delay - lead) == flips_until(t - newest.delay - lead);
  }

  /// Whether a read has a value at t that does not last for ever, as Timeline::is_live.
  bool is_live(const Read& read, int reader, int64_t t) const {
    return std::any_of(read.alternatives.begin(), read.alternatives.end(), [&](const Alternative& alternative) {
      return is_present(alternative, reader, t) &&
             std::any_of(alternative.oldest.atoms.begin(), alternative.oldest.atoms.end(), [&](const Atom& oldest) {
               const bool lasts = oldest.slot != Atom::kZeros && oldest.before == kAlways;
               if (lasts && plan_step(producer_of(oldest)).is_still) return false;
               for (int64_t index = 0; index < alternative.frames; ++index) {
                 if (is_present(alternative.atom_of(oldest, index), reader, t)) return true;
               }
               return false;
             });
    });
  }

  bool is_present(const StepInput& input, int reader, int64_t t) const {
    const bool is_variadic = input.arity == PortSpec::Arity::Many;
    bool is_there = false, all_still = true, has_live = false;
    for (const Read& read : input.reads) {
      const bool is_read = std::any_of(read.alternatives.begin(), read.alternatives.end(),
                                       [&](const auto& one) { return is_present(one, reader, t); });
      if (read.is_needed && !is_read) return false;
      is_there = is_there || is_read;
      if (!is_variadic || read.type.is_still) continue;
      all_still = false;
      has_live = has_live || is_live(read, reader, t);
    }
    return is_there && (!is_variadic || all_still || has_live);
  }

  /// Whether a step is able to run by its inputs; also takes down which of them have come.
  bool has_inputs(int step, int64_t t) {
    State& state = steps_[static_cast<size_t>(step)];
    const NodeSpec& spec = *plan_.graph.nodes[static_cast<size_t>(plan_step(step).node)].spec;
    if (spec.is_source) return plan_step(step).is_still || t < lengths_[static_cast<size_t>(step)];
    bool has_all = true;
    for (size_t port = 0; port < plan_step(step).inputs.size(); ++port) {
      const StepInput& input = plan_step(step).inputs[port];
      const bool is_there = is_present(input, step, t);
      if (is_there) state.has_come[port] = 1;
      has_all = has_all && (is_there || input.arity == PortSpec::Arity::Optional);
    }
    return has_all;
  }

  void look_at(const Event& event) {
    const FlatNode& node = plan_.graph.nodes[static_cast<size_t>(plan_step(event.step).node)];
    State& state = steps_[static_cast<size_t>(event.step)];
    if (state.is_able) state.able_ticks += event.tick - state.looked_at;
    state.looked_at = event.tick;
    const int64_t t = event.tick + plan_step(event.step).lead;
    const bool has_all = has_inputs(event.step, t);
    const bool has_beat = node.multiple > 1 && thinning_ != Thinning::None;
    const int64_t off_beat = has_beat ? (t - plan_.first_synthesised) % node.multiple : 0;
    state.is_able = has_all && off_beat == 0;
    if (has_all && has_beat) {
      add(event.tick + 1, event.step);
      add(event.tick + node.multiple - (off_beat < 0 ? off_beat + node.multiple : off_beat), event.step);
    }
    const bool is_thinned = node.every > 1 && thinning_ == Thinning::AsGiven;
    const int64_t off_count = is_thinned ? state.able_ticks % node.every : 0;
    if (state.is_able && is_thinned) add(event.tick + (off_count == 0 ? 1 : node.every - off_count), event.step);
    const bool is_now = state.is_able && off_count == 0;
    if (is_now == (state.flips.size() % 2 == 1)) return;
    if (state.flips.empty()) ++have_run_;
    state.flips.push_back(event.tick);
    for (const Reader& reader : state.readers) tell(reader, event);
  }

  /// What a reader has may change when the frame comes that did.
  void tell(const Reader& reader, const Event& event) {
    const Alternative& alternative = *reader.alternative;
    const int64_t lead = plan_step(reader.step).lead;
    if (plan_step(event.step).is_still) {  // there at every t, but with a delay not before it
      add(std::max(event.tick, -lead), reader.step);
      return add(std::max(event.tick, reader.lag - plan_step(event.step).lead), reader.step);
    }
    const bool has_no_gaps = alternative.step == 1 && alternative.oldest.atoms.size() == 1;
    for (int64_t index = 0; index < alternative.frames; ++index) {
      if (has_no_gaps && index > 0 && index + 1 < alternative.frames) index = alternative.frames - 1;
      add(std::max(event.tick + reader.lag - index * alternative.step, -lead), reader.step);
    }
  }

  const Plan& plan_;
  const std::vector<int64_t>& lengths_;
  int64_t last_;
  Thinning thinning_;
  std::vector<State> steps_;
  size_t have_run_ = 0;
  std::priority_queue<Event, std::vector<Event>, std::greater<>> open_;
};

}  // namespace

Forecast forecast(const Plan& plan, const std::vector<int64_t>& lengths, int64_t last, Thinning thinning, Until until) {
  return Changes(plan, lengths, last, thinning).run(until);
}

}  // namespace weft::graph
