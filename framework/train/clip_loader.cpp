#include "framework/train/clip_loader.h"

#include "framework/run/nodes.h"
#include "framework/run/session.h"
#include "framework/train/clip_sources.h"

#include <algorithm>

namespace weft::train {

ClipLoader::ClipLoader(const graph::Plan& plan, const std::vector<Node*>& nodes, const NodeFactory& factory,
                       int64_t epoch, Options options, Log& log)
    : plan_(plan), nodes_(nodes), epoch_(epoch), options_(options), log_(log), patience_(options.stop) {
  for (int64_t clip = 0; clip < plan.graph.run.batch; ++clip)
    sources_.push_back(run::Nodes::make_sources(plan, factory));
  advanced_.assign(sources_.size(), 0);
}

std::vector<Node*> ClipLoader::nodes_of(size_t clip) const {
  std::vector<Node*> nodes = nodes_;
  for (size_t node = 0; node < nodes.size(); ++node) {
    if (sources_[clip][node]) nodes[node] = sources_[clip][node].get();
  }
  return nodes;
}

/// Leads the sources of one clip of the batch on. @returns false when the data is at its end
bool ClipLoader::advance(size_t clip, int64_t count) {
  Context context("", static_cast<uint64_t>(plan_.graph.run.seed), options_.device, run::precision_of(plan_.graph),
                  log_);
  context.set_training(true);
  context.set_epoch(epoch_);
  const auto name = patience_.wait_for([this, nodes = nodes_of(clip), before = advanced_[clip], count, context] {
    return next_clip(plan_, nodes, before, count - 1, context);
  });
  if (!name) return false;
  advanced_[clip] += count;
  if (clip == 0) name_ = *name;
  return true;
}

bool ClipLoader::open(int64_t batch) {
  for (int64_t clip = 0; clip < clips(); ++clip) {
    const auto at = static_cast<size_t>(clip);
    const int64_t sequence = (batch * clips() + clip) * options_.ranks + options_.rank;
    if (!advance(at, sequence + 1 - advanced_[at])) return false;
  }
  return true;
}

std::vector<int64_t> ClipLoader::lengths() const {
  std::vector<int64_t> lengths = run::lengths_of_sources(plan_, nodes_of(0));
  for (size_t clip = 1; clip < sources_.size(); ++clip) {
    const std::vector<int64_t> others = run::lengths_of_sources(plan_, nodes_of(clip));
    for (size_t step = 0; step < lengths.size(); ++step) lengths[step] = std::min(lengths[step], others[step]);
  }
  return lengths;
}

}  // namespace weft::train
