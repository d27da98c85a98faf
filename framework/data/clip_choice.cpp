#include "framework/data/clip_choice.h"

#include "framework/base/seed.h"
#include "framework/node/context.h"

#include <algorithm>
#include <numeric>
#include <utility>

namespace weft::data {
namespace {

int64_t length_of(const ClipRules& rules, int64_t available) {
  return rules.length > 0 ? std::min(rules.length, available) : available;
}

Draws draws_of_order(uint64_t seed) {
  return Draws(derive_seed(seed, "order"));
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

std::vector<size_t> shuffled_sequences(size_t count, uint64_t seed) {
  Draws draws = draws_of_order(seed);
  std::vector<size_t> order(count);
  std::iota(order.begin(), order.end(), size_t{0});
  for (size_t left = count; left > 1; --left)
    std::swap(order[left - 1], order[static_cast<size_t>(draws.between(0, static_cast<int64_t>(left) - 1))]);
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
