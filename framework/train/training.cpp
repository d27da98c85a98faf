#include "framework/train/training.h"

#include "framework/base/error.h"
#include "framework/base/text.h"
#include "framework/graph/graph_text.h"
#include "framework/report/picture.h"
#include "framework/run/node_failure.h"
#include "framework/weights/safetensors.h"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <filesystem>

namespace weft::train {
namespace {

namespace fs = std::filesystem;

constexpr size_t kListed = 6;

double seconds_since(std::chrono::steady_clock::time_point start) {
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

/// `path` as the name of a file.
std::string file_name_of(std::string path) {
  std::replace(path.begin(), path.end(), '/', '_');
  return path;
}

/// Up to six names, then how many more there are.
std::string some_of(const std::vector<std::string>& names) {
  std::vector<std::string> shown(names.begin(),
                                 names.begin() + static_cast<std::ptrdiff_t>(std::min(names.size(), kListed)));
  return join(shown) + (names.size() > kListed ? text(" and ", names.size() - kListed, " more") : "");
}

/// The largest amount of memory that the process has had.
int64_t peak_memory() {
  FILE* status = std::fopen("/proc/self/status", "r");
  if (!status) return 0;
  char line[200];
  long long kilobytes = 0;
  while (std::fgets(line, sizeof line, status)) {
    if (std::sscanf(line, "VmHWM: %lld", &kilobytes) == 1) break;
  }
  std::fclose(status);
  return kilobytes * 1024;
}

}  // namespace

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

Training::Training(std::vector<graph::Stage> stages, const NodeFactory& factory, TrainingOptions options, Log& log)
    : stages_(std::move(stages)),
      factory_(factory),
      options_(std::move(options)),
      log_(log),
      progress_line_(log, options_.shows_progress) {
  if (!options_.trainer.trace) options_.trainer.trace = &times_;
  options_.trainer.stop = options_.stop;
  read_settings();
  if (!options_.resume.empty()) load_checkpoint();
}

Training::~Training() = default;

void Training::read_settings() {
  const graph::RunSettings& run = stages_.front().plan.graph.run;
  interval_ = run.checkpoint;
  keep_ = run.keep;
  steps_ = run.steps.value_or(0);
  for (const graph::Stage& stage : stages_) epochs_ += stage.epochs;
  if (!run.best) return;
  best_sign_ = run.best->is_largest ? -1 : 1;
  best_name_ = run.best->name;
}

Outcome Training::run() {
  try {
    const Outcome outcome = run_stages();
    write_report(outcome.was_stopped ? "stopped" : "done");
    return outcome;
  } catch (const std::exception&) {
    Error failure = run::failure_of(std::current_exception());
    report_failure(failure);
    std::error_code missing;
    const bool has_saved = folder_ && !fs::is_empty(folder_->path() + "/checkpoints", missing) && !missing;
    const bool wants_room = failure.exit() == Exit::Failed || failure.exit() == Exit::Memory;
    if (wants_room && has_saved) {
      failure.hint(
          text("the files saved before are complete: once there is room, --resume ", folder_->path(), " goes on"));
    } else if (failure.exit() == Exit::Failed && folder_) {
      failure.hint("nothing was saved yet; --run-folder DIR puts the run where there is room");
    }
    throw Error(failure);
  }
}

void Training::report_failure(const Error& failure) const {
  try {
    write_report(text("failed: ", failure.what()));
  } catch (const std::exception&) {  // the failure that led here is the one to be reported
  }
}

Outcome Training::run_stages() {
  const auto start = Clock::now();
  saved_at_ = start;
  Outcome outcome;
  Archive::Entries earlier;
  for (size_t stage = stage_; stage < stages_.size() && !outcome.was_stopped; ++stage) {
    try {
      begin_stage(stage, trainer_ ? &earlier : nullptr);
    } catch (const run::Stopped&) {  // on the way to where a checkpoint was made, which stays as it is
      outcome.was_stopped = true;
      return outcome;
    }
    if (is_over()) break;
    run_stage(stage, outcome);
    resumed_.reset();  // it may have been made at the stage's end
    earlier = trainer_->save_learnt();
    if (is_over()) break;
  }
  progress_line_.clear();
  if (outcome.steps == 0 && !outcome.was_stopped) {
    log_.note(text("training has finished: step ", trainer_->position().step, " is the last by ", end_text(), "; ",
                   way_on()));
  }
  if (!outcome.was_stopped) outcome.end = end_text();
  save();
  outcome.seconds = seconds_since(start);
  return outcome;
}

/// The setting that has ended training.
std::string Training::end_text() const {
  if (is_over()) return text("`steps` = ", steps_);
  return text("`epochs` = ", epochs_, stages_.size() > 1 ? " of all stages" : "");
}

std::string Training::way_on() const {
  const bool has_stages = !stages_.back().name.empty();
  if (is_over()) return text("--steps N with more than ", steps_, " goes on, as far as `epochs` last");
  return has_stages ? "more `epochs` of its last stage go on" : text("--epochs N with more than ", epochs_, " goes on");
}

/// Makes the networks of a stage, with what the stage before has learnt.
void Training::begin_stage(size_t stage, const Archive::Entries* earlier) {
  if (resumed_) return;  // load_checkpoint() has made them
  const graph::Stage& of = stages_[stage];
  const Position position = trainer_ ? trainer_->position() : Position();
  trainer_.reset();  // before the next one takes as much memory
  trainer_ = std::make_unique<Trainer>(of.plan, factory_, options_.trainer, log_);
  stage_ = stage;
  epoch_of_stage_ = 0;
  trainer_->set_position(position);
  if (!of.name.empty()) log_.note(text("stage \"", of.name, "\": ", count_text(of.epochs, "epoch")));
  if (!earlier) return;
  Archive::Entries entries = carried_entries(*earlier, of.carry);
  if (of.has_new_optimiser) {
    std::erase_if(entries, [](const auto& entry) {
      return entry.first.starts_with("update/") && entry.first.find("/average/") == std::string::npos;
    });
  }
  const std::vector<std::string> missing = trainer_->load(entries);
  if (!missing.empty()) {
    log_.note(text("  ", count_text(static_cast<int64_t>(missing.size()), "tensor"),
                   " are initialised, as the stage before has none of that name and shape: ", some_of(missing)));
  }
}

void Training::run_stage(size_t stage, Outcome& outcome) {
  while (epoch_of_stage_ < stages_[stage].epochs) {
    if (!resumed_) trainer_->begin_epoch(trainer_->position());
    resumed_.reset();
    if (!run_epoch(stage, outcome)) return;
    ++epoch_of_stage_;
    trainer_->end_epoch();
    steps_of_last_epoch_ = std::exchange(steps_of_epoch_, 0);
    save_if_due(true);
  }
}

/// @returns whether the epoch has come to its end
bool Training::run_epoch(size_t stage, Outcome& outcome) {
  const int64_t before = trainer_->position().step;
  for (;;) {
    if (should_stop()) {
      outcome.was_stopped = true;
      return false;
    }
    if (is_over()) return false;
    const auto begun = Clock::now();
    std::optional<ChunkResult> chunk;
    try {
      chunk = trainer_->next(progress());
    } catch (const run::Stopped&) {
      outcome.was_stopped = true;
      return false;
    } catch (const Error& error) {
      if (error.exit() == Exit::NotFinite) save_not_finite();
      throw;
    }
    if (!chunk) break;
    ++outcome.steps;
    outcome.frames += chunk->frames;
    after_chunk(*chunk, seconds_since(begun));
  }
  if (trainer_->position().step == before && steps_of_epoch_ == 0) {
    throw Error(Exit::Data, text("no chunk could be trained: the clips",
                                 stages_[stage].name.empty() ? "" : " of this stage", " end before a loss is present"))
        .hint("`weft plan --train` shows from which t on each node runs");
  }
  return true;
}

void Training::after_chunk(const ChunkResult& chunk, double seconds) {
  ++steps_of_epoch_;
  const auto watched = chunk.watched.find(best_name_);
  if (watched != chunk.watched.end() && !std::isnan(watched->second)) {
    watched_sum_ += watched->second;
    ++watched_count_;
  }
  if (folder_) {
    folder_->add_record(record_of(chunk, stages_[stage_].name, trainer_->position().epoch, seconds));
    events_->add_scalars(report::with_speed(numbers_of(chunk), chunk.frames, seconds), chunk.step);
    report_->add(chunk, *trainer_, stages_[stage_].name, seconds);
  }
  progress_line_.show(chunk, progress(), stages_[stage_].name, chunks_left());
  save_if_due(false);
}

graph::Progress Training::progress() const {
  return {trainer_->position().epoch, epochs_, trainer_->position().step, steps_};
}

std::optional<int64_t> Training::chunks_left() const {
  const int64_t step = trainer_->position().step;
  if (steps_ > 0) return steps_ - step;
  if (steps_of_last_epoch_ == 0) return {};
  const int64_t epochs_left = epochs_ - trainer_->position().epoch;
  return std::max<int64_t>(epochs_left * steps_of_last_epoch_ - steps_of_epoch_, 0);
}

// ---- what is kept

void Training::save_if_due(bool epoch_ended) {
  const Position& at = trainer_->position();
  bool is_due = false;
  switch (interval_.unit) {
    case graph::Interval::Unit::Seconds:
      is_due = seconds_since(saved_at_) >= interval_.count;
      break;
    case graph::Interval::Unit::Steps:
      is_due = !epoch_ended && at.step % static_cast<int64_t>(interval_.count) == 0;
      break;
    case graph::Interval::Unit::Epochs:
      is_due = epoch_ended && at.epoch % static_cast<int64_t>(interval_.count) == 0;
      break;
  }
  if (!is_due) return;
  save();
  write_report("training goes on");
}

/// What a person looks at. Without a run folder, or before there is a trainer, there is nothing to look at.
void Training::write_report(const std::string& state) const {
  if (report_ && trainer_) report_->write(state, *trainer_, progress());
}

Checkpoint Training::checkpoint() const {
  Checkpoint checkpoint;
  checkpoint.position = trainer_->position();
  checkpoint.stage = static_cast<int64_t>(stage_);
  checkpoint.epoch_of_stage = epoch_of_stage_;
  checkpoint.graph = graph::resolved_text(trainer_->plan());
  checkpoint.tensors = trainer_->save();
  if (folder_) checkpoint.files = {{"log.jsonl", folder_->log_bytes()}, {report::EventFile::kName, events_->bytes()}};
  checkpoint.numbers = {{"watched_sum", watched_sum_},
                        {"watched_count", static_cast<double>(watched_count_)},
                        {"steps_of_epoch", static_cast<double>(steps_of_epoch_)},
                        {"steps_of_last_epoch", static_cast<double>(steps_of_last_epoch_)}};
  if (best_) checkpoint.numbers["best"] = *best_;
  if (best_ && best_step_ >= 0) checkpoint.numbers["best_step"] = static_cast<double>(best_step_);
  return checkpoint;
}

void Training::save() {
  if (!folder_) return;
  const fs::path folder = fs::path(folder_->path()) / "checkpoints";
  std::error_code error;
  fs::create_directories(folder, error);
  check_finite();
  const double mean = watched_count_ > 0 ? watched_sum_ / static_cast<double>(watched_count_) : 0;
  const bool is_best = watched_count_ > 0 && (!best_ || best_sign_ * mean < best_sign_ * *best_);
  if (is_best) {
    best_ = mean;
    best_step_ = trainer_->position().step;
  }
  watched_sum_ = 0;
  watched_count_ = 0;
  add_pictures();
  const fs::path file = folder / checkpoint_name(trainer_->position().step);
  write_checkpoint(file, checkpoint());
  write_weights(folder_->path() + "/weights");
  if (is_best) keep_best(file);
  remove_old();
  saved_at_ = Clock::now();
}

/// What cannot be resumed must not take the place of a checkpoint that can.
void Training::check_finite() {
  const std::string name = trainer_->first_not_finite();
  if (name.empty()) return;
  save_not_finite();
  throw Error(Exit::NotFinite, text("after step ", trainer_->position().step, " the numbers of ", name,
                                    " are no longer finite; the checkpoints before it stay"))
      .hint("a smaller rate, `clip`, or precision = \"f32\" may help");
}

/// Pictures and the distribution of each learnt tensor go into the event file.
void Training::add_pictures() {
  const int64_t step = trainer_->position().step;
  for (const auto& [name, watched] : trainer_->watched()) {
    const auto picture =
        watched.values.empty() ? std::nullopt : report::picture_of(watched.values.back(), watched.kind);
    if (picture) events_->add_image("shown/" + name, *picture, step);
  }
  for (const auto& update : trainer_->updates()) {
    const std::vector<at::Tensor> parameters = update->parameters();
    for (size_t i = 0; i < parameters.size(); ++i)
      events_->add_histogram("weights/" + update->parameter_names()[i], parameters[i], step);
  }
}

/// Keeps a second name of the file, and its weights beside the newest ones.
void Training::keep_best(const std::string& file) {
  const fs::path best = fs::path(file).parent_path() / "best.safetensors", fresh = best.string() + ".new";
  std::error_code error;
  fs::remove(fresh, error);
  fs::create_hard_link(file, fresh, error);
  if (error) fs::copy_file(file, fresh, fs::copy_options::overwrite_existing, error);
  if (!error) fs::rename(fresh, best, error);
  if (error) throw Error(Exit::Failed, Place{best.string()}, text("could not be written: ", error.message()));
  write_weights(folder_->path() + "/weights-best");
}

void Training::write_weights(const std::string& folder) const {
  std::error_code error;
  fs::create_directories(folder, error);
  for (const auto& [path, tensors] : trainer_->trained_weights()) {
    weights::WeightFile file;
    for (const auto& [key, tensor] : tensors) file.tensors.emplace_back(key, tensor.cpu());
    weights::write_safetensors(folder + '/' + file_name_of(path) + ".safetensors", file);
  }
}

/// The newest is on the disk; files that persons named otherwise are theirs.
void Training::remove_old() const {
  const std::vector<SavedCheckpoint> saved = saved_checkpoints(folder_->path() + "/checkpoints");
  std::error_code stays;  // it is removed after the next one
  for (size_t i = 0; i + static_cast<size_t>(keep_) < saved.size(); ++i) fs::remove(saved[i].path, stays);
}

void Training::save_not_finite() {
  if (!folder_) return;
  progress_line_.clear();
  Checkpoint bad = checkpoint();
  bad.tensors = trainer_->save_learnt();
  const std::string file = folder_->path() + "/checkpoints/not-finite.safetensors";
  std::error_code error;
  fs::create_directories(fs::path(file).parent_path(), error);
  write_checkpoint(file, bad);
  log_.note(text("the networks as they were before it: ", file));
}

std::vector<std::string> Training::dry_run() {
  std::vector<std::string> lines;
  Archive::Entries earlier;
  for (size_t stage = 0; stage < stages_.size(); ++stage) {
    begin_stage(stage, trainer_ ? &earlier : nullptr);
    trainer_->begin_epoch({});
    const auto begun = Clock::now();
    const auto chunk = trainer_->next(progress());
    if (!chunk) throw Error(Exit::Data, "the clips end before a loss is present");
    std::string line = stages_[stage].name.empty() ? "" : text(stages_[stage].name, ": ");
    line += text(count_text(chunk->frames, "frame"), ", ", duration_text(seconds_since(begun)), ", peak memory ",
                 bytes_text(peak_memory()));
    for (const auto& update : trainer_->updates())
      line += text("; ", update->name(), ": ", Trainer::count_parameters(*update), " parameters");
    lines.push_back(line);
    earlier = trainer_->save_learnt();
  }
  return lines;
}

}  // namespace weft::train
