#include "framework/graph/timeline.h"

#include <algorithm>

namespace weft::graph {

Timeline::Presence Timeline::presence(const Atom& atom, int64_t t) const {
  if (t >= atom.before) return {};
  if (atom.slot == Atom::kZeros) return {true, true};
  const int producer = plan_.slots[static_cast<size_t>(atom.slot)].step;
  const int64_t made_at = t - atom.delay;
  if (made_at < 0) return {};
  const bool is_still = plan_.steps[static_cast<size_t>(producer)].is_still;
  const Flags& of = flags(producer, is_still ? tick_ : tick_of(producer, made_at));
  return {of.can, of.must};
}

/// @param atoms  of a frame, each as it is read at t
template <typename Atoms>
Timeline::Presence Timeline::presence_of_any(const Atoms& atoms, int64_t t) const {
  Presence any;
  for (const Atom& atom : atoms) {
    const Presence one = presence(atom, t);
    any.can = any.can || one.can;
    any.must = any.must || one.must;
    if (any.must) break;
  }
  return any;
}

Timeline::Presence Timeline::presence(const Alternative& alternative, int64_t t) const {
  if (t >= alternative.before) return {};
  return alternative.frames == 1 ? presence_of_any(alternative.oldest.atoms, t) : window_presence(alternative, t);
}

Timeline::Presence Timeline::window_presence(const Alternative& window, int64_t t) const {
  const std::vector<Atom>& atoms = window.oldest.atoms;
  const bool has_zeros_always = std::any_of(
      atoms.begin(), atoms.end(), [](const Atom& atom) { return atom.slot == Atom::kZeros && atom.before == kAlways; });
  if (has_zeros_always) return {true, true};
  const Atom newest = window.atom_of(atoms.front(), window.frames - 1);
  if (atoms.size() == 1 && newest.slot != Atom::kZeros) {
    const int producer = plan_.slots[static_cast<size_t>(newest.slot)].step;
    if (!plan_.steps[static_cast<size_t>(producer)].is_still) {
      if (t >= newest.before || t - atoms.front().delay < 0) return {};
      const Flags& of = flags(producer, tick_of(producer, t - newest.delay));
      const int64_t span = (window.frames - 1) * window.step + 1;
      if (window.step == 1 || of.must_run >= span) return {of.can_run >= span, of.must_run >= span};
    }
  }
  Presence all{true, true};
  for (int64_t index = 0; index < window.frames && all.can; ++index) {
    const Presence one = presence_of_any(window.frame(index).atoms, t);
    all.can = one.can;
    all.must = all.must && one.must;
  }
  return all.can ? all : Presence();
}

Timeline::Presence Timeline::presence(const Read& read, int64_t t) const {
  Presence any;
  for (const Alternative& alternative : read.alternatives) {
    const Presence one = presence(alternative, t);
    any.can = any.can || one.can;
    any.must = any.must || one.must;
  }
  return any;
}

/// Whether a read has a value at t that does not last for ever: one that is not static, or is read `before` some t only.
bool Timeline::is_live(const Read& read, int64_t t) const {
  const auto is_live_atom = [&](const Atom& atom) {
    const bool is_still = atom.slot != Atom::kZeros &&
                          plan_.steps[static_cast<size_t>(plan_.slots[static_cast<size_t>(atom.slot)].step)].is_still;
    return (!is_still || atom.before != kAlways) && presence(atom, t).can;
  };
  return std::any_of(read.alternatives.begin(), read.alternatives.end(), [&](const Alternative& alternative) {
    if (!presence(alternative, t).can) return false;
    for (int64_t index = 0; index < alternative.frames; ++index) {
      const FrameRead frame = alternative.frame(index);
      if (std::any_of(frame.atoms.begin(), frame.atoms.end(), is_live_atom)) return true;
    }
    return false;
  });
}

/// A variadic input needs one value that is not still, unless all are: a static value lasts for ever, and would make a
/// sequence endless. Where sizes follow from each of its values, it needs all of them.
Timeline::Presence Timeline::presence(const StepInput& input, int64_t t) const {
  if (input.arity != PortSpec::Arity::Many) return input.reads.empty() ? Presence() : presence(input.reads.front(), t);
  Presence any, all_needed{true, true};
  bool all_still = true, has_live = false;
  for (const Read& read : input.reads) {
    const Presence one = presence(read, t);
    any.can = any.can || one.can;
    any.must = any.must || one.must;
    all_needed.can = all_needed.can && (one.can || !read.is_needed);
    all_needed.must = all_needed.must && (one.must || !read.is_needed);
    if (read.type.is_still) continue;
    all_still = false;
    has_live = has_live || is_live(read, t);
  }
  if (!all_still && !has_live) return {};
  return {any.can && all_needed.can, any.must && all_needed.must};
}

Timeline::Presence Timeline::source_presence(int step, int64_t t) const {
  const auto at = static_cast<size_t>(step);
  if (plan_.steps[at].is_still) return {true, true};
  if (ends_at_[at] != kUnknownLength) return {t < ends_at_[at], t < ends_at_[at]};
  // An end that is not known may come with every frame that was not asked for.
  return {true, t <= asked_[at]};
}

Timeline::Presence Timeline::raw_presence(int step, int64_t tick) const {
  const Step& of = plan_.steps[static_cast<size_t>(step)];
  const int64_t t = tick + of.lead;
  if (t < 0) return {};
  const bool is_written = !in_chunks_ && times_able_[static_cast<size_t>(step)] > 0;
  if (of.is_goal && of.is_still && is_written) return {};  // one value, written once
  if (rhythms_[static_cast<size_t>(step)].is_source) return source_presence(step, t);
  Presence all{true, true};
  for (const StepInput& input : of.inputs) {
    if (input.arity == PortSpec::Arity::Optional) continue;
    const Presence one = presence(input, t);
    all.can = all.can && one.can;
    all.must = all.must && one.must;
    if (!all.can) break;
  }
  return all;
}

}  // namespace weft::graph
