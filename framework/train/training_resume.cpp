// How training goes on from a checkpoint: all of it is compared before anything is loaded, and the run folder is made what
// it was at that step before anything is written.
#include "framework/base/error.h"
#include "framework/base/text.h"
#include "framework/graph/graph_text.h"
#include "framework/train/graph_changes.h"
#include "framework/train/later.h"
#include "framework/train/training.h"

#include <filesystem>

namespace weft::train {

namespace fs = std::filesystem;

namespace {

std::vector<std::string> lines_of(const std::vector<Change>& changes) {
  std::vector<std::string> lines;
  for (const Change& change : changes) lines.push_back(change.line());
  return lines;
}

GraphChanges changes_of(const std::string& file, const std::string& before, const graph::Plan& now) {
  try {
    return changes_between(before, now);
  } catch (const Error& no_toml) {
    throw unusable(file, "its graph cannot be read", {no_toml.what()});
  }
}

}  // namespace

/// Another graph is refused, other rates too unless they are asked for; where the data lies is no part of training.
void Training::take_changes() {
  const GraphChanges changes = changes_of(options_.resume, resumed_->graph, stages_[stage_].plan);
  const std::vector<std::string> rates = lines_of(changes.rates), others = lines_of(changes.others);
  if (!others.empty()) {
    std::vector<std::string> all = others;
    all.insert(all.end(), rates.begin(), rates.end());
    throw lists(Error(Exit::Data, text(options_.resume, " is a checkpoint of another graph")), all)
        .hint("a stage, or [weights] with the trained file, begins from weights under another graph");
  }
  if (!rates.empty() && !options_.takes_changes) {
    throw lists(Error(Exit::Data, text(options_.resume, " was trained with other rates or weights of losses")), rates)
        .hint("--change goes on with the new values and keeps the state of the optimisers");
  }
  for (const std::string& line : rates) changes_.push_back(text("goes on with ", line));
  for (const std::string& line : lines_of(changes.places)) changes_.push_back(text("reads from another place: ", line));
  for (const std::string& line : changes_) log_.note(line);
  if (changes.has_new_best) {
    for (const char* name : {"best", "best_step"}) resumed_->numbers.erase(name);
    resumed_->numbers["watched_sum"] = resumed_->numbers["watched_count"] = 0;
  }
}

/// Compares all of a checkpoint with the graph, then takes it. Nothing of the run folder is touched before.
void Training::load_checkpoint() {
  resumed_ = read_checkpoint(options_.resume);
  if (resumed_->stage >= static_cast<int64_t>(stages_.size())) {
    throw Error(Exit::Data, text(options_.resume, " was made in stage ", resumed_->stage + 1, ", but this graph has ",
                                 count_text(static_cast<int64_t>(stages_.size()), "stage")))
        .hint("a checkpoint of one of its stages can be resumed");
  }
  stage_ = static_cast<size_t>(resumed_->stage);
  take_changes();
  const auto steps = [&](const std::string& name) { return static_cast<int64_t>(resumed_->numbers.at(name)); };
  best_.load(resumed_->numbers);
  runner_ = std::make_unique<StageRunner>(stages_[stage_], factory_, options_.trainer,
                                          EpochSteps{steps("steps_of_epoch"), steps("steps_of_last_epoch")}, log_);
  const std::vector<std::string> differences =
      runner_->resume(resumed_->position, resumed_->epoch_of_stage, resumed_->tensors);
  if (!differences.empty()) throw unusable(options_.resume, "it does not fit this graph", differences);
}

std::map<std::string, int64_t> Training::resumed_files() const {
  return resumed_ ? resumed_->files : std::map<std::string, int64_t>();
}

void Training::keep_in(run::RunFolder& folder) {
  if (options_.trainer.ranks->rank() != 0) return;
  folder_ = &folder;
  store_ = std::make_unique<CheckpointStore>(folder.path(), stages_.front().plan.graph.run.keep);
  std::error_code error;
  const bool goes_on = resumed_ && fs::equivalent(run_folder_of(options_.resume), folder.path(), error);
  if (goes_on) go_on();
  if (resumed_) find_best(goes_on);
  record_ = std::make_unique<RunRecord>(folder, goes_on ? resumed_files() : std::map<std::string, int64_t>(),
                                        *options_.trainer.trace, options_.trainer.device);
  observers_.push_back(record_.get());
  if (!record_->remark().empty()) log_.warn(record_->remark());
  if (!record_->is_new()) return;
  for (const graph::Stage& stage : stages_) record_->add_graph(stage.name, graph::resolved_text(stage.plan));
}

/// Goes on in the folder of the checkpoint, which is made what it was at that step.
void Training::go_on() {
  const int64_t step = resumed_->position.step;
  const std::optional<Later> later = keep_later_aside(folder_->path(), step);
  if (later) store_->write_weights("weights", trainer().learnt());
  const int64_t lost = folder_->go_on(resumed_files()["log.jsonl"]);
  if (!changes_.empty()) folder_->keep_graph(stages_.front().plan);
  for (const std::string& line : changes_) folder_->log("note", line);
  if (later) {
    const std::string line =
        text("goes back to step ", step, ", ", options_.resume, ": ", count_text(later->checkpoints, "checkpoint"),
             " of later steps, up to ", later->step, ", kept aside in ", later->folder, " (--resume ", later->folder,
             " goes on with them)");
    log_.note(line);
    folder_->log("note", line);
  } else {
    log_.note(text("goes on at step ", step, ", epoch ", resumed_->position.epoch + 1));
  }
  if (lost > 0) {
    log_.warn(text(folder_->path(), "/log.jsonl lacks ", bytes_text(lost), " of what it had at step ", step,
                   "; the curves lack the steps of these"));
  }
}

/// The best checkpoint so far is that of the folder. A process that was killed may have saved one and not kept it as the
/// best yet; a folder that has none of this run's starts a new best value.
void Training::find_best(bool goes_on) {
  if (!best_.has_best()) return;
  const std::optional<int64_t> kept = store_->best_step();
  if (goes_on && best_.step() == resumed_->position.step && kept != best_.step())
    return store_->keep_best(options_.resume, trainer().learnt());
  const bool is_that = goes_on && kept && (!best_.step() || kept == best_.step());
  if (!is_that) best_.forget();
}

}  // namespace weft::train
