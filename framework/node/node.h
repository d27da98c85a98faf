#pragma once

#include "framework/nn/module.h"
#include "framework/node/archive.h"
#include "framework/node/context.h"
#include "framework/node/params.h"
#include "framework/node/ports.h"
#include "framework/spec/node_spec.h"

#include <memory>
#include <optional>
#include <span>

namespace weft {

/// The output of a writer for one sequence.
struct Output {
  std::string path;      ///< the file, or the folder with the pattern of its files
  std::string existing;  ///< an existing file of this output; empty when there is none
};

class Source;
class Sink;

/// The interface of a node for the runners. Authors do not derive from it: they write a struct with `run`, and
/// WrappedNode turns it into a Node, a Source or a Sink (framework/node/wrap.h, weft/node.h).
///
/// Order of calls: configure, build (if trainable), then for each sequence next_sequence (sources), reset, run for each
/// frame, and finish (sinks), which is called after an error too; complete (sinks) after the last sequence.
class Node {
 public:
  virtual ~Node() = default;

  virtual void configure(const ParamValues& params) = 0;
  /// Makes the layers of a trainable node from the sizes at its ports.
  virtual void build(const Shapes& shapes) = 0;
  /// The layers, or nullptr.
  virtual nn::Module* module() = 0;

  /// Computes one frame: `inputs` in the order of the spec's inputs, `outputs` in that of its outputs. A source has no
  /// inputs, and a sink no outputs.
  /// @returns false when a source has no more frames in this sequence
  virtual bool run(std::span<const PortInput> inputs, std::span<Value> outputs, Context& context) = 0;

  /// Clears the state, because a new sequence begins.
  virtual void reset() = 0;
  /// Saves or restores the state that is kept from frame to frame.
  virtual void state(Archive& archive) = 0;

  /// The node as what it is; nullptr where it is something else.
  virtual Source* as_source() { return nullptr; }
  virtual Sink* as_sink() { return nullptr; }
};

/// A node that reads sequences of frames: its struct's run() returns std::optional.
class Source : public Node {
 public:
  Source* as_source() final { return this; }

  /// Opens the next sequence. @returns its name; nothing when there is none
  virtual std::optional<std::string> next_sequence(Context& context) = 0;
  /// Skips the next sequence without reading it. @returns false when there is none
  virtual bool skip_sequence(Context& context) = 0;
  /// The names of all sequences, if they are known before reading; the first call lists the files.
  virtual std::optional<std::vector<std::string>> sequences() = 0;
  /// The number of frames of the current sequence, if it is known.
  virtual std::optional<int64_t> frames() = 0;
  /// The names of the frames of the current sequence, such as file names; empty if they have none.
  virtual std::vector<std::string> frame_names() = 0;
  /// Of a source that draws clips at random in training: the names of the frames of each sequence, in the order of
  /// sequences(); empty where it gives whole sequences.
  virtual std::vector<std::vector<std::string>> drawn_from() = 0;
  /// How the current sequence runs in time, if it is known.
  virtual std::optional<Recording> recording() = 0;
  /// Skips the next frame of the sequence without computing it.
  /// @returns false when there is none
  virtual bool skip(Context& context) = 0;
};

/// A node that writes sequences of frames: its struct's run() returns void.
class Sink : public Node {
 public:
  Sink* as_sink() final { return this; }

  /// The output for a sequence of this name; nothing if the output is not a file.
  virtual std::optional<Output> output(const std::string& sequence) = 0;
  /// Ends a sequence, completely or in the middle of it (Context::is_broken_off). Completes the files, so that the frames
  /// written so far are usable.
  virtual void finish(Context& context) = 0;
  /// The run is over, or was stopped (Context::is_broken_off): for numbers of the whole set of sequences. Not called after
  /// a failure.
  virtual void complete(Context& context) = 0;
};

}  // namespace weft
