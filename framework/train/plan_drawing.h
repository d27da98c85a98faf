#pragma once

#include "framework/graph/plan.h"

#include <algorithm>
#include <cstdint>
#include <map>
#include <string>
#include <vector>

namespace weft::train {

/// The values of one step on their way down the list of steps: a line beside the list, from the step to its last reader.
struct Strand {
  int step = 0;              ///< that makes the value
  bool is_delayed = false;   ///< of earlier or later frames: its readers may stand above
  std::vector<int> readers;  ///< steps, in order, each once
  int lane = 0;              ///< 0 is nearest to the list

  int first() const { return std::min(step, readers.front()); }
  int last() const { return std::max(step, readers.back()); }
};

/// All strands of a plan. Strands that share a lane do not meet, and short ones stand nearer to the list.
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

}  // namespace weft::train
