#include "framework/train/learnt_state.h"

#include "framework/base/error.h"
#include "framework/base/text.h"
#include "framework/graph/updates.h"
#include "framework/run/device.h"
#include "framework/run/finite.h"
#include "framework/run/node_failure.h"
#include "framework/run/precision.h"
#include "framework/run/session.h"
#include "framework/weights/shape_text.h"

#include <ATen/TensorOperators.h>
#include <ATen/ops/empty.h>
#include <c10/core/GradMode.h>

#include <algorithm>

namespace weft::train {
namespace {

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

/// Kernels of convolutions that learn lie channels last, in which their gradients are fastest, in float too; double, for
/// checks of gradients, has no such kernels.
at::MemoryFormat layout_to_learn_in(at::ScalarType precision) {
  return precision == at::kFloat ? at::MemoryFormat::ChannelsLast : nn::layout_of(precision);
}

/// What is missing, another, or of no use, a line each.
std::vector<std::string> differences_between(const Archive::Entries& wanted, const Archive::Entries& found,
                                             std::string_view ignored) {
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
    if (!wanted.contains(name) && !name.starts_with(ignored))
      differences.push_back(text(name, " is not of this graph"));
  }
  return differences;
}

}  // namespace

LearntState::LearntState(const graph::Plan& plan, const NodeFactory& factory, at::Device device, Log& log)
    : plan_(plan), device_(device), nodes_(plan, factory) {
  load_networks(factory, log);
  for (const graph::Update& update : plan_.graph.updates) {
    updates_.push_back(std::make_unique<Update>(plan_, update, nodes_.all()));
    const std::vector<std::string>& idle = updates_.back()->idle();
    if (!idle.empty())
      log.note(text("[update.", update.name, "] leaves out networks that do not run: ", quoted_list(idle, "and")));
  }
}

/// Whether a node has a network of its own that was made.
bool LearntState::is_network(size_t node) const {
  const graph::FlatNode& of = plan_.graph.nodes[node];
  return of.spec->is_trainable && of.shares < 0 && nodes_[node];
}

/// Whether a network's tensors belong into checkpoints: all but those that are as their file has them.
bool LearntState::is_kept(size_t node) const {
  if (!is_network(node)) return false;
  const graph::WeightSource* source = graph::weights_of(plan_.graph, plan_.graph.nodes[node]);
  const bool learns =
      std::any_of(plan_.graph.updates.begin(), plan_.graph.updates.end(), [&](const graph::Update& update) {
        return std::find(update.nodes.begin(), update.nodes.end(), static_cast<int>(node)) != update.nodes.end();
      });
  return learns || learnt_before_.contains(node) || (source && !source->is_file());
}

void LearntState::load_networks(const NodeFactory& factory, Log& log) {
  weights_ = run::group_weights(plan_, nodes_.all());
  const at::ScalarType precision = run::precision_of(plan_.graph, device_);
  const auto seed = static_cast<uint64_t>(plan_.graph.run.seed);
  for (const run::WeightGroup& group : weights_) {
    run::within(text("in the weights of \"", group.source->path, "\", ", group.source->place),
                [&] { run::load_weights(group, seed, log, plan_.graph.instances.front().file, factory); });
  }
  for (size_t node = 0; node < nodes_.all().size(); ++node) {
    nn::Module* module = is_network(node) ? nodes_[node]->module() : nullptr;
    if (!module) continue;
    // What learns stays float; its layout is that of the numbers in which it computes.
    module->to(run::place_of(*plan_.graph.nodes[node].spec, device_), is_kept(node) ? at::kFloat : precision);
    for (const auto& [key, parameter] : module->tensors()) {
      if (!parameter->is_set() || !is_kept(node)) continue;
      at::Tensor own = (*parameter)->clone();
      if (own.dim() == 4) own = own.contiguous(layout_to_learn_in(precision));
      parameter->set(own);
    }
  }
}

Archive::Entries LearntState::save() const {
  Archive::Entries entries;
  for (size_t node = 0; node < plan_.graph.nodes.size(); ++node) {
    if (!is_kept(node)) continue;
    for (const auto& [key, parameter] : nodes_[node]->module()->tensors()) {
      if (parameter->is_set()) entries["network/" + tensor_name(plan_.graph.nodes[node], key)] = (**parameter).detach();
    }
  }
  for (const auto& update : updates_) update->save(entries);
  return entries;
}

std::vector<std::string> LearntState::load(const Archive::Entries& entries) {
  const c10::AutoGradMode no_gradients(false);
  std::vector<std::string> missing;
  for (size_t node = 0; node < plan_.graph.nodes.size(); ++node) {
    if (!is_network(node)) continue;
    const bool was_kept = is_kept(node);
    for (const auto& [key, parameter] : nodes_[node]->module()->tensors()) {
      const std::string name = tensor_name(plan_.graph.nodes[node], key);
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
void LearntState::take(size_t node, nn::Parameter& parameter, const at::Tensor& value, bool was_kept) {
  if (was_kept) {
    (*parameter).detach().copy_(value);
    return;
  }
  learnt_before_.insert(node);
  const at::Device place = run::place_of(*plan_.graph.nodes[node].spec, device_);
  at::Tensor own = value.to(place, parameter.type(), /*non_blocking=*/false, /*copy=*/true);
  if (own.dim() == 4) own = own.contiguous(layout_to_learn_in(run::precision_of(plan_.graph, device_)));
  parameter.set(own);
}

/// What networks from files should have in a checkpoint that has any of it: an earlier stage has changed them.
void LearntState::add_learnt_before(const Archive::Entries& found, Archive::Entries& wanted) const {
  for (size_t node = 0; node < plan_.graph.nodes.size(); ++node) {
    if (!is_network(node) || is_kept(node)) continue;
    Archive::Entries own;
    bool is_there = false;
    for (const auto& [key, parameter] : nodes_[node]->module()->tensors()) {
      const std::string name = "network/" + tensor_name(plan_.graph.nodes[node], key);
      if (parameter->is_set()) own[name] = at::empty(parameter->shape(), parameter->type());
      is_there = is_there || found.contains(name);
    }
    if (is_there) wanted.merge(own);
  }
}

std::vector<std::string> LearntState::differences(const Archive::Entries& entries, int64_t step,
                                                  std::string_view ignored) const {
  Archive::Entries wanted = save();
  add_learnt_before(entries, wanted);
  for (const auto& update : updates_) update->add_gradients(entries, wanted);
  std::vector<std::string> differences = differences_between(wanted, entries, ignored);
  if (!differences.empty()) return differences;
  for (const auto& update : updates_) update->check_counts(entries, step, differences);
  return differences;
}

std::string LearntState::first_not_finite() const {
  for (const auto& [name, tensor] : save()) {
    if (!run::has_all_finite(tensor)) return name;
  }
  return {};
}

std::map<std::string, std::vector<std::pair<std::string, at::Tensor>>> LearntState::trained_weights() const {
  std::map<std::string, at::Tensor> averages;
  for (const auto& update : updates_) {
    const std::vector<at::Tensor> values = update->averages();
    for (size_t i = 0; i < values.size(); ++i) averages[update->averaged_names()[i]] = values[i].detach();
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
