#include "framework/run/weights.h"

#include "framework/base/error.h"
#include "framework/base/seed.h"
#include "framework/base/text.h"
#include "framework/graph/item.h"
#include "framework/graph/updates.h"
#include "framework/run/nearest_graph.h"
#include "framework/weights/fill.h"
#include "framework/weights/shape_text.h"
#include "framework/weights/weight_file.h"

#include <ATen/CPUGeneratorImpl.h>
#include <ATen/core/Generator.h>
#include <c10/core/ScalarType.h>

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
      error.hint(text("--set 'weights.", graph::key_text(source.path),
                      "=FILE' takes another; `weft weights fill` makes one by rule"));
    }
    throw;
  }
}

using Found = std::map<std::string, at::Tensor>;

/// Whether numbers of one type stand for those of another. Fractions of 8 bits do not: they are to be multiplied by
/// others that lie beside them.
bool is_alike(at::ScalarType given, at::ScalarType wanted) {
  const auto is_fraction = [](at::ScalarType type) { return c10::isFloatingType(type) && !c10::isFloat8Type(type); };
  const auto is_whole = [](at::ScalarType type) { return c10::isIntegralType(type, /*includeBool=*/false); };
  return (is_fraction(given) && is_fraction(wanted)) || (is_whole(given) && is_whole(wanted));
}

bool fits(const at::Tensor& tensor, const nn::Parameter& parameter) {
  return tensor.sizes() == at::IntArrayRef(parameter.shape()) && is_alike(tensor.scalar_type(), parameter.type());
}

/// What of a file does not fit the networks.
struct Misfits {
  std::vector<std::string> missing, unexpected, misshapen, mistyped;
  size_t count() const { return missing.size() + unexpected.size() + misshapen.size() + mistyped.size(); }
  bool any() const { return count() > 0; }
};

Misfits compare(const WeightGroup& group, const Found& found) {
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
      misfits.misshapen.push_back(text(printable(tensor.key), " is ", weights::shape_text(entry->second),
                                       ", the network wants ", weights::shape_text(tensor.parameter->shape())));
    } else if (tensor.is_needed && !fits(entry->second, *tensor.parameter)) {
      misfits.mistyped.push_back(text(printable(tensor.key), " is ", c10::toString(entry->second.scalar_type()),
                                      ", the network wants ", c10::toString(tensor.parameter->type())));
    }
  }
  for (const auto& [key, tensor] : found) {
    if (!wanted.contains(key) && !is_optional(*group.source, key))
      misfits.unexpected.push_back(text(printable(key), ' ', weights::shape_text(tensor)));
  }
  return misfits;
}

/// `prefix = …` where most of what the network wants lies below one, and more than without it; else empty.
std::string propose_prefix(const WeightGroup& group, const Found& found) {
  std::set<std::string> wanted;
  for (const WantedTensor& tensor : group.tensors) wanted.insert(tensor.key);
  std::map<std::string, size_t> count_below;
  for (const auto& [key, tensor] : found) {
    if (wanted.contains(key)) ++count_below[""];
    for (size_t dot = key.find('.'); dot != std::string::npos; dot = key.find('.', dot + 1)) {
      if (wanted.contains(key.substr(dot + 1))) ++count_below[key.substr(0, dot)];
    }
  }
  const auto best = std::max_element(count_below.begin(), count_below.end(),
                                     [](const auto& a, const auto& b) { return a.second < b.second; });
  if (best == count_below.end() || best->first.empty() || best->second <= count_below[""]) return {};
  const std::string& own = group.source->prefix;
  return text("prefix = \"", own.empty() ? "" : own + '.', best->first, "\" takes the keys below it: ", best->second,
              " of the ", wanted.size(), " that the network wants");
}

[[noreturn]] void refuse(const WeightGroup& group, const Found& found, const Misfits& misfits) {
  Error error(Exit::Data, group.source->place, text(group.source->file, " does not fit \"", group.source->path, '"'));
  error.within(listed("missing in the file", misfits.missing));
  error.within(listed("unknown to the network", misfits.unexpected));
  error.within(listed("of another shape", misfits.misshapen));
  error.within(listed("of another type", misfits.mistyped));
  error.hint(propose_prefix(group, found));
  if (group.source->only_matching) throw error.hint("only = \"matching\" loads the tensors that fit, and none does");
  throw error.hint(
      "`weft weights list` shows the keys of a file and of a graph; only = \"matching\" loads the tensors that fit");
}

Found tensors_of(const graph::WeightSource& source) {
  Found found;
  for (auto& [key, tensor] : read(source).tensors) found.emplace(key, tensor);
  return found;
}

void fill_from_file(const WeightGroup& group, uint64_t seed, Log& log) {
  const Found found = tensors_of(*group.source);
  const Misfits misfits = compare(group, found);
  const auto taken = std::count_if(group.tensors.begin(), group.tensors.end(), [&](const WantedTensor& tensor) {
    const auto entry = found.find(tensor.key);
    return tensor.is_needed && entry != found.end() && fits(entry->second, *tensor.parameter);
  });
  if (misfits.any() && (!group.source->only_matching || taken == 0)) refuse(group, found, misfits);
  const auto is_needed = [](const WantedTensor& tensor) { return tensor.is_needed; };
  if (taken == 0 && std::any_of(group.tensors.begin(), group.tensors.end(), is_needed)) {
    throw Error(Exit::Data, group.source->place,
                text(group.source->file, " has no tensor of \"", group.source->path, '"'))
        .hint("its keys may all be `optional`, but then the file would change nothing");
  }
  if (misfits.any()) {
    log.note(text("weights of \"", group.source->path, "\": ", taken, " of ", group.tensors.size(), " tensors are in ",
                  group.source->file, "; the others are random"));
  }
  const uint64_t own_seed = derive_seed(seed, group.source->path);
  at::Generator generator = at::make_generator<at::CPUGeneratorImpl>(own_seed);
  for (const LoadedNetwork& network : group.networks) {
    for (const auto& [key, parameter] : network.module->tensors()) {
      const auto entry = found.find(key);
      if (entry != found.end() && fits(entry->second, *parameter)) {
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
    if (is_needed) group.networks.push_back({nodes[index]->module(), node.spec});
    for (const auto& [key, parameter] : nodes[index]->module()->tensors()) {
      const auto same = std::find_if(group.tensors.begin(), group.tensors.end(),
                                     [&key = key](const WantedTensor& other) { return other.key == key; });
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
    if (found != by_source.end() && !found->second.networks.empty()) groups.push_back(std::move(found->second));
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
  for (const LoadedNetwork& network : group.networks) network.module->initialise(generator);
}

size_t count_misfits(const WeightGroup& group) {
  return compare(group, tensors_of(*group.source)).count();
}

void load_weights(const WeightGroup& group, uint64_t seed, Log& log, const std::string& graph_file,
                  const NodeFactory& factory) {
  try {
    load_weights(group, seed, log);
  } catch (Error& error) {
    if (group.source->is_file() && error.exit() == Exit::Data) error.hint(nearest_graph(graph_file, group, factory));
    throw;
  }
}

}  // namespace weft::run
