#pragma once

#include "framework/graph/plan.h"
#include "framework/node/node.h"
#include "framework/run/bounded_queue.h"
#include "framework/run/device.h"
#include "framework/run/trace.h"

#include <exception>
#include <future>
#include <memory>
#include <optional>
#include <vector>

namespace weft::run {

/// Reads a source in a thread of its own, a few frames ahead at most.
class SourceReader {
 public:
  struct Options {
    size_t ahead = 4;
    int64_t last = graph::kAlways;  ///< no frame after this one is ever needed
    int64_t least = 0;              ///< frames that a sequence must have
    Trace* trace = nullptr;
    bool for_training = false;  ///< values may be kept for gradients
    const StopFlag* stop = nullptr;
  };

  SourceReader(Source& node, const graph::FlatNode& description, Context context, Options options);
  ~SourceReader();

  /// Begins to read the sequence that the source has opened.
  void begin();
  /// An output; on a GPU also as the source made it.
  struct Output {
    Value value;
    Value on_host;  ///< empty where the value is
  };

  /// The outputs at t; earlier frames are dropped; nothing after the end of the sequence. Waits for the reader. An output
  /// that the source lacks (an undefined tensor) is an empty value.
  /// @throws Error  what the reading threw; (Data) when the sequence ends before its `least` frames
  /// @throws Stopped  when the run is asked to stop while it waits
  std::optional<std::vector<Output>> take(int64_t t);
  /// Reading ends with the current frame, for which this does not wait; what was read is dropped.
  void close();
  /// The same, and waits, so that the source can move to another sequence.
  /// @throws Stopped  when the run is asked to stop meanwhile
  void stop();

  Context& context() { return context_; }

 private:
  struct Frame {
    int64_t t = 0;
    std::vector<Moving> outputs;
    std::vector<Value> on_host;
    bool is_end = false;
  };
  void read_ahead();
  void read_frames();
  Frame read(int64_t t);
  void check_length(int64_t frames) const;

  Source& node_;
  const graph::FlatNode& description_;
  Context context_;
  Options options_;
  std::string lane_;
  Transfer transfer_;
  std::unique_ptr<BoundedQueue<Frame>> queue_;
  std::exception_ptr failure_;  ///< of the reading, once the queue is closed
  std::future<void> reading_;
};

}  // namespace weft::run
