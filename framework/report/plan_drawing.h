#pragma once

#include "framework/graph/plan.h"

#include <algorithm>
#include <cstdint>
#include <map>
#include <string>
#include <vector>

namespace weft::report {

/// The steps of a plan that a drawing has a row for, in order: those that come from the graph, not what training adds.
std::vector<int> rows_of(const graph::Plan& plan);

/// The values of one step on their way down the rows: a line beside them, from the step to its last reader.
struct Strand {
  int row = 0;               ///< of the step that makes the value
  bool is_delayed = false;   ///< of earlier or later frames: its readers may stand above
  std::vector<int> readers;  ///< rows, in order, each once
  int lane = 0;              ///< 0 is nearest to the rows

  int first() const { return std::min(row, readers.front()); }
  int last() const { return std::max(row, readers.back()); }
};

/// All strands of a plan. Strands that share a lane do not meet, and short ones stand nearer to the rows.
std::vector<Strand> strands_of(const graph::Plan& plan);

/// What the drawing says of a node besides what the plan knows.
struct NodeNote {
  int64_t parameters = 0;  ///< that are learnt
  double seconds = 0;
};

/// The plan as XHTML: its steps in the order in which they run, one a row, and beside them a drawing of who reads whom.
/// Needs no program for layout and is as wide as a phone.
/// @param notes    by path of the node
/// @param seconds  of which nodes have a share
std::string drawing_of(const graph::Plan& plan, const std::map<std::string, NodeNote>& notes, double seconds);

}  // namespace weft::report
