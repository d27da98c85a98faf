#include "framework/graph/chunk_order.h"

#include "framework/graph/plan_reads.h"

#include <algorithm>

namespace weft::graph {
namespace {

/// For each step, which steps it depends on, near or far.
std::vector<std::vector<char>> dependencies_of(const std::vector<std::vector<int>>& reads) {
  std::vector<std::vector<char>> depends(reads.size(), std::vector<char>(reads.size(), 0));
  for (size_t from = 0; from < reads.size(); ++from) {
    std::vector<int> open = reads[from];
    while (!open.empty()) {
      const int next = open.back();
      open.pop_back();
      if (std::exchange(depends[from][static_cast<size_t>(next)], 1) != 0) continue;
      open.insert(open.end(), reads[static_cast<size_t>(next)].begin(), reads[static_cast<size_t>(next)].end());
    }
  }
  return depends;
}

}  // namespace

std::vector<std::vector<int>> steps_read(const Plan& plan) {
  std::vector<std::vector<int>> reads(plan.steps.size());
  for (size_t step = 0; step < plan.steps.size(); ++step) {
    for_each_atom(plan.steps[step], [&](const Atom& atom, const Alternative&) {
      reads[step].push_back(plan.slots[static_cast<size_t>(atom.slot)].step);
    });
    std::sort(reads[step].begin(), reads[step].end());
    reads[step].erase(std::unique(reads[step].begin(), reads[step].end()), reads[step].end());
  }
  return reads;
}

ChunkOrder chunk_order(const Plan& plan) {
  const std::vector<std::vector<int>> reads = steps_read(plan);
  const auto folds = [&](size_t step) {
    return plan.graph.nodes[static_cast<size_t>(plan.steps[step].node)].folds_chunk;
  };
  ChunkOrder order;
  order.levels.assign(plan.steps.size(), 0);
  // No folded step is in a cycle, so this comes to rest.
  for (bool has_changed = true; has_changed;) {
    has_changed = false;
    for (size_t step = 0; step < plan.steps.size(); ++step) {
      for (const int read : reads[step]) {
        const auto maker = static_cast<size_t>(read);
        const bool waits = folds(maker) && (!folds(step) || maker > step);
        const int level = order.levels[maker] + (waits ? 1 : 0);
        if (level <= order.levels[step]) continue;
        order.levels[step] = level;
        has_changed = true;
      }
      order.last_level = std::max(order.last_level, order.levels[step]);
    }
  }
  const std::vector<std::vector<char>> depends = dependencies_of(reads);
  for (size_t step = 0; step < plan.steps.size(); ++step) {
    for_each_atom(plan.steps[step], [&](const Atom& atom, const Alternative& alternative) {
      const auto maker = static_cast<size_t>(plan.slots[static_cast<size_t>(atom.slot)].step);
      if (atom.delay > 0 && depends[maker][step] != 0) order.cycle_reads.insert(&alternative);
    });
  }
  return order;
}

}  // namespace weft::graph
