#pragma once

#include "framework/graph/configurations.h"
#include "framework/graph/diagnostics.h"
#include "framework/graph/goals.h"
#include "framework/graph/library.h"
#include "framework/graph/overlay.h"
#include "framework/graph/plan.h"

#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace weft::graph {

struct CheckOptions {
  std::vector<Overlay> settings;    ///< of the command line; they have the last word
  std::vector<std::string> wanted;  ///< paths of streams that are goals too: outputs to pull, streams to peek at
  std::vector<Peek> peeks;
  std::vector<std::string> pushed;  ///< optional inputs that the program will give; required ones it must give
  std::string variant;              ///< the variant or grid point of the file to take; empty: the file itself
  bool with_stages = true;          ///< also each stage of training
  bool with_variants = true;        ///< also each variant and grid point
};

/// One stage of training: an overlay on the file, with the plan that it leads to.
struct Stage : StageTable {
  Plan plan;
};

/// A graph that was checked, with the plans that its commands would carry out.
struct Checked {
  std::optional<Plan> run;    ///< when it has writers, something is wanted of it, or it is a part with outputs
  std::optional<Plan> train;  ///< when it has updates
  std::vector<Stage> stages;  ///< when it has updates and they were checked; one without [[stage]]
  std::shared_ptr<const TypedGraph> typed;  ///< the file without stages and variants; nullptr when that has errors
  std::vector<std::string> files;
  std::vector<std::string> configurations;  ///< the stages, variants and grid points that were checked
  Item resolved;                            ///< the file with its bases, `--set` and parameters in it

  /// Of a file without errors.
  const GoalGraph& graph() const { return *typed->graph; }
};

/// Reads and checks a graph: syntax, names, parameters, kinds and sizes, cycles, time, updates, weights, and each
/// stage, variant and grid point by itself. Faults go to `diagnostics`, sorted by place; with errors there are no
/// plans.
Checked check(const std::string& file, const CheckOptions& options, const NodeCatalogue& catalogue,
              Diagnostics& diagnostics);

}  // namespace weft::graph
