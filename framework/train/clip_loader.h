#pragma once

#include "framework/base/log.h"
#include "framework/graph/plan.h"
#include "framework/node/factory.h"
#include "framework/run/stop.h"

#include <memory>
#include <string>
#include <vector>

namespace weft::train {

/// The sources of a plan, once for each clip of a batch, and the clips that they are at.
///
/// Of the sequences of all sources each process takes every `ranks`-th; these form its batches, one after the other.
class ClipLoader {
 public:
  struct Options {
    at::Device device = at::kCPU;
    const run::StopFlag* stop = nullptr;
    int64_t rank = 0, ranks = 1;
  };

  /// Makes the sources for a pass through the data.
  /// @param plan   must outlive the loader
  /// @param nodes  by node of the plan's graph
  ClipLoader(const graph::Plan& plan, const std::vector<Node*>& nodes, const NodeFactory& factory, int64_t epoch,
             Options options, Log& log);

  int64_t clips() const { return static_cast<int64_t>(sources_.size()); }
  /// The nodes of the plan with the sources of one clip.
  std::vector<Node*> nodes_of(size_t clip) const;
  /// Opens the clips of a batch, which must not be before the one that is open.
  /// @returns false when the data is at its end
  /// @throws Error  what sources throw; Stopped when training is asked to stop while a source is waited for
  bool open(int64_t batch);
  /// The name of the first clip.
  const std::string& name() const { return name_; }
  /// By step of the plan, of sources the frames that all clips have, as Timeline::begin_chunks takes them.
  std::vector<int64_t> lengths() const;

 private:
  bool advance(size_t clip, int64_t count);

  const graph::Plan& plan_;
  const std::vector<Node*>& nodes_;
  int64_t epoch_;
  Options options_;
  Log& log_;
  std::vector<std::vector<std::unique_ptr<Node>>> sources_;  ///< by clip of the batch and node
  std::vector<int64_t> advanced_;                            ///< sequences that the sources of each clip have had
  std::string name_;
  run::Patience patience_;  ///< the last one: it waits for what uses the others
};

}  // namespace weft::train
