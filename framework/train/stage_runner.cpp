#include "framework/train/stage_runner.h"

#include "framework/base/error.h"
#include "framework/base/text.h"

namespace weft::train {

Archive::Entries carried_entries(const Archive::Entries& entries, const std::map<std::string, std::string>& carry) {
  Archive::Entries carried = entries;
  for (const auto& [to, from] : carry) {
    for (const auto& [name, tensor] : entries) {
      // Names end with PATH/KEY and begin with the kind of entry: network/F.trunk/w, update/G/adam/first/F.trunk/w.
      const size_t slash = name.rfind('/');
      const size_t start = slash == std::string::npos ? slash : name.rfind('/', slash - 1);
      if (start == std::string::npos) continue;
      const std::string path = name.substr(start + 1, slash - start - 1);
      if (path != from && !path.starts_with(from + '.')) continue;
      carried[text(name.substr(0, start + 1), to, path.substr(from.size()), name.substr(slash))] = tensor;
    }
  }
  return carried;
}

StageRunner::StageRunner(const graph::Stage& stage, const NodeFactory& factory, const TrainerOptions& options,
                         EpochSteps steps, Log& log)
    : stage_(stage), trainer_(stage.plan, factory, options, log), steps_(steps) {}

std::vector<std::string> StageRunner::take_over(const Archive::Entries& earlier) {
  Archive::Entries entries = carried_entries(earlier, stage_.carry);
  if (stage_.has_new_optimiser) {
    std::erase_if(entries, [](const auto& entry) {
      return entry.first.starts_with("update/") && entry.first.find("/average/") == std::string::npos;
    });
  }
  return trainer_.learnt().load(entries);
}

std::vector<std::string> StageRunner::resume(const Position& position, int64_t epoch, const Archive::Entries& entries) {
  std::vector<std::string> differences = trainer_.differences(entries, position);
  // The data first: what runs before the clip's first chunk may move statistics, which the checkpoint has.
  if (differences.empty()) differences = trainer_.resume(position, entries);
  if (!differences.empty()) return differences;
  trainer_.learnt().load(entries);
  epoch_ = epoch;
  has_epoch_ = true;
  return {};
}

StageRunner::Event StageRunner::next(const graph::Progress& progress, ChunkResult& chunk) {
  if (epoch_ >= stage_.epochs) return Event::StageEnd;
  if (!has_epoch_) trainer_.begin_epoch(trainer_.position());
  has_epoch_ = true;
  if (auto trained = trainer_.next(progress)) {
    chunk = std::move(*trained);
    ++steps_.current;
    return Event::Chunk;
  }
  if (steps_.current == 0) {
    throw Error(Exit::Data, text("no chunk could be trained: the clips", stage_.name.empty() ? "" : " of this stage",
                                 " end before a loss is present"))
        .hint("`weft plan --train` shows from which t on each node runs")
        .hint("an epoch with fewer clips than `batch` in [run] has no chunk either");
  }
  ++epoch_;
  trainer_.end_epoch();
  has_epoch_ = false;
  steps_ = {0, steps_.current};
  return Event::EpochEnd;
}

}  // namespace weft::train
