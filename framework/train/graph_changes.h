#pragma once

#include "framework/graph/plan.h"

#include <string>
#include <vector>

namespace weft::train {

/// A setting that differs between two graphs.
struct Change {
  std::string key;     ///< as the resolved graph has it: "update.G.lr"
  std::string before;  ///< as TOML writes it; empty: the setting was not there
  std::string now;     ///< empty: it is there no longer

  /// "update.G.lr = 0.01, was 0.02".
  std::string line() const;
  bool operator==(const Change&) const = default;
};

/// The differences between the graph of a checkpoint and the graph that is to go on with it.
struct GraphChanges {
  std::vector<Change> places;  ///< where data and weight files lie: no part of what is trained
  std::vector<Change>
      rates;  ///< numbers of updates, and weights of their losses: state of optimisers goes on under them
  std::vector<Change> others;  ///< what makes it another graph
  bool has_new_best = false;   ///< the value by which the best checkpoint is chosen
};

/// Compares what is trained. How long training goes on (`epochs`, `steps`), what is kept and shown of it (`checkpoint`,
/// `keep`, `best`, `show` and the nodes that only these read) and `about` are no part of that.
/// @param before  a resolved graph, as a checkpoint has it
/// @throws Error  E101 when that is no TOML
GraphChanges changes_between(const std::string& before, const graph::Plan& now);

}  // namespace weft::train
