// How a trainer goes on from a checkpoint: all is compared before anything is loaded.
#include "framework/base/error.h"
#include "framework/base/text.h"
#include "framework/run/finite.h"
#include "framework/train/trainer.h"
#include "framework/weights/shape_text.h"

#include <ATen/TensorOperators.h>
#include <ATen/ops/empty.h>

namespace weft::train {
namespace {

constexpr std::string_view kClip = "clip/";  // what goes on from chunk to chunk

/// What is missing, another, or of no use, a line each.
std::vector<std::string> differences_between(const Archive::Entries& wanted, const Archive::Entries& found) {
  std::vector<std::string> differences;
  for (const auto& [name, like] : wanted) {
    const auto entry = found.find(name);
    if (entry == found.end()) {
      differences.push_back(text(name, " is missing"));
    } else if (entry->second.sizes() != like.sizes()) {
      differences.push_back(
          text(name, " is ", weights::shape_text(entry->second), ", not ", weights::shape_text(like)));
    } else if (entry->second.scalar_type() != like.scalar_type()) {
      differences.push_back(text(name, " is of type ", c10::toString(entry->second.scalar_type()), ", not ",
                                 c10::toString(like.scalar_type())));
    } else if (!run::has_all_finite(entry->second)) {
      differences.push_back(text(name, " has numbers that are not finite"));
    }
  }
  for (const auto& [name, tensor] : found) {
    if (!wanted.contains(name) && !name.starts_with(kClip)) differences.push_back(text(name, " is not of this graph"));
  }
  return differences;
}

}  // namespace

/// What networks from files should have in a checkpoint that has any of it: an earlier stage has changed them.
void Trainer::add_learnt_before(const Archive::Entries& found, Archive::Entries& wanted) const {
  for (size_t node = 0; node < plan_.graph.nodes.size(); ++node) {
    const graph::FlatNode& of = plan_.graph.nodes[node];
    if (!of.spec->is_trainable || of.shares >= 0 || !(*nodes_)[node] || is_kept(node)) continue;
    Archive::Entries own;
    bool is_there = false;
    for (const auto& [key, parameter] : (*nodes_)[node]->module()->tensors()) {
      const std::string name = "network/" + tensor_name(of, key);
      if (parameter->is_set()) own[name] = at::empty(parameter->shape(), parameter->type());
      is_there = is_there || found.contains(name);
    }
    if (is_there) wanted.merge(own);
  }
}

std::vector<std::string> Trainer::differences(const Archive::Entries& entries, const Position& position) const {
  Archive::Entries wanted = save_learnt();
  add_learnt_before(entries, wanted);
  for (const auto& update : updates_) update->add_gradients(entries, wanted);
  std::vector<std::string> differences = differences_between(wanted, entries);
  if (position.chunk == 0) {
    for (const auto& [name, tensor] : entries) {
      if (name.starts_with(kClip)) differences.push_back(text(name, " is of no use between clips"));
    }
  }
  if (!differences.empty()) return differences;
  for (const auto& update : updates_) update->check_counts(entries, position.step, differences);
  return differences;
}

std::string Trainer::first_not_finite() const {
  for (const auto& [name, tensor] : save_learnt()) {
    if (!run::has_all_finite(tensor)) return name;
  }
  return {};
}

std::vector<std::string> Trainer::resume(const Position& position, const Archive::Entries& entries) {
  begin_epoch(position);
  position_ = position;
  if (position.chunk == 0) return {};
  const std::string beyond = text("the data ends before clip ", position.clip, ", chunk ", position.chunk);
  for (int64_t clip = 0; clip < batch_; ++clip) {
    if (!advance(static_cast<size_t>(clip), position.clip * batch_ + clip + 1)) return {beyond};
  }
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
