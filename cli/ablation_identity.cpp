#include "cli/ablation_identity.h"

#include "framework/base/seed.h"
#include "framework/base/text.h"
#include "framework/graph/graph_text.h"

#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <set>

namespace weft::cli {
namespace {

namespace fs = std::filesystem;

constexpr int64_t kMostDataFiles = 100'000;

/// Size and time of a file, or of all below a folder: what changes with it.
std::string trace_of_data(const std::string& path) {
  std::error_code error;
  int64_t files = 0;
  uintmax_t bytes = 0;
  fs::file_time_type newest{};
  const auto add = [&](const fs::path& file) {
    ++files;
    bytes += fs::file_size(file, error);
    newest = std::max(newest, fs::last_write_time(file, error));
  };
  if (fs::is_regular_file(path, error)) add(path);
  if (fs::is_directory(path, error)) {
    for (const auto& entry : fs::recursive_directory_iterator(path, error)) {
      if (files == kMostDataFiles) break;
      if (entry.is_regular_file(error)) add(entry.path());
    }
  }
  return text(path, ' ', files, ' ', bytes, ' ', newest.time_since_epoch().count(), '\n');
}

}  // namespace

std::string identity_of(const graph::Plan& plan, Program& program) {
  std::string all = graph::resolved_text(plan);
  std::set<std::string> plugins;
  for (const graph::FlatNode& node : plan.graph.nodes) {
    if (!node.spec) continue;
    plugins.insert(node.spec->plugin);
    if (node.spec->is_sink) continue;
    for (const ParamSpec& param : node.spec->params) {
      const auto given = node.params.find(param.name);
      if (param.type != ParamType::Path || given == node.params.end()) continue;
      if (const auto* path = std::get_if<std::string>(&given->second)) all += trace_of_data(*path);
    }
  }
  for (const graph::WeightSource& weights : plan.graph.weights) {
    if (weights.is_file()) all += trace_of_data(weights.file);
  }
  for (const plugin::Found& found : program.plugins().found()) {
    if (plugins.contains(found.stamp.plugin)) all += trace_of_data(found.file);
  }
  return all;
}

std::string hash_of(const std::string& all) {
  char digits[40];
  std::snprintf(digits, sizeof digits, "%08x-%zu", crc32({all.data(), all.size()}, 0), all.size());
  return digits;
}

}  // namespace weft::cli
