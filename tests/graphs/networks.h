#pragma once

#include "framework/graph/check.h"
#include "framework/node/archive.h"

#include <set>
#include <string>
#include <vector>

namespace weft::testing {

using Networks = std::set<std::string>;

/// Checks a file below graphs/, named without its ending, with settings as --set takes them.
graph::Checked checked_graph(const std::string& file, const std::vector<std::string>& settings);

Archive::Entries copy_of(const Archive::Entries& entries);

enum class Compared {
  All,
  Weights  ///< without statistics, which move in passes that teach nothing
};

/// The networks of which a tensor has changed: "network/G.fine/model1_1.1.weight" is of G.fine.
Networks moved(const Archive::Entries& before, const Archive::Entries& after, Compared compared);

}  // namespace weft::testing
