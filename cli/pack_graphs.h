#pragma once

#include "cli/pack_folder.h"
#include "framework/graph/check.h"

#include <filesystem>
#include <map>
#include <string>

namespace weft::cli {

/// The files of a graph in a folder that runs elsewhere, as they lie to each other.
///
/// Files that come with weft go to where the packed weft looks for them. Where a file names another one by an absolute path,
/// the copy names it by its place in the folder.
class PackedGraphs {
 public:
  /// Copies all files of a graph.
  /// @param file  the graph, as the command line names it
  PackedGraphs(const graph::Checked& checked, const std::string& file, PackFolder& pack);

  /// The graph's place in the folder.
  std::string graph() const { return place_of(graph_); }
  /// The place of a graph file that a path leads to; empty where it is none of the packed ones.
  std::string place_of(const std::filesystem::path& file) const;

  /// Checks the copy as the machine it runs on will.
  /// @param options  with the settings of the folder
  /// @throws Error  (Exit::Graph) when the copy is faulty, or names a file outside the folder
  void check(const graph::CheckOptions& options, const NodeCatalogue& catalogue, const PackFolder& pack) const;

 private:
  std::string with_places(const std::filesystem::path& file) const;

  std::filesystem::path graph_;
  std::map<std::filesystem::path, std::filesystem::path> places_;  ///< by canonical path
};

}  // namespace weft::cli
