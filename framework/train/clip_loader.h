#pragma once

#include "framework/base/log.h"
#include "framework/graph/plan.h"
#include "framework/node/factory.h"
#include "framework/run/row.h"
#include "framework/run/source_group.h"
#include "framework/run/stop.h"

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
  /// @param plan  must outlive the loader
  ClipLoader(const graph::Plan& plan, const NodeFactory& factory, int64_t epoch, Options options, Log& log);

  const run::SourceGroup& sources() const { return sources_; }
  int64_t clips() const { return static_cast<int64_t>(clips_.size()); }
  /// Opens the clips of a batch, which must not be before the one that is open.
  /// @returns false when the data is at its end
  /// @throws Error  what sources throw; Stopped when training is asked to stop while a source is waited for
  bool open(int64_t batch);
  /// The name of the first clip.
  const std::string& name() const { return clips_.front().name; }
  /// The clips that are open.
  /// @param index  of this batch among those of all epochs
  std::vector<run::Row> clips(int64_t index) const;
  /// By step of the plan, of sources the frames that all clips have, as Timeline::begin_chunks takes them.
  std::vector<int64_t> lengths() const { return sources_.lengths(clips_); }

 private:
  Options options_;
  run::SourceGroup sources_;
  std::vector<run::Row> clips_;
  run::Patience patience_;  ///< the last one: it waits for what uses the others
};

}  // namespace weft::train
