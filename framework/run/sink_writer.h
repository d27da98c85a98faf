#pragma once

#include "framework/graph/flat_graph.h"
#include "framework/node/node.h"
#include "framework/run/bounded_queue.h"
#include "framework/run/device.h"
#include "framework/run/trace.h"

#include <atomic>
#include <exception>
#include <future>
#include <memory>
#include <vector>

namespace weft::run {

/// How a sequence ends.
enum class Ending {
  Whole,
  BrokenOff  ///< the run was stopped or failed in the middle of it
};

/// Runs a writer in a thread of its own, a few frames behind the computation at most.
class SinkWriter {
 public:
  SinkWriter(Sink& node, const graph::FlatNode& description, Context context, size_t behind, Trace* trace,
             bool allows_not_finite);
  ~SinkWriter();

  void begin();
  /// Hands the values of one frame over: for each input of the node the values wired to it.
  /// @throws Error  what writing an earlier frame threw
  void give(int64_t t, const std::vector<std::vector<const Value*>>& inputs);
  /// Waits for all frames, then lets the node finish the sequence. Its files are usable afterwards.
  /// @throws Error  what writing threw
  void finish(Ending ending);
  /// The same after a failure elsewhere: completes the files, and throws nothing.
  void abandon() noexcept;

  Context& context() { return context_; }
  int64_t frames_written() const { return written_; }

 private:
  struct Frame {
    int64_t t = 0;
    std::vector<std::vector<Moving>> inputs;
  };
  void write_behind();
  void write(Frame& frame);
  void check_finite(const std::vector<PortInput>& ports) const;
  void rethrow();

  Sink& node_;
  const graph::FlatNode& description_;
  Context context_;
  size_t behind_;
  Trace* trace_;
  bool allows_not_finite_;
  std::string lane_;
  Transfer transfer_;
  std::unique_ptr<BoundedQueue<Frame>> queue_;
  std::exception_ptr failure_;
  std::atomic<bool> has_failed_ = false;
  std::atomic<int64_t> written_ = 0;
  bool is_open_ = false;
  std::future<void> writing_;
};

}  // namespace weft::run
