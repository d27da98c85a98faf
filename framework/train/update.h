#pragma once

#include "framework/graph/plan.h"
#include "framework/graph/schedule.h"
#include "framework/node/node.h"
#include "framework/train/chunk_runner.h"
#include "framework/train/optimiser.h"
#include "framework/train/ranks.h"

#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace weft::train {

/// A loss of an update in a chunk.
struct LossValue {
  std::string name;  ///< as [update.NAME.loss] writes it
  double weight = 0;
  at::Tensor value;  ///< the mean over the times of the chunk at which it is present; undefined when it never is
};

/// An update at run time: losses, gradients, optimiser, moving average.
class Update {
 public:
  /// Collects the learnt tensors of its networks as parameters; networks that do not run are ignored.
  /// @param nodes  by node of the plan's graph, with weights; their learnt tensors become leaves that require gradients
  Update(const graph::Plan& plan, const graph::Update& described, const std::vector<Node*>& nodes);

  const std::string& name() const { return name_; }
  /// Paths of its networks that do not run.
  const std::vector<std::string>& idle() const { return idle_; }
  const std::vector<std::string>& parameter_names() const { return names_; }
  std::vector<at::Tensor> parameters() const;
  /// How many numbers they have.
  int64_t size() const;
  /// Whether it takes part in the chunk of this number.
  bool is_due(int64_t chunk) const { return chunk % ratio_ == 0; }

  /// Its losses in the chunk that the runner has run.
  std::vector<LossValue> losses(const ChunkRunner& runner) const;
  /// Their weighted sum; undefined when none is present, or none depends on a trained network.
  static at::Tensor total(const std::vector<LossValue>& losses);

  enum class Graph { Kept, Freed };
  /// Computes the gradients of `total` for its own parameters, the mean over all processes, and adds them to those of
  /// earlier accumulated chunks.
  /// @param total  undefined where only other processes have a loss in this chunk
  /// @returns their norm, before it is clipped
  double take_gradients(const at::Tensor& total, Graph graph, Ranks& ranks);
  /// Whether enough chunks are accumulated for a step.
  bool is_ready() const { return chunks_ >= accumulate_; }
  /// Changes the parameters and clears the gradients.
  void step(const graph::Progress& progress);
  double rate(const graph::Progress& progress) const { return schedule_.rate(rate_, progress); }
  /// Steps made so far.
  int64_t steps() const { return steps_; }
  /// The first parameter whose gradient is not finite; empty when all are.
  std::string first_not_finite() const;

  bool has_average() const { return average_decay_.has_value(); }
  /// What a moving average follows: the parameters, then the running statistics of norms, which fit no others.
  const std::vector<std::string>& averaged_names() const { return averaged_names_; }
  /// The moving averages, in that order; without one the values themselves.
  std::vector<at::Tensor> averages() const;

  /// Saves the state that a resumed run needs besides the parameters, as named tensors.
  void save(Archive::Entries& entries) const;
  /// Adds the sums of gradients that a checkpoint must have, by the chunks that it says are summed up.
  void add_gradients(const Archive::Entries& found, Archive::Entries& wanted) const;
  /// Compares the counts of a checkpoint, whose names, shapes and types fit, with the settings and with each other.
  void check_counts(const Archive::Entries& entries, int64_t step, std::vector<std::string>& faults) const;
  /// Takes it from there as far as names and shapes agree; the rest starts from zero.
  void load(const Archive::Entries& entries);

 private:
  void find_parameters(const graph::Plan& plan, const graph::Update& described, const std::vector<Node*>& nodes);
  void clip();
  void follow_average();
  std::string key(const std::string& what, size_t index) const;
  std::string key_of_average(size_t index) const;

  std::string name_;
  std::string use_;
  graph::Schedule schedule_;
  double rate_ = 0;
  int64_t warmup_ = 0, accumulate_ = 1, ratio_ = 1;
  std::optional<double> clip_, average_decay_;
  bool average_warms_up_ = false;
  std::vector<LossValue> wanted_;   ///< names and weights
  std::vector<int> goals_;          ///< their nodes
  std::vector<std::string> names_;  ///< of parameters: path of the node, a slash, key of the tensor
  std::vector<nn::Parameter*> parameters_;
  std::vector<std::string> idle_;
  std::unique_ptr<Optimiser> optimiser_;
  std::vector<at::Tensor> gradients_;
  std::vector<nn::Parameter*> averaged_;
  std::vector<std::string> averaged_names_;
  std::vector<at::Tensor> averages_;
  double norm_ = 0;
  int64_t chunks_ = 0;  ///< whose gradients are summed
  int64_t steps_ = 0;
};

/// The name of a tensor of a network in checkpoints.
std::string tensor_name(const graph::FlatNode& node, const std::string& key);

}  // namespace weft::train
