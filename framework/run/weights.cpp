#include "framework/run/weights.h"

#include "framework/base/error.h"
#include "framework/base/seed.h"
#include "framework/base/text.h"
#include "framework/weights/fill.h"
#include "framework/weights/shape_text.h"
#include "framework/weights/weight_file.h"

#include <ATen/CPUGeneratorImpl.h>
#include <ATen/core/Generator.h>

#include <algorithm>
#include <filesystem>
#include <map>
#include <set>

namespace weft::run {
namespace {

constexpr size_t kListed = 10;

bool is_optional(const graph::WeightSource& source, const std::string& key) {
  return std::any_of(source.optional.begin(), source.optional.end(),
                     [&](const std::string& pattern) { return matches(key, pattern); });
}

/// Up to ten lines, then how many more there are.
std::string listed(const std::string& title, const std::vector<std::string>& lines) {
  if (lines.empty()) return {};
  std::string list = text(title, " (", lines.size(), "):");
  for (size_t i = 0; i < std::min(lines.size(), kListed); ++i) list += text("\n    ", lines[i]);
  if (lines.size() > kListed) list += text("\n    and ", lines.size() - kListed, " more");
  return list;
}

weights::WeightFile read(const graph::WeightSource& source) {
  try {
    weights::WeightFile file = weights::read_weights(source.file);
    return source.prefix.empty() ? file : file.below(source.prefix);
  } catch (Error& error) {
    error.within(text("which ", source.place, " wants for \"", source.path, '"'));
    if (!std::filesystem::exists(source.file)) {
      error.hint(text("--set 'weights.", source.path, "=FILE' takes another; `weft weights fill` makes one by rule"));
    }
    throw;
  }
}

/// What of a file does not fit the networks.
struct Misfits {
  std::vector<std::string> missing, unexpected, misshapen;
  bool any() const { return !missing.empty() || !unexpected.empty() || !misshapen.empty(); }
};

Misfits compare(const WeightGroup& group, const std::map<std::string, at::Tensor>& found) {
  Misfits misfits;
  std::set<std::string> wanted;
  for (const WantedTensor& tensor : group.tensors) {
    wanted.insert(tensor.key);
    const auto entry = found.find(tensor.key);
    if (entry == found.end()) {
      if (tensor.is_needed && !is_optional(*group.source, tensor.key))
        misfits.missing.push_back(
            text(tensor.key, ' ', weights::shape_text(tensor.parameter->shape()), " of ", tensor.node->path));
    } else if (tensor.is_needed && entry->second.sizes() != at::IntArrayRef(tensor.parameter->shape())) {
      misfits.misshapen.push_back(text(tensor.key, " is ", weights::shape_text(entry->second), ", the network wants ",
                                       weights::shape_text(tensor.parameter->shape())));
    }
  }
  for (const auto& [key, tensor] : found) {
    if (!wanted.contains(key) && !is_optional(*group.source, key))
      misfits.unexpected.push_back(text(key, ' ', weights::shape_text(tensor)));
  }
  return misfits;
}

void refuse(const WeightGroup& group, const Misfits& misfits) {
  Error error(Exit::Data, group.source->place, text(group.source->file, " does not fit \"", group.source->path, '"'));
  error.within(listed("missing in the file", misfits.missing));
  error.within(listed("unknown to the network", misfits.unexpected));
  error.within(listed("of another shape", misfits.misshapen));
  throw error.hint(
      "`weft weights list` shows the keys of a file and of a graph; only = \"matching\" loads the tensors that fit");
}

void fill_from_file(const WeightGroup& group, uint64_t seed, Log& log) {
  std::map<std::string, at::Tensor> found;
  for (auto& [key, tensor] : read(*group.source).tensors) found.emplace(key, tensor);
  const Misfits misfits = compare(group, found);
  if (misfits.any() && !group.source->only_matching) refuse(group, misfits);
  const size_t taken = group.tensors.size() - misfits.missing.size() - misfits.misshapen.size();
  if (misfits.any()) {
    log.note(text("weights of \"", group.source->path, "\": ", taken, " of ", group.tensors.size(), " tensors are in ",
                  group.source->file, "; the others are random"));
  }
  const uint64_t own_seed = derive_seed(seed, group.source->path);
  at::Generator generator = at::make_generator<at::CPUGeneratorImpl>(own_seed);
  for (nn::Module* module : group.modules) {
    for (const auto& [key, parameter] : module->tensors()) {
      const auto entry = found.find(key);
      const bool fits = entry != found.end() && entry->second.sizes() == at::IntArrayRef(parameter->shape());
      if (fits) {
        parameter->set(entry->second.to(parameter->type()));
      } else {
        parameter->initialise(generator);
      }
    }
  }
}

}  // namespace

std::vector<WeightGroup> group_weights(const graph::Plan& plan, const std::vector<Node*>& nodes) {
  std::set<const Node*> running;
  for (const graph::Step& step : plan.steps) running.insert(nodes[static_cast<size_t>(step.node)]);
  std::map<const graph::WeightSource*, WeightGroup> by_source;
  for (size_t index = 0; index < nodes.size(); ++index) {
    const graph::FlatNode& node = plan.graph.nodes[index];
    if (!node.spec->is_trainable || node.shares >= 0 || !nodes[index]) continue;
    const graph::WeightSource* source = graph::weights_of(plan.graph, node);
    if (!source) continue;
    WeightGroup& group = by_source[source];
    group.source = source;
    const bool is_needed = running.contains(nodes[index]);
    if (is_needed) group.modules.push_back(nodes[index]->module());
    for (const auto& [key, parameter] : nodes[index]->module()->tensors()) {
      const auto same = std::find_if(group.tensors.begin(), group.tensors.end(),
                                     [&](const WantedTensor& other) { return other.key == key; });
      if (source->is_file() && same != group.tensors.end()) {
        throw Error(Exit::Graph, source->place,
                    text("\"", same->node->path, "\" and \"", node.path, "\" both have a tensor `", key,
                         "`, so one file cannot hold both"))
            .hint("give each its own line in [weights]");
      }
      group.tensors.push_back({key, parameter, &node, is_needed});
    }
  }
  std::vector<WeightGroup> groups;
  for (const graph::WeightSource& source : plan.graph.weights) {
    const auto found = by_source.find(&source);
    if (found != by_source.end() && !found->second.modules.empty()) groups.push_back(std::move(found->second));
  }
  return groups;
}

void load_weights(const WeightGroup& group, uint64_t seed, Log& log) {
  if (group.source->is_file()) return fill_from_file(group, seed, log);
  if (group.source->file == "fill") {
    for (const WantedTensor& tensor : group.tensors) {
      if (tensor.is_needed)
        tensor.parameter->set(weights::fill(tensor.key, tensor.parameter->shape(), tensor.parameter->type()));
    }
    return;
  }
  at::Generator generator = at::make_generator<at::CPUGeneratorImpl>(derive_seed(seed, group.source->path));
  for (nn::Module* module : group.modules) module->initialise(generator);
}

}  // namespace weft::run
