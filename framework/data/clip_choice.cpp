#include "framework/data/clip_choice.h"

#include "framework/base/seed.h"
#include "framework/base/text.h"
#include "framework/node/context.h"
#include "framework/node/params.h"

#include <algorithm>
#include <cstdlib>
#include <iterator>
#include <numeric>
#include <set>
#include <utility>

namespace weft::data {
namespace {

int64_t length_of(const ClipRules& rules, int64_t available) {
  return rules.length > 0 ? std::min(rules.length, available) : available;
}

Draws draws_of_order(uint64_t seed) {
  return Draws(derive_seed(seed, "order"));
}

/// Fisher and Yates.
template <typename T>
void shuffle(std::vector<T>& items, Draws& draws) {
  for (size_t left = items.size(); left > 1; --left)
    std::swap(items[left - 1], items[static_cast<size_t>(draws.between(0, static_cast<int64_t>(left) - 1))]);
}

}  // namespace

uint64_t clip_seed(const Context& context) {
  Context common = context;
  common.set_node("clips");
  common.set_sequence("", 0);
  common.set_frame(0);
  return derive_seed(common.generator(at::kCPU).current_seed(), static_cast<uint64_t>(context.epoch()));
}

Draws draws_of_clip(uint64_t seed, size_t number) {
  return Draws(derive_seed(derive_seed(seed, "clip"), static_cast<uint64_t>(number)));
}

ClipFrames draw_clip(const ClipRules& rules, int64_t available, Draws& draws) {
  const int64_t count = length_of(rules, available);
  const int64_t possible = count > 1 ? (available - 1) / (count - 1) : rules.longest_step;
  const int64_t step = draws.between(1, std::min(rules.longest_step, possible));
  const int64_t begins = std::max<int64_t>(available - (count - 1) * step, 1);
  return {draws.between(0, begins - 1), step, count};
}

ClipFrames first_clip(const ClipRules& rules, int64_t available) {
  return {0, 1, length_of(rules, available)};
}

void ExampleRules::declare(Params& p) {
  p("example", number,
    "gives, instead of the clip, an example for few-shot networks as a single frame: a random other frame of the same "
    "sequence, outside the clip. The examples 1, 2, … of a clip are different frames; sources with the same sequences, "
    "`length` and `stride` give the same ones; needs `length`")
      .min(1);
  p("apart", apart,
    "least and largest number of frames between the first frame of the clip and its examples; where too few frames are "
    "so far away, the others outside the clip are taken too")
      .count({2})
      .min(0);
}

int64_t draw_example(const ExampleRules& rules, const ClipFrames& clip, const std::string& sequence, int64_t available,
                     Draws draws) {
  const int64_t nearest = rules.apart[0], farthest = rules.apart[1];
  if (nearest > farthest)
    throw Error(Exit::Graph, text("`apart` is [", nearest, ", ", farthest, "], but the least comes first"));
  const int64_t last = clip.begin + (clip.count - 1) * clip.step;
  std::vector<int64_t> fitting, others;
  for (int64_t frame = 0; frame < available; ++frame) {
    if (frame >= clip.begin && frame <= last) continue;
    const int64_t distance = std::abs(frame - clip.begin);
    (distance >= nearest && distance <= farthest ? fitting : others).push_back(frame);
  }
  shuffle(fitting, draws);
  shuffle(others, draws);
  fitting.insert(fitting.end(), others.begin(), others.end());
  const auto chosen = static_cast<size_t>(*rules.number);
  if (chosen <= fitting.size()) return fitting[chosen - 1];
  throw Error(Exit::Data,
              text("the sequence ", sequence, " has ", count_text(available, "frame"), ", of which ", fitting.size(),
                   " lie outside a clip of ", clip.count, ", so it has no example ", chosen))
      .hint("give a smaller `length`, fewer examples, or longer sequences: an example is never a frame of the clip");
}

Draws draws_of_examples(uint64_t seed, size_t number) {
  return Draws(derive_seed(derive_seed(seed, "examples"), static_cast<uint64_t>(number)));
}

void check_disjoint(const std::vector<std::string>& sequences, const std::vector<std::string>& held_out,
                    const std::string& where) {
  const std::set<std::string> kept(held_out.begin(), held_out.end());
  std::vector<std::string> common;
  std::copy_if(sequences.begin(), sequences.end(), std::back_inserter(common),
               [&](const std::string& name) { return kept.contains(name); });
  if (common.empty()) return;
  throw Error(Exit::Data,
              text(count_text(static_cast<int64_t>(common.size()), "sequence"), " to be read ",
                   common.size() == 1 ? "is" : "are", " held out in ", where, ": ", quoted_list(common, "and", 3)))
      .hint("remove them from one of the two: what is measured must not be known from training");
}

std::vector<size_t> shuffled_sequences(size_t count, uint64_t seed) {
  Draws draws = draws_of_order(seed);
  std::vector<size_t> order(count);
  std::iota(order.begin(), order.end(), size_t{0});
  shuffle(order, draws);
  return order;
}

int64_t count_clips(const std::vector<int64_t>& frames, int64_t clips) {
  return clips > 0 ? clips : std::accumulate(frames.begin(), frames.end(), int64_t{0});
}

std::vector<size_t> drawn_sequences(const std::vector<int64_t>& frames, int64_t clips, uint64_t seed) {
  Draws draws = draws_of_order(seed);
  std::vector<int64_t> ends(frames.size());
  std::partial_sum(frames.begin(), frames.end(), ends.begin());
  std::vector<size_t> order;
  for (int64_t left = count_clips(frames, clips); left > 0; --left) {
    const int64_t frame = draws.between(0, ends.back() - 1);
    order.push_back(static_cast<size_t>(std::upper_bound(ends.begin(), ends.end(), frame) - ends.begin()));
  }
  return order;
}

}  // namespace weft::data
