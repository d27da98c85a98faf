#pragma once

#include "framework/graph/plan.h"
#include "framework/graph/timeline.h"
#include "framework/node/ports.h"
#include "framework/run/data_sizes.h"
#include "framework/run/value_store.h"

#include <deque>
#include <functional>
#include <map>
#include <string>
#include <utility>
#include <vector>

namespace weft::run {

/// The inputs of a step as its node gets them.
class BoundInputs {
 public:
  explicit BoundInputs(const graph::Step& step);

  void clear(size_t port);
  /// @param place  of the value among the reads of the port
  void add(size_t port, const Value* value, size_t place);
  /// Keeps a value that was made for this step alone.
  const Value* keep(Value value) { return &own_.emplace_back(std::move(value)); }
  void drop_own() { own_.clear(); }

  /// By port; valid until the inputs are bound again.
  std::span<const PortInput> ports();
  const std::vector<std::vector<const Value*>>& values() const { return values_; }
  /// The only value of a step that has one input.
  const Value& only() const { return *values_.front().front(); }
  /// "image f32 [1, 3, 8, 8], flow …", by the names of the ports.
  std::string describe(const NodeSpec& spec) const;

 private:
  const graph::Step& step_;
  std::vector<std::vector<const Value*>> values_;  ///< by port
  std::vector<std::vector<size_t>> places_;        ///< of these among the reads
  std::vector<PortInput> ports_;
  std::deque<Value> own_;
};

/// Binds the inputs of steps to the values that are present at the tick at which the timeline is looked at.
///
/// Steps that read the same frames in the same memory share one window, so that it is joined once.
class Binder {
 public:
  /// Whether no gradients go through a read at this tick.
  using Cut = std::function<bool(const graph::Alternative&)>;

  /// @param cut  may be empty
  Binder(const graph::Plan& plan, const graph::Timeline& timeline, ValueStore& store, const DataSizes& sizes,
         at::Device device, Cut cut);

  void begin_sequence();
  /// Binds all inputs of a step.
  BoundInputs& bind(int step);
  BoundInputs& inputs(int step) { return inputs_[static_cast<size_t>(step)]; }
  /// The value of a read whose alternative was chosen; valid until the step is bound again or the windows are dropped.
  const Value* value_of(int step, const graph::Read& read, const graph::Alternative& alternative);
  /// Drops the windows that no later step of this tick reads.
  void end_step(int step);
  /// Drops all windows.
  void end_tick();

 private:
  struct Window {
    Value value;
    Value detached;  ///< the same without gradients
    int last_step = 0;
  };

  void number_windows();
  const Value* frame_of(int step, const graph::Read& read, bool inside_window, const graph::FrameRead& frame);
  const Value* zeros_of(int step, const graph::Read& read, bool inside_window);
  const graph::FlatNode& node_of(int step) const;
  at::Device device_of(int step) const;

  const graph::Plan& plan_;
  const graph::Timeline& timeline_;
  ValueStore& store_;
  const DataSizes& sizes_;
  at::Device device_;
  Cut cut_;
  std::vector<BoundInputs> inputs_;  ///< by step
  std::map<const graph::Alternative*, size_t> window_numbers_;
  std::vector<Window> windows_;
  std::map<std::pair<const graph::Read*, bool>, Value> zeros_;  ///< also by whether they are a frame of a window
};

}  // namespace weft::run
