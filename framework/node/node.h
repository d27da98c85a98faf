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

/// What a writer makes of a sequence.
struct Output {
  std::string path;      ///< the file, or the folder with the pattern of its files
  std::string existing;  ///< a file of it that is there already; empty when none is
};

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

  /// Of sources: the names of all sequences, where they are known before they are read; the first call lists them.
  virtual std::optional<std::vector<std::string>> sequences() = 0;
  /// Of sources: passes over the next sequence without reading it. @returns false when there is none
  virtual bool skip_sequence(Context& context) = 0;
  /// Of sources: the names of the frames of the sequence in hand, such as those of files; empty where they have none.
  virtual std::vector<std::string> frame_names() = 0;
  /// Of sources: goes on to the next sequence and tells its name; nothing when there is none.
  virtual std::optional<std::string> next_sequence(Context& context) = 0;
  /// Of sources: how many frames the sequence in hand has, where that is known.
  virtual std::optional<int64_t> frames() = 0;
  /// Of sources: passes over the next frame of the sequence without making it.
  /// @returns false when there is none
  virtual bool skip(Context& context) = 0;
  /// Of sinks: what they make of a sequence of this name; nothing where it is no file.
  virtual std::optional<Output> output(const std::string& sequence) = 0;
  /// Of sinks: the sequence is over, or the run ended in the middle of it (Context::is_broken_off). Makes what was
  /// written usable.
  virtual void finish(Context& context) = 0;
};

}  // namespace weft
