#pragma once

#include "framework/graph/diagnostics.h"
#include "framework/graph/library.h"
#include "framework/graph/overlay.h"
#include "framework/graph/plan.h"

#include <map>
#include <optional>
#include <string>
#include <vector>

namespace weft::graph {

/// A stream that is to be seen as a video beside the output.
struct Peek {
  std::string path;  ///< of the stream or output, such as "F.mask"
  std::string
      show;  ///< the node type that makes an image of it, unless it is a record that names one; has a parameter `kind`
  std::string write;  ///< the node type that writes; has a parameter `path`
};

struct CheckOptions {
  std::vector<Overlay> settings;    ///< of the command line; they have the last word
  std::vector<std::string> wanted;  ///< paths of streams that are goals too: outputs to pull, streams to peek at
  std::vector<Peek> peeks;
  std::vector<std::string> pushed;  ///< optional inputs that the program will give; required ones it must give
  bool with_stages = true;          ///< also each stage of training
  bool with_variants = true;        ///< also each variant and grid point
};

/// One stage of training: an overlay on the file, with the plan that it leads to.
struct Stage {
  std::string name;
  int64_t epochs = 1;
  /// Path in this stage -> path in the stage before, from which weights are carried; what is not named keeps its path.
  std::map<std::string, std::string> carry;
  bool has_new_optimiser = false;
  Plan plan;
};

/// A graph that was checked, with the plans that its commands would carry out.
struct Checked {
  std::optional<Plan> run;    ///< when it has writers, something is wanted of it, or it is a part with outputs
  std::optional<Plan> train;  ///< when it has updates
  std::vector<Stage> stages;  ///< when it has updates and they were checked; one without [[stage]]
  FlatGraph graph;            ///< as it is without any command
  Typing typing;
  std::vector<std::string> files;
  std::vector<std::string> configurations;  ///< the stages, variants and grid points that were checked
  Item resolved;                            ///< the file with its bases, `--set` and parameters in it
};

/// Reads and checks a graph: syntax, names, parameters, kinds and sizes, cycles, time, updates, weights, and each
/// stage, variant and grid point by itself. Faults go to `diagnostics`, sorted by place; with errors there are no
/// plans.
Checked check(const std::string& file, const CheckOptions& options, const NodeCatalogue& catalogue,
              Diagnostics& diagnostics);

/// The types of the nodes that stand for inputs of the graph that the program gives, and for streams that it wants.
inline constexpr std::string_view kPushedType = "weft.pushed", kWantedType = "weft.wanted";
/// The path of the node that stands for a wanted stream.
std::string wanted_path(const std::string& path);

/// The weights of a trainable node: the entry of [weights] whose path fits best, or nullptr.
const WeightSource* weights_of(const FlatGraph& graph, const FlatNode& node);

}  // namespace weft::graph
