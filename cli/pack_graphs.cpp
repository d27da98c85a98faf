#include "cli/pack_graphs.h"

#include "framework/base/error.h"
#include "framework/base/text.h"
#include "framework/graph/shipped.h"

#include <fstream>
#include <iterator>
#include <vector>

namespace weft::cli {
namespace {

namespace fs = std::filesystem;

bool is_below(const fs::path& file, const fs::path& folder) {
  return !folder.empty() && !file.lexically_relative(folder).string().starts_with("..");
}

}  // namespace

PackedGraphs::PackedGraphs(const graph::Checked& checked, const std::string& file, PackFolder& pack)
    : graph_(fs::weakly_canonical(file)) {
  const fs::path shipped = graph::shipped_graphs();
  const bool is_own = !is_below(graph_, shipped);
  std::vector<fs::path> own;
  for (const std::string& used : checked.files) {
    const fs::path one = fs::weakly_canonical(used);
    if (is_own && is_below(one, shipped)) {
      places_[one] = "weft/share/weft/graphs" / one.lexically_relative(shipped);
    } else {
      own.push_back(one);
    }
  }
  fs::path above = graph_.parent_path();
  for (const fs::path& one : own) {
    while (!is_below(one, above)) above = above.parent_path();
  }
  for (const fs::path& one : own) places_[one] = "graphs" / one.lexically_relative(above);
  for (const auto& [one, place] : places_) pack.write(place, with_places(one));
}

std::string PackedGraphs::place_of(const fs::path& file) const {
  std::error_code error;
  const auto found = places_.find(fs::weakly_canonical(file, error));
  return error || found == places_.end() ? "" : found->second.string();
}

/// The text of a graph file. Absolute paths of packed files, in quotes of either kind, become relative to its own place.
std::string PackedGraphs::with_places(const fs::path& file) const {
  std::ifstream in(file, std::ios::binary);
  std::string toml{std::istreambuf_iterator<char>(in), {}};
  if (!in) throw Error(Exit::Failed, text(file.string(), " cannot be read"));
  for (const char quote : {'"', '\''}) {
    for (size_t begin = toml.find(text(quote, '/')); begin != std::string::npos;
         begin = toml.find(text(quote, '/'), begin + 1)) {
      const size_t end = toml.find_first_of(text(quote, '\n'), begin + 1);
      if (end == std::string::npos || toml[end] != quote) continue;
      const std::string place = place_of(toml.substr(begin + 1, end - begin - 1));
      if (place.empty()) continue;
      const fs::path from_here = fs::path(place).lexically_relative(places_.at(file).parent_path());
      toml.replace(begin + 1, end - begin - 1, (fs::path(".") / from_here).string());
    }
  }
  return toml;
}

void PackedGraphs::check(const graph::CheckOptions& options, const NodeCatalogue& catalogue,
                         const PackFolder& pack) const {
  graph::Diagnostics diagnostics;
  const graph::Checked copy = graph::check(pack.path_of(graph()).string(), options, catalogue, diagnostics);
  const char* const way_out =
      "name other graph files relative to the file that uses them, without links between folders";
  if (diagnostics.has_errors()) {
    throw Error(Exit::Graph, text("the copy of the graph would not run: ",
                                  diagnostics.lines(graph::Diagnostics::Which::Errors).front()))
        .hint(way_out);
  }
  const fs::path folder = fs::weakly_canonical(pack.path_of(""));
  for (const std::string& used : copy.files) {
    if (is_below(used, folder) || is_below(used, graph::shipped_graphs())) continue;
    throw Error(Exit::Graph, text("the copy of the graph would still read ", used)).hint(way_out);
  }
}

}  // namespace weft::cli
