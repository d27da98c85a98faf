#pragma once

#include "framework/graph/diagnostics.h"
#include "framework/graph/overlay.h"

#include <map>
#include <optional>
#include <string>
#include <vector>

namespace weft::graph {

/// The keys of [[stage]] that are not changes to the graph.
struct StageTable {
  std::string name;
  int64_t epochs = 1;
  /// Path in this stage -> path in the stage before, from which weights are carried; what is not named keeps its path.
  std::map<std::string, std::string> carry;
  bool has_new_optimiser = false;
};

/// A stage, variant or grid point with the overlay it lays on the file.
struct Configuration {
  std::string name;
  Overlay overlay;
  std::optional<StageTable> stage;
  std::optional<Item> base;  ///< of a variant: the path of the file that it changes in place of this one
};

/// Reads the stages, variants and grid points of a file; of more than 1,000 in all, none (E110).
std::vector<Configuration> read_configurations(const Item& root, bool with_stages, bool with_variants,
                                               Diagnostics& diagnostics);

/// Looks for the files that `measure` of the file and of its variants names (E102).
void check_measures(const Item& root, Diagnostics& diagnostics);

/// How `--variant` and tables call the variants and grid points of a file, in its order: "no_warping", "F.blocks=6".
std::vector<std::string> variant_names(const Item& root);

/// Those of them that are meant where no names are given: all but variants with `default = false`.
std::vector<std::string> default_variant_names(const Item& root);

/// The place of a variant or grid point among the names of a file.
/// @throws Error  (Exit::Usage) when the file has none of that name, with the names it has
size_t place_of_variant(const std::vector<std::string>& names, const std::string& name);

/// The variant or grid point of this name.
/// @throws Error  (Exit::Usage) when the file has none of that name, with the names it has
Configuration variant_of(const Item& root, const std::string& name);

}  // namespace weft::graph
