#pragma once

#include "framework/base/log.h"
#include "framework/node/recording.h"

#include <ATen/core/Generator.h>
#include <c10/core/Device.h>
#include <c10/core/ScalarType.h>

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace weft {

/// The facts of the run that a node can ask for besides its inputs.
class Context {
 public:
  Context(std::string node, uint64_t seed, at::Device device, at::ScalarType precision, Log& log)
      : node_(std::move(node)), seed_(seed), device_(device), precision_(precision), log_(log) {}

  /// t, counted from the beginning of the sequence.
  int64_t frame() const { return frame_; }
  /// The name of the current sequence, such as that of its folder; may be empty.
  const std::string& sequence() const { return sequence_; }
  /// The name of the current frame, such as its file name without extension; empty if the sources have none.
  const std::string& frame_name() const;
  /// How the sequence runs in time, by the first source that knows it; nothing where none does. The file of its sound is
  /// that of the only source that has one.
  const std::optional<Recording>& recording() const { return recording_; }
  /// Of sinks in finish(): whether the sequence is incomplete, because the run was stopped or failed.
  bool is_broken_off() const { return is_broken_off_; }
  /// The path of the node in the graph: "F.coarse.trunk".
  const std::string& node() const { return node_; }
  /// Of sinks: the node that feeds this port, with its parameters and, where it belongs to the same family, its own
  /// inputs: "metric.mean of metric.psnr(range = 2, most = 100)". Empty if nothing is wired.
  std::string origin(const std::string& port) const;
  /// The device of the run. Inputs are on it already; a source makes its values on the CPU.
  at::Device device() const { return device_; }
  /// The type in which networks compute: float, or bfloat16 with `--precision bf16`. Images, flows and masks
  /// stay float.
  at::ScalarType precision() const { return precision_; }
  bool is_training() const { return is_training_; }
  /// Of training: the number of completed passes through the data. A source may order or augment its clips by it.
  int64_t epoch() const { return epoch_; }

  /// A random generator for this node at this frame. It depends on the seed, node, sequence and frame only, not on the
  /// frames that ran before.
  at::Generator generator(at::Device device) const;

  Log& log() const { return log_; }

  void set_node(std::string node) { node_ = std::move(node); }
  void set_frame(int64_t frame) { frame_ = frame; }
  void set_sequence(std::string name, uint64_t index);
  void set_frame_names(std::shared_ptr<const std::vector<std::string>> names) { frame_names_ = std::move(names); }
  void set_recording(std::optional<Recording> recording) { recording_ = std::move(recording); }
  void set_origins(std::shared_ptr<const std::map<std::string, std::string>> origins) { origins_ = std::move(origins); }
  void set_broken_off(bool is_broken_off) { is_broken_off_ = is_broken_off; }
  void set_precision(at::ScalarType precision) { precision_ = precision; }
  void set_training(bool is_training) { is_training_ = is_training; }
  void set_epoch(int64_t epoch) { epoch_ = epoch; }

 private:
  std::string node_;
  uint64_t seed_;
  at::Device device_;
  at::ScalarType precision_;
  Log& log_;
  int64_t frame_ = 0;
  std::string sequence_;
  uint64_t sequence_index_ = 0;
  std::shared_ptr<const std::vector<std::string>> frame_names_;
  std::shared_ptr<const std::map<std::string, std::string>> origins_;
  std::optional<Recording> recording_;
  bool is_broken_off_ = false;
  bool is_training_ = false;
  int64_t epoch_ = 0;
};

}  // namespace weft
