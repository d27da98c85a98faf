#include "tests/graphs/networks.h"

#include "framework/base/text.h"
#include "framework/graph/graph_file.h"
#include "framework/testing/node_runner.h"

#include <ATen/ops/equal.h>

namespace weft::testing {

graph::Checked checked_graph(const std::string& file, const std::vector<std::string>& settings) {
  graph::CheckOptions options;
  for (const std::string& setting : settings) options.settings.push_back(graph::read_setting(setting));
  graph::Diagnostics diagnostics;
  graph::Checked checked =
      graph::check(text(WEFT_SOURCE_DIR, "/graphs/", file, ".toml"), options, NodeRunner::built_plugins(), diagnostics);
  diagnostics.throw_errors();
  return checked;
}

Archive::Entries copy_of(const Archive::Entries& entries) {
  Archive::Entries copies;
  for (const auto& [name, tensor] : entries) copies[name] = tensor.clone();
  return copies;
}

Networks moved(const Archive::Entries& before, const Archive::Entries& after, Compared compared) {
  Networks networks;
  for (const auto& [name, tensor] : after) {
    const bool is_weight = name.ends_with("weight") || name.ends_with("weight_orig") || name.ends_with("bias");
    const bool is_compared = name.starts_with("network/") && (is_weight || compared == Compared::All);
    if (!is_compared || at::equal(tensor, before.at(name))) continue;
    const size_t first = name.find('/') + 1;
    networks.insert(name.substr(first, name.find('/', first) - first));
  }
  return networks;
}

}  // namespace weft::testing
