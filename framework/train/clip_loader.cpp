#include "framework/train/clip_loader.h"

#include "framework/run/precision.h"

namespace weft::train {
namespace {

Context context_of(const graph::Plan& plan, int64_t epoch, at::Device device, Log& log) {
  Context context("", static_cast<uint64_t>(plan.graph.run.seed), device, run::precision_of(plan.graph, device), log);
  context.set_training(true);
  context.set_epoch(epoch);
  return context;
}

}  // namespace

ClipLoader::ClipLoader(const graph::Plan& plan, const NodeFactory& factory, int64_t epoch, Options options, Log& log)
    : options_(options),
      sources_(plan, factory, static_cast<size_t>(plan.graph.run.batch), context_of(plan, epoch, options.device, log)),
      clips_(sources_.rows()),
      patience_(options.stop) {
  for (size_t clip = 0; clip < clips_.size(); ++clip) clips_[clip].place = clip;
}

bool ClipLoader::open(int64_t batch) {
  for (run::Row& clip : clips_) {
    const int64_t of_batches = batch * clips() + static_cast<int64_t>(clip.place);
    const auto sequence = static_cast<size_t>(of_batches * options_.ranks + options_.rank);
    auto name = patience_.wait_for([this, place = clip.place, sequence] { return sources_.open(place, sequence); });
    if (!name) return false;
    clip.name = std::move(*name);
  }
  return true;
}

std::vector<run::Row> ClipLoader::clips(int64_t index) const {
  std::vector<run::Row> rows = clips_;
  for (run::Row& row : rows) row.index = static_cast<uint64_t>(index) * rows.size() + row.place;
  return rows;
}

}  // namespace weft::train
