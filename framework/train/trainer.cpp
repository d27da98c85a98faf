#include "framework/train/trainer.h"

#include "framework/base/error.h"
#include "framework/base/text.h"
#include "framework/graph/updates.h"
#include "framework/run/node_failure.h"
#include "framework/run/session.h"
#include "framework/train/clip_sources.h"

#include <ATen/ops/stack.h>
#include <c10/core/GradMode.h>

#include <algorithm>
#include <cmath>
#include <set>

namespace weft::train {
namespace {

run::RunnerOptions runner_options(const graph::Plan& plan, const TrainerOptions& options) {
  run::RunnerOptions runner;
  runner.device = options.device;
  runner.precision = run::precision_of(plan.graph);
  runner.seed = static_cast<uint64_t>(plan.graph.run.seed);
  runner.read_ahead = options.read_ahead;
  runner.trace = options.trace;
  runner.stop = options.stop;
  if (plan.graph.run.frames) runner.range.last = *plan.graph.run.frames - 1;
  return runner;
}

/// The path under which a network's tensors are written: that of the line of [weights], or so many names of the node's
/// own path.
std::string file_path(const run::WeightGroup& group, const graph::FlatNode& node, size_t depth) {
  const std::vector<std::string> names = split(node.path, '.');
  if (depth == 0) return group.source->path;
  return join({names.begin(), names.begin() + static_cast<std::ptrdiff_t>(std::min(depth, names.size()))}, ".");
}

/// How many names it takes so that no file holds a key twice; 0: the line of [weights] is one file.
size_t file_depth(const run::WeightGroup& group) {
  const bool is_pattern = group.source->path.find('*') != std::string::npos;
  for (size_t depth = is_pattern ? 1 : 0;; ++depth) {
    std::set<std::pair<std::string, std::string>> taken;
    const bool fits = std::all_of(group.tensors.begin(), group.tensors.end(), [&](const run::WantedTensor& tensor) {
      return taken.emplace(file_path(group, *tensor.node, depth), tensor.key).second;
    });
    if (fits || depth > 32) return depth;
  }
}

/// Losses as plain numbers, read from the device at once.
std::vector<double> numbers_of(const std::vector<LossValue>& losses) {
  std::vector<at::Tensor> present;
  for (const LossValue& loss : losses) {
    if (loss.value.defined()) present.push_back(loss.value.detach().to(at::kDouble));
  }
  if (present.empty()) return {};
  const at::Tensor all = at::stack(present).cpu();
  return {all.const_data_ptr<double>(), all.const_data_ptr<double>() + all.numel()};
}

/// Kernels of convolutions that learn lie channels last, in which their gradients are fastest, in float too; double, for
/// checks of gradients, has no such kernels.
at::MemoryFormat layout_to_learn_in(at::ScalarType precision) {
  return precision == at::kFloat ? at::MemoryFormat::ChannelsLast : nn::layout_of(precision);
}

}  // namespace

Trainer::Trainer(graph::Plan plan, const NodeFactory& factory, TrainerOptions options, Log& log)
    : plan_(std::move(plan)),
      factory_(factory),
      options_(options),
      log_(log),
      seed_(static_cast<uint64_t>(plan_.graph.run.seed)),
      batch_(plan_.graph.run.batch),
      chunk_(plan_.graph.run.chunk),
      drops_remainder_(plan_.graph.run.drops_remainder),
      mode_(plan_.graph.run.updates),
      learners_(find_learners(plan_)),
      patience_(options.stop) {
  learners_.learning.bptt = plan_.graph.run.bptt;
  nodes_ = std::make_unique<run::Nodes>(plan_, factory);
  load_networks();
  make_updates();
}

Trainer::~Trainer() = default;

/// Whether a network's tensors belong into checkpoints: all but those that are as their file has them.
bool Trainer::is_kept(size_t node) const {
  const graph::FlatNode& of = plan_.graph.nodes[node];
  if (!of.spec->is_trainable || of.shares >= 0 || !(*nodes_)[node]) return false;
  const graph::WeightSource* source = graph::weights_of(plan_.graph, of);
  const bool learns =
      std::any_of(plan_.graph.updates.begin(), plan_.graph.updates.end(), [&](const graph::Update& update) {
        return std::find(update.nodes.begin(), update.nodes.end(), static_cast<int>(node)) != update.nodes.end();
      });
  return learns || learnt_before_.contains(node) || (source && !source->is_file());
}

void Trainer::load_networks() {
  weights_ = run::group_weights(plan_, nodes_->all());
  const at::ScalarType precision = run::precision_of(plan_.graph);
  for (const run::WeightGroup& group : weights_) {
    run::within(text("in the weights of \"", group.source->path, "\", ", group.source->place),
                [&] { run::load_weights(group, seed_, log_, plan_.graph.instances.front().file, factory_); });
  }
  for (size_t node = 0; node < nodes_->all().size(); ++node) {
    const graph::FlatNode& of = plan_.graph.nodes[node];
    nn::Module* module =
        of.spec->is_trainable && of.shares < 0 && (*nodes_)[node] ? (*nodes_)[node]->module() : nullptr;
    if (!module) continue;
    // What learns stays float; its layout is that of the numbers in which it computes.
    module->to(options_.device, is_kept(node) ? at::kFloat : precision);
    for (const auto& [key, parameter] : module->tensors()) {
      if (!parameter->is_set() || !is_kept(node)) continue;
      at::Tensor own = (*parameter)->clone();
      if (own.dim() == 4) own = own.contiguous(layout_to_learn_in(precision));
      parameter->set(own);
    }
  }
}

void Trainer::make_updates() {
  for (const graph::Update& update : plan_.graph.updates) {
    updates_.push_back(std::make_unique<Update>(plan_, update, nodes_->all()));
    const std::vector<std::string>& idle = updates_.back()->idle();
    if (!idle.empty())
      log_.note(text("[update.", update.name, "] leaves out networks that do not run: ", quoted_list(idle, "and")));
  }
}

int64_t Trainer::count_parameters(const Update& update) {
  int64_t count = 0;
  for (const at::Tensor& parameter : update.parameters()) count += parameter.numel();
  return count;
}

// ---- data

std::vector<Node*> Trainer::nodes_of_clip(size_t clip) const {
  std::vector<Node*> nodes = nodes_->all();
  for (size_t node = 0; node < nodes.size(); ++node) {
    if (sources_[clip][node]) nodes[node] = sources_[clip][node].get();
  }
  return nodes;
}

void Trainer::begin_epoch(Position position) {
  position_ = position;
  position_.clip = position_.chunk = 0;
  has_clip_ = false;
  runner_.reset();  // it reads from the sources
  sources_.clear();
  for (int64_t clip = 0; clip < batch_; ++clip) sources_.push_back(run::Nodes::make_sources(plan_, factory_));
  advanced_.assign(static_cast<size_t>(batch_), 0);
  run::RunnerOptions options = runner_options(plan_, options_);
  options.epoch = position.epoch;
  for (size_t clip = 1; clip < sources_.size(); ++clip) options.more_clips.push_back(nodes_of_clip(clip));
  runner_ = std::make_unique<ChunkRunner>(plan_, nodes_of_clip(0), std::move(options), learners_.learning, log_);
}

/// Leads the sources of one clip of the batch on. @returns false when the data is at its end
bool Trainer::advance(size_t clip, int64_t count) {
  Context context("", seed_, options_.device, run::precision_of(plan_.graph), log_);
  context.set_training(true);
  context.set_epoch(position_.epoch);
  const auto name = patience_.wait_for([this, nodes = nodes_of_clip(clip), before = advanced_[clip], count, context] {
    return next_clip(plan_, nodes, before, count - 1, context);
  });
  if (!name) return false;
  advanced_[clip] += count;
  if (clip == 0) clip_name_ = *name;
  return true;
}

/// Goes on to the next batch of clips. Each of them takes every batch-th sequence.
bool Trainer::begin_clip() {
  runner_->stop_reading();  // a source may still be looking for the end of the clip before
  for (int64_t clip = 0; clip < batch_; ++clip) {
    const auto at = static_cast<size_t>(clip);
    if (!advance(at, position_.clip * batch_ + clip + 1 - advanced_[at])) return false;
  }
  open_clip();
  return true;
}

void Trainer::open_clip(const std::map<std::string, std::vector<Value>>& frames) {
  std::vector<int64_t> lengths = clip_lengths(plan_, nodes_of_clip(0));
  for (size_t clip = 1; clip < sources_.size(); ++clip) {
    const std::vector<int64_t> others = clip_lengths(plan_, nodes_of_clip(clip));
    for (size_t step = 0; step < lengths.size(); ++step) lengths[step] = std::min(lengths[step], others[step]);
  }
  ticks_ = longest_chunk(lengths);
  runner_->begin_clip({clip_name_, static_cast<uint64_t>(position_.clips), nullptr, {}}, lengths,
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

int64_t Trainer::longest_chunk(const std::vector<int64_t>& lengths) const {
  if (chunk_) return *chunk_;
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
  if (runner_->is_over()) return {};
  const int64_t times = runner_->decide(ticks_);
  if (times <= 0 && runner_->is_over()) return {};
  if (chunk_ && drops_remainder_ && times < ticks_) return {};
  return times;
}

std::optional<ChunkResult> Trainer::next(graph::Progress progress) {
  for (;;) {
    if (!has_clip_ && !begin_clip()) return {};
    const std::optional<int64_t> times = decide();
    if (!times) {
      has_clip_ = false;
      position_.chunk = 0;
      ++position_.clip;
      ++position_.clips;
      continue;
    }
    if (*times > 0) return train(progress, *times * batch_);
    runner_->run(ChunkRunner::Gradients::None);
    runner_->end();
    ++position_.chunk;
  }
}

void Trainer::train_clip(const std::map<std::string, std::vector<Value>>& frames, graph::Progress progress,
                         const std::function<void(const ChunkResult&)>& after_chunk) {
  if (!runner_) begin_epoch(position_);
  open_clip(frames);
  while (const auto times = decide()) {
    progress.step = position_.step;
    if (*times > 0) {
      after_chunk(train(progress, *times * batch_));
      continue;
    }
    runner_->run(ChunkRunner::Gradients::None);
    runner_->end();
    ++position_.chunk;
  }
  has_clip_ = false;
  ++position_.clip;
  ++position_.clips;
}

// ---- learning

ChunkResult Trainer::train(const graph::Progress& progress, int64_t frames) {
  ChunkResult result;
  result.step = position_.step;
  result.frames = frames;
  result.clip = clip_name_;
  runner_->run(ChunkRunner::Gradients::Kept);
  watch(result);
  run_updates(progress, result);
  runner_->end();
  ++position_.chunk;
  ++position_.step;
  return result;
}

/// Keeps what is only looked at, as the chunk's first pass has made it.
void Trainer::watch(ChunkResult& result) {
  for (const graph::Step& step : plan_.steps) {
    if (!step.only_watches || step.inputs.front().reads.empty()) continue;
    const graph::Read& read = step.inputs.front().reads.front();
    const std::vector<Value>& values = runner_->collected(step.node);
    if (values.empty()) continue;
    report::ShownStream& watched = watched_[read.text];
    watched.kind = read.type.kind.value_or(Kind::Feature);
    watched.values.clear();
    for (const Value& value : values)
      watched.values.push_back(value.map([](const at::Tensor& tensor) { return tensor.detach(); }));
    if (watched.kind != Kind::Scalar) continue;
    double sum = 0;
    for (const Value& value : watched.values) sum += value.tensor().item<double>();
    result.watched[read.text] = sum / static_cast<double>(values.size());
  }
}

/// The updates in the order in which they take their turn.
std::vector<size_t> Trainer::order_of_updates() const {
  std::vector<size_t> order;
  for (const std::string& name : plan_.graph.run.order) {
    for (size_t i = 0; i < updates_.size(); ++i) {
      if (updates_[i]->name() == name) order.push_back(i);
    }
  }
  for (size_t i = 0; i < updates_.size(); ++i) {
    if (std::find(order.begin(), order.end(), i) == order.end()) order.push_back(i);
  }
  std::erase_if(order, [&](size_t i) { return !updates_[i]->is_due(position_.step); });
  return order;
}

/// By step of the plan, whether it runs again before the turn of an update: steps downstream of the networks of this
/// update, and (alternate) of all networks that were changed since the last pass, if a loss depends on them.
std::vector<char> Trainer::steps_to_run_again(const std::vector<size_t>& order, size_t turn) const {
  const bool alternates = mode_ == graph::UpdateMode::Alternate;
  std::vector<size_t> changed = {order[turn]};
  if (alternates) changed.insert(changed.end(), stepped_.begin(), stepped_.end());
  const auto end = order.begin() + static_cast<std::ptrdiff_t>(alternates ? order.size() : turn + 1);
  const auto any = [](const std::vector<std::vector<char>>& of, auto first, auto last, size_t step) {
    return std::any_of(first, last, [&](size_t update) { return of[update][step] != 0; });
  };
  std::vector<char> steps(plan_.steps.size(), 0);
  for (size_t step = 0; step < steps.size(); ++step) {
    const bool has_changed = any(learners_.behind, changed.begin(), changed.end(), step);
    const bool is_wanted = any(learners_.towards, order.begin() + static_cast<std::ptrdiff_t>(turn), end, step);
    steps[step] = has_changed && is_wanted ? 1 : 0;
  }
  return steps;
}

void Trainer::run_updates(const graph::Progress& progress, ChunkResult& result) {
  const std::vector<size_t> order = order_of_updates();
  const bool alternates = mode_ == graph::UpdateMode::Alternate;
  stepped_.clear();
  for (size_t turn = 0; turn < order.size(); ++turn) {
    Update& update = *updates_[order[turn]];
    if (turn > 0 && mode_ != graph::UpdateMode::Shared) runner_->run_again(steps_to_run_again(order, turn));
    stepped_.clear();
    // Each update has a pass of its own, so no other update uses this graph of gradients.
    const bool is_last = turn + 1 == order.size() || mode_ == graph::UpdateMode::Separate;
    result.updates.push_back(run_update(update, progress, is_last ? Update::Graph::Freed : Update::Graph::Kept));
    if (!alternates || !result.updates.back().gradient_norm || !update.is_ready()) continue;
    make_step(update, progress);
    stepped_.push_back(order[turn]);
  }
  for (const size_t index : order) {
    if (!alternates && updates_[index]->is_ready()) make_step(*updates_[index], progress);
  }
}

void Trainer::make_step(Update& update, const graph::Progress& progress) {
  const std::string name = text("step of [update.", update.name(), ']'), lane = run::kComputeLane;
  const run::TraceScope scope(options_.trace, name, lane, position_.step);
  run::within(name, [&] { update.step(progress); });
}

UpdateResult Trainer::run_update(Update& update, const graph::Progress& progress, Update::Graph graph) {
  const std::vector<LossValue> losses = update.losses(*runner_);
  UpdateResult result;
  result.name = update.name();
  result.rate = update.rate(progress);
  const std::vector<double> numbers = numbers_of(losses);
  size_t at = 0;
  for (const LossValue& loss : losses) {
    UpdateResult::Loss& one = result.losses.emplace_back(UpdateResult::Loss{loss.name, loss.weight, {}});
    if (!loss.value.defined()) continue;
    one.value = numbers[at++];
    result.total += loss.weight * *one.value;
  }
  check_finite(result);
  const at::Tensor total = Update::total(losses);
  if (!total.defined()) return result;
  const std::string name = text("gradients of [update.", update.name(), ']'), lane = run::kComputeLane;
  const run::TraceScope scope(options_.trace, name, lane, position_.step);
  result.gradient_norm = run::within(name, [&] { return update.take_gradients(total, graph); });
  if (!std::isfinite(*result.gradient_norm)) {
    throw Error(Exit::NotFinite, text("the gradient of [update.", update.name(), "] is not finite at step ",
                                      position_.step, ": that of ", update.first_not_finite()))
        .hint("a smaller rate, `clip`, or precision = \"f32\" may help");
  }
  return result;
}

void Trainer::check_finite(const UpdateResult& result) {
  for (const UpdateResult::Loss& loss : result.losses) {
    if (!loss.value || std::isfinite(*loss.value)) continue;
    const std::string first = runner_->first_not_finite();
    throw Error(Exit::NotFinite,
                text("the loss ", loss.name, " of [update.", result.name, "] is ",
                     std::isnan(*loss.value) ? "not a number" : "infinite", " at step ", position_.step, ", clip \"",
                     clip_name_, '"', first.empty() ? "" : text("; the first value that is not finite is ", first)));
  }
}

// ---- what is kept

void Trainer::end_epoch() {
  ++position_.epoch;
  position_.clip = position_.chunk = 0;
  has_clip_ = false;
}

Archive::Entries Trainer::save_learnt() const {
  Archive::Entries entries;
  for (size_t node = 0; node < plan_.graph.nodes.size(); ++node) {
    if (!is_kept(node)) continue;
    for (const auto& [key, parameter] : (*nodes_)[node]->module()->tensors()) {
      if (parameter->is_set()) entries["network/" + tensor_name(plan_.graph.nodes[node], key)] = (**parameter).detach();
    }
  }
  for (const auto& update : updates_) update->save(entries);
  return entries;
}

Archive::Entries Trainer::save() const {
  Archive::Entries entries = save_learnt();
  if (!has_clip_ || position_.chunk == 0) return entries;
  for (const auto& [name, tensor] : runner_->carried()) entries["clip/" + name] = tensor;
  return entries;
}

std::vector<std::string> Trainer::load(const Archive::Entries& entries) {
  const c10::AutoGradMode no_gradients(false);
  std::vector<std::string> missing;
  for (size_t node = 0; node < plan_.graph.nodes.size(); ++node) {
    const graph::FlatNode& of = plan_.graph.nodes[node];
    if (!of.spec->is_trainable || of.shares >= 0 || !(*nodes_)[node]) continue;
    const bool was_kept = is_kept(node);
    for (const auto& [key, parameter] : (*nodes_)[node]->module()->tensors()) {
      const std::string name = tensor_name(of, key);
      const auto found = entries.find("network/" + name);
      const bool fits = found != entries.end() && found->second.sizes() == at::IntArrayRef(parameter->shape());
      if (fits && parameter->is_set()) {
        take(node, *parameter, found->second, was_kept);
      } else if (was_kept && parameter->is_set()) {
        missing.push_back(text(name, found == entries.end() ? "" : " (another shape)"));
      }
    }
  }
  for (const auto& update : updates_) update->load(entries);
  return missing;
}

/// Gives a parameter a value that was learnt. A network that came from its file is from then on kept like others.
void Trainer::take(size_t node, nn::Parameter& parameter, const at::Tensor& value, bool was_kept) {
  if (was_kept) {
    (*parameter).detach().copy_(value);
    return;
  }
  learnt_before_.insert(node);
  at::Tensor own = value.to(options_.device, parameter.type(), /*non_blocking=*/false, /*copy=*/true);
  if (own.dim() == 4) own = own.contiguous(layout_to_learn_in(run::precision_of(plan_.graph)));
  parameter.set(own);
}

std::map<std::string, std::vector<std::pair<std::string, at::Tensor>>> Trainer::trained_weights() const {
  std::map<std::string, at::Tensor> averages;
  for (const auto& update : updates_) {
    const std::vector<at::Tensor> values = update->averages();
    for (size_t i = 0; i < values.size(); ++i) averages[update->parameter_names()[i]] = values[i].detach();
  }
  std::map<std::string, std::vector<std::pair<std::string, at::Tensor>>> weights;
  for (const run::WeightGroup& group : weights_) {
    const size_t depth = file_depth(group);
    for (const run::WantedTensor& tensor : group.tensors) {
      const auto node = plan_.graph.index_of(*tensor.node);
      if (!tensor.is_needed || !is_kept(node)) continue;
      const auto average = averages.find(tensor_name(*tensor.node, tensor.key));
      const at::Tensor value = average == averages.end() ? (**tensor.parameter).detach() : average->second;
      weights[file_path(group, *tensor.node, depth)].emplace_back(tensor.key, value);
    }
  }
  return weights;
}

}  // namespace weft::train
