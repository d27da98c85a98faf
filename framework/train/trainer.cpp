#include "framework/train/trainer.h"

#include "framework/base/error.h"
#include "framework/base/text.h"
#include "framework/run/precision.h"

#include <algorithm>

namespace weft::train {
namespace {

constexpr std::string_view kClip = "clip/";  // begins the names of what goes on from chunk to chunk

run::RunnerOptions runner_options(const graph::Plan& plan, const TrainerOptions& options, Log& log) {
  run::RunnerOptions runner;
  runner.device = options.device;
  runner.precision = run::precision_of(plan.graph, options.device, log);
  runner.seed = static_cast<uint64_t>(plan.graph.run.seed);
  runner.read_ahead = options.read_ahead;
  runner.trace = options.trace;
  runner.stop = options.stop;
  if (plan.graph.run.frames) runner.range.last = *plan.graph.run.frames - 1;
  return runner;
}

Learners learners_of(const graph::Plan& plan) {
  Learners learners = find_learners(plan);
  learners.learning.bptt = plan.graph.run.bptt;
  return learners;
}

}  // namespace

Trainer::Trainer(graph::Plan plan, const NodeFactory& factory, TrainerOptions options, Log& log)
    : plan_(std::move(plan)),
      factory_(factory),
      options_(std::move(options)),
      log_(log),
      learners_(learners_of(plan_)),
      learnt_(plan_, factory, options_.device, log),
      chunks_(plan_, learners_, learnt_.updates(), *options_.ranks, options_.trace) {}

Trainer::~Trainer() = default;

void Trainer::begin_epoch(Position position) {
  position_ = position;
  position_.clip = position_.chunk = 0;
  has_clip_ = false;
  runner_.reset();  // it reads from the sources
  const ClipLoader::Options loading{options_.device, options_.stop, options_.ranks->rank(), options_.ranks->count()};
  loader_ = std::make_unique<ClipLoader>(plan_, factory_, position.epoch, loading, log_);
  run::RunnerOptions running = runner_options(plan_, options_, log_);
  running.epoch = position.epoch;
  runner_ = std::make_unique<ChunkRunner>(plan_, learnt_.nodes(), loader_->sources(), std::move(running),
                                          learners_.learning, log_);
}

/// Goes on to the next batch of clips. @returns false when the data is at its end
bool Trainer::begin_clip() {
  runner_->stop_reading();  // a source may still be looking for the end of the clip before
  if (options_.ranks->any(!loader_->open(position_.clip))) return false;
  open_clip();
  return true;
}

void Trainer::open_clip(const std::map<std::string, std::vector<Value>>& frames) {
  const std::vector<int64_t> lengths = loader_->lengths();
  ticks_ = longest_chunk(lengths);
  runner_->begin_clip(loader_->clips(position_.clips), static_cast<uint64_t>(position_.clips), lengths,
                      std::max(ticks_, warm_ticks()));
  for (const auto& [input, values] : frames) {
    for (const Value& value : values) runner_->push(input, value);
  }
  has_clip_ = true;
  position_.chunk = 0;
  if (warm_ticks() == 0) return;
  runner_->decide(warm_ticks());
  runner_->run(ChunkRunner::Gradients::None);
  runner_->end();
}

void Trainer::end_clip() {
  has_clip_ = false;
  position_.chunk = 0;
  ++position_.clip;
  ++position_.clips;
}

int64_t Trainer::longest_chunk(const std::vector<int64_t>& lengths) const {
  if (plan_.graph.run.chunk) return *plan_.graph.run.chunk;
  int64_t longest = 0;
  for (const int64_t length : lengths) longest = std::max(longest, length);
  const int64_t most = plan_.graph.run.frames.value_or(longest);
  longest = longest > 0 ? std::min(longest, most) : most;
  if (longest > learners_.first_time) return longest - learners_.first_time;
  throw Error(Exit::Graph, "the length of a clip is not known before it is read, so a chunk cannot be the whole clip")
      .hint("write [run] chunk = N");
}

/// Decides the next chunk. @returns how many of its times can have losses; nothing when the clip is over
std::optional<int64_t> Trainer::decide() {
  const int64_t times = runner_->is_over() ? 0 : runner_->decide(ticks_);
  const bool is_over = times <= 0 && runner_->is_over();
  const bool is_dropped = plan_.graph.run.chunk && plan_.graph.run.drops_remainder && times < ticks_;
  if (options_.ranks->any(is_over || is_dropped)) return {};
  return times;
}

/// Trains on the chunk that was decided, or only runs it where no loss can be present.
std::optional<ChunkResult> Trainer::run_chunk(const graph::Progress& progress, int64_t times) {
  std::optional<ChunkResult> result;
  if (options_.ranks->any(times > 0)) {
    result.emplace();
    result->step = position_.step;
    result->frames = std::max<int64_t>(times, 0) * loader_->clips();
    result->clip = loader_->name();
    chunks_.train(*runner_, progress, *result);
    ++position_.step;
  } else {
    runner_->run(ChunkRunner::Gradients::None);
  }
  runner_->end();
  ++position_.chunk;
  return result;
}

std::optional<ChunkResult> Trainer::next(graph::Progress progress) {
  for (;;) {
    if (!has_clip_ && !begin_clip()) return {};
    const std::optional<int64_t> times = decide();
    if (!times) {
      end_clip();
      continue;
    }
    if (auto result = run_chunk(progress, *times)) return result;
  }
}

void Trainer::train_clip(const std::map<std::string, std::vector<Value>>& frames, graph::Progress progress,
                         const std::function<void(const ChunkResult&)>& after_chunk) {
  if (!runner_) begin_epoch(position_);
  open_clip(frames);
  while (const auto times = decide()) {
    progress.step = position_.step;
    if (const auto result = run_chunk(progress, *times)) after_chunk(*result);
  }
  end_clip();
}

void Trainer::end_epoch() {
  ++position_.epoch;
  position_.clip = position_.chunk = 0;
  has_clip_ = false;
}

// ---- checkpoints

Archive::Entries Trainer::save() const {
  Archive::Entries entries = learnt_.save();
  if (!has_clip_ || position_.chunk == 0) return entries;
  for (const auto& [name, tensor] : runner_->carried()) entries[std::string(kClip) + name] = tensor;
  return entries;
}

std::vector<std::string> Trainer::differences(const Archive::Entries& entries, const Position& position) const {
  std::vector<std::string> differences = learnt_.differences(entries, position.step, kClip);
  if (position.chunk > 0) return differences;
  for (const auto& [name, tensor] : entries) {
    if (name.starts_with(kClip)) differences.push_back(text(name, " is of no use between clips"));
  }
  return differences;
}

std::vector<std::string> Trainer::resume(const Position& position, const Archive::Entries& entries) {
  begin_epoch(position);
  position_ = position;
  if (position.chunk == 0) return {};
  const std::string beyond = text("the data ends before clip ", position.clip, ", chunk ", position.chunk);
  if (!loader_->open(position.clip)) return {beyond};
  open_clip();
  for (int64_t chunk = 0; chunk < position.chunk; ++chunk) {
    if (runner_->is_over()) return {beyond};
    runner_->decide(ticks_);
    runner_->end();
  }
  Archive::Entries carried;
  for (const auto& [name, tensor] : entries) {
    if (name.starts_with(kClip)) carried[name.substr(kClip.size())] = tensor;
  }
  std::vector<std::string> differences = runner_->differences(carried);
  if (!differences.empty()) return differences;
  runner_->restore(carried);
  position_ = position;
  return {};
}

}  // namespace weft::train
