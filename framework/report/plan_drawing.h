#pragma once

#include "framework/graph/plan.h"

#include <algorithm>
#include <cstdint>
#include <map>
#include <string>
#include <vector>

namespace weft::report {

/// The steps of a plan that have a row in the drawing, in order: the steps of the graph without those that training adds.
std::vector<int> rows_of(const graph::Plan& plan);

/// The line beside the rows that leads from a step to all its readers.
struct Strand {
  int row = 0;               ///< of the step that computes the value
  bool is_delayed = false;   ///< of earlier or later frames: its readers may stand above
  std::vector<int> readers;  ///< rows, in order, each once
  int lane = 0;              ///< 0 is nearest to the rows

  int first() const { return std::min(row, readers.front()); }
  int last() const { return std::max(row, readers.back()); }
};

/// All strands of a plan. Strands in the same lane do not overlap, and shorter strands are nearer to the rows.
std::vector<Strand> strands_of(const graph::Plan& plan);

/// Facts of a node for the drawing that are not part of the plan.
struct NodeNote {
  int64_t parameters = 0;  ///< that are learnt
  double seconds = 0;
};

/// The plan as XHTML: its steps in execution order, one in each row, and beside them the edges between them. It needs no
/// layout program and fits the width of a phone.
/// @param notes    by path of the node
/// @param seconds  the whole time, of which each node has a share
std::string drawing_of(const graph::Plan& plan, const std::map<std::string, NodeNote>& notes, double seconds);

}  // namespace weft::report
