#pragma once

#include "framework/graph/flat_graph.h"
#include "framework/run/executor.h"

#include <deque>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace weft::run {

/// What a step of a plan is for the executor.
enum class Role {
  Compute,
  Source,
  Sink,
  Hold,    ///< passes its input through: a stream that is made of its own past
  Pushed,  ///< an input of the graph that the program gives
  Wanted   ///< a goal that gives a value to the program
};

struct Executor::Unit {
  int index = 0;  ///< of the step
  const graph::Step* step = nullptr;
  const graph::FlatNode* description = nullptr;
  Role role = Role::Compute;
  Node* node = nullptr;
  std::unique_ptr<Context> context;
  std::vector<std::unique_ptr<SourceReader>> readers;  ///< one a clip
  std::unique_ptr<SinkWriter> writer;

  std::vector<std::vector<const Value*>> bound;  ///< by input
  std::vector<std::vector<size_t>> places;       ///< of those among the wired ones
  std::vector<PortInput> ports;
  std::vector<Value> outputs;
  std::map<std::pair<const graph::Read*, bool>, Value> zeros;
  std::deque<Value> detached;  ///< inputs that no gradients go through, for this tick
  std::deque<Value> joined;    ///< inputs of a folded chunk
  std::deque<Value> pushed;
  int64_t first_pushed = 0;  ///< t of the first of them
  Value wanted;
  std::vector<Value> collected;  ///< of a goal in a chunk
  Archive::Entries remembered;   ///< what the node remembered when the chunk began
  bool is_sized = false;         ///< whether its outputs' sizes were compared with the plan in this sequence
  bool has_still = false;        ///< whether its static value is there
  int64_t given = 0;             ///< frames that a source gave, or a goal had, in this sequence
  std::string shape;             ///< of the first of them
};

}  // namespace weft::run
