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

/// A node as the executor sees it. Authors do not derive from it: they write a struct with `run`, and make_node
/// wraps it (framework/node/wrap.h, weft/node.h).
///
/// Order of calls: configure, build (if trainable), then for each sequence next_sequence (sources), reset, run for each
/// frame, finish_sequence; finish at the very end, after an error too.
class Node {
 public:
  virtual ~Node() = default;

  virtual void configure(const ParamValues& params) = 0;
  /// Makes the layers of a trainable node from the sizes at its ports.
  virtual void build(const Shapes& shapes) = 0;
  /// The layers, or nullptr.
  virtual nn::Module* module() = 0;

  /// Computes one frame: `inputs` in the order of the spec's inputs, `outputs` in that of its outputs.
  /// @returns false when a source has no more frames in this sequence
  virtual bool run(std::span<const PortInput> inputs, std::span<Value> outputs, Context& context) = 0;

  /// Forgets what was remembered across frames: a sequence begins.
  virtual void reset() = 0;
  /// Saves or restores what is remembered across frames.
  virtual void state(Archive& archive) = 0;

  /// Of sources: goes on to the next sequence and tells its name; nothing when there is none.
  virtual std::optional<std::string> next_sequence(Context& context) = 0;
  /// Of sources: how many frames the sequence in hand has, where that is known.
  virtual std::optional<int64_t> frames() = 0;
  /// Of sources: passes over the next frame of the sequence without making it.
  /// @returns false when there is none
  virtual bool skip(Context& context) = 0;
  /// Of sinks: the sequence is over, or the run stopped in the middle of it. Makes what was written usable.
  virtual void finish(Context& context) = 0;
};

}  // namespace weft
