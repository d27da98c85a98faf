#include "framework/train/training.h"

#include "framework/base/error.h"
#include "framework/base/text.h"
#include "framework/graph/graph_text.h"
#include "framework/run/node_failure.h"

#include <algorithm>
#include <cstdio>

namespace weft::train {
namespace {

constexpr size_t kListed = 6;

double seconds_since(std::chrono::steady_clock::time_point start) {
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
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

Training::Training(std::vector<graph::Stage> stages, const NodeFactory& factory, TrainingOptions options, Log& log)
    : stages_(std::move(stages)),
      factory_(factory),
      options_(std::move(options)),
      log_(log),
      best_(stages_.front().plan.graph.run.best),
      progress_line_(log, options_.shows_progress),
      gradient_watch_(log),
      observers_{&progress_line_, &gradient_watch_} {
  for (const graph::Stage& stage : stages_) sizes_.push_back(epoch_size(stage));
  if (!options_.trainer.trace) options_.trainer.trace = &times_;
  options_.trainer.stop = options_.stop;
  const graph::RunSettings& run = stages_.front().plan.graph.run;
  interval_ = run.checkpoint;
  steps_ = run.steps.value_or(0);
  for (const graph::Stage& stage : stages_) epochs_ += stage.epochs;
  if (!options_.resume.empty()) load_checkpoint();
}

Training::~Training() = default;

Outcome Training::run() {
  try {
    const Outcome outcome = run_stages();
    tell_state(outcome.was_stopped ? "stopped" : "done");
    return outcome;
  } catch (const std::exception&) {
    const Error failure = with_way_out(run::failure_of(std::current_exception()));
    try {
      tell_state(text("failed: ", failure.what()));
    } catch (const std::exception&) {  // the failure that led here is the one to be reported
    }
    throw Error(failure);
  }
}

/// A failure with how to go on after it.
Error Training::with_way_out(Error failure) const {
  const bool wants_room = failure.exit() == Exit::Failed || failure.exit() == Exit::Memory;
  if (wants_room && store_ && !store_->is_empty()) {
    failure.hint(
        text("the files saved before are complete: once there is room, --resume ", folder_->path(), " goes on"));
  } else if (failure.exit() == Exit::Failed && folder_) {
    failure.hint("nothing was saved yet; --run-folder DIR puts the run where there is room");
  }
  return failure;
}

Outcome Training::run_stages() {
  const auto start = Clock::now();
  saved_at_ = start;
  resumed_.reset();  // its tensors are in the networks
  Outcome outcome;
  for (size_t stage = stage_; stage < stages_.size() && !outcome.was_stopped; ++stage) {
    begin_stage(stage);
    if (is_over()) break;
    run_stage(outcome);
    if (is_over()) break;
  }
  progress_line_.clear();
  if (outcome.steps == 0 && !outcome.was_stopped) {
    log_.note(text("training has finished: step ", trainer().position().step, " is the last by ", end_text(), "; ",
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
void Training::begin_stage(size_t stage) {
  if (runner_ && stage == stage_) return;  // load_checkpoint() has made them
  const graph::Stage& of = stages_[stage];
  Archive::Entries earlier;
  Position position;
  EpochSteps steps;
  const bool has_earlier = runner_ != nullptr;
  if (has_earlier) {
    earlier = trainer().learnt().save();
    position = trainer().position();
    steps = runner_->steps();
    steps.last = steps_of_next(sizes_[stage_], sizes_[stage], steps.last);
    runner_.reset();  // before the next one takes as much memory
  }
  runner_ = std::make_unique<StageRunner>(of, factory_, options_.trainer, steps, log_);
  stage_ = stage;
  runner_->trainer().set_position(position);
  if (!of.name.empty()) log_.note(text("stage \"", of.name, "\": ", count_text(of.epochs, "epoch")));
  if (!has_earlier) return;
  const std::vector<std::string> missing = runner_->take_over(earlier);
  if (missing.empty()) return;
  log_.note(text("  ", count_text(static_cast<int64_t>(missing.size()), "tensor"),
                 " are initialised, as the stage before has none of that name and shape: ", some_of(missing)));
}

void Training::run_stage(Outcome& outcome) {
  for (;;) {
    outcome.was_stopped = should_stop();
    if (outcome.was_stopped || is_over()) return;
    const auto begun = Clock::now();
    ChunkResult chunk;
    StageRunner::Event event{};
    try {
      event = runner_->next(progress(), chunk);
    } catch (const run::Stopped&) {
      outcome.was_stopped = true;
      return;
    } catch (const Error& error) {
      if (error.exit() == Exit::NotFinite) save_not_finite();
      throw;
    }
    if (event == StageRunner::Event::StageEnd) return;
    if (event == StageRunner::Event::EpochEnd) {
      save_if_due(true);
      continue;
    }
    ++outcome.steps;
    outcome.frames += chunk.frames;
    after_chunk(chunk, seconds_since(begun));
  }
}

void Training::after_chunk(const ChunkResult& chunk, double seconds) {
  best_.add(chunk);
  for (TrainingObserver* observer : observers_) observer->chunk(chunk, seconds, standing());
  save_if_due(false);
}

graph::Progress Training::progress() const {
  const Position& at = trainer().position();
  return {at.epoch, epochs_, at.step, steps_};
}

Standing Training::standing() const {
  return {trainer(), stages_[stage_].name, progress(), chunks_left()};
}

std::optional<int64_t> Training::chunks_left() const {
  const Position& at = trainer().position();
  if (steps_ > 0) return steps_ - at.step;
  return train::chunks_left(stages_, sizes_, {stage_, epochs_ - at.epoch}, runner_->steps());
}

// ---- what is kept

void Training::save_if_due(bool epoch_ended) {
  const Position& at = trainer().position();
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
  tell_state("training goes on");
}

/// Before there are networks there is nothing to tell of.
void Training::tell_state(const std::string& state) {
  if (!runner_) return;
  for (TrainingObserver* observer : observers_) observer->state(state, standing());
}

Checkpoint Training::checkpoint() const {
  Checkpoint checkpoint;
  checkpoint.position = trainer().position();
  checkpoint.stage = static_cast<int64_t>(stage_);
  checkpoint.epoch_of_stage = runner_->epoch();
  checkpoint.graph = graph::resolved_text(trainer().plan());
  checkpoint.tensors = trainer().save();
  checkpoint.files = record_->lengths();
  checkpoint.numbers = {{"steps_of_epoch", static_cast<double>(runner_->steps().current)},
                        {"steps_of_last_epoch", static_cast<double>(runner_->steps().last)}};
  best_.save(checkpoint.numbers);
  return checkpoint;
}

void Training::save() {
  if (!store_) return;
  check_finite();
  const bool is_best = best_.judge(trainer().position().step);
  for (TrainingObserver* observer : observers_) observer->saving(standing());
  store_->save(checkpoint(), trainer().learnt(), is_best);
  saved_at_ = Clock::now();
}

/// What cannot be resumed must not take the place of a checkpoint that can.
void Training::check_finite() {
  const std::string name = trainer().learnt().first_not_finite();
  if (name.empty()) return;
  save_not_finite();
  throw Error(Exit::NotFinite, text("after step ", trainer().position().step, " the numbers of ", name,
                                    " are no longer finite; the checkpoints before it stay"))
      .hint("a smaller rate, `clip`, or precision = \"f32\" may help");
}

void Training::save_not_finite() {
  if (!store_) return;
  progress_line_.clear();
  Checkpoint bad = checkpoint();
  bad.tensors = trainer().learnt().save();
  log_.note(text("the networks as they were before it: ", store_->save_not_finite(bad)));
}

std::vector<std::string> Training::dry_run() {
  std::vector<std::string> lines;
  for (size_t stage = 0; stage < stages_.size(); ++stage) {
    log_.status(text("training on one chunk of stage ", stage + 1, " of ", stages_.size(), " …"));
    begin_stage(stage);
    runner_->trainer().begin_epoch({});
    const auto begun = Clock::now();
    const auto chunk = runner_->trainer().next(progress());
    log_.status("");
    if (!chunk) throw Error(Exit::Data, "the clips end before a loss is present");
    std::string line = stages_[stage].name.empty() ? "" : text(stages_[stage].name, ": ");
    line += text(count_text(chunk->frames, "frame"), ", ", duration_text(seconds_since(begun)), ", peak memory ",
                 bytes_text(peak_memory()));
    for (const auto& update : trainer().learnt().updates())
      line += text("; ", update->name(), ": ", update->size(), " parameters");
    lines.push_back(line);
  }
  return lines;
}

}  // namespace weft::train
