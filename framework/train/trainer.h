#pragma once

#include "framework/base/log.h"
#include "framework/node/factory.h"
#include "framework/report/shown_stream.h"
#include "framework/run/nodes.h"
#include "framework/run/weights.h"
#include "framework/train/chunk_runner.h"
#include "framework/train/learners.h"
#include "framework/train/update.h"

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

namespace weft::train {

struct TrainerOptions {
  at::Device device = at::kCPU;
  size_t read_ahead = 4;  ///< frames of each clip
  run::Trace* trace = nullptr;
  const run::StopFlag* stop = nullptr;  ///< ends the wait for sources: resume() and next() throw Stopped then
};

/// The position of training in the data and in time; all counts are from 0.
struct Position {
  int64_t epoch = 0;  ///< over all stages
  int64_t clip = 0;   ///< of the epoch: the current batch of clips, or the next one
  int64_t chunk = 0;  ///< of the clip: the next one; 0 between clips
  int64_t clips = 0;  ///< batches of clips over all epochs
  int64_t step = 0;   ///< chunks over all epochs

  bool operator==(const Position&) const = default;
};

/// The result of an update in a chunk.
struct UpdateResult {
  std::string name;
  struct Loss {
    std::string name;
    double weight = 0;
    std::optional<double> value;  ///< without the weight; nothing when it was never present
  };
  std::vector<Loss> losses;
  double total = 0;
  double rate = 0;
  std::optional<double> gradient_norm;  ///< nothing when it took no gradients
};

struct ChunkResult {
  int64_t step = 0;
  int64_t frames = 0;  ///< times at which there could be losses, in all clips
  std::string clip;    ///< the name of the first one in the batch
  std::vector<UpdateResult> updates;
  std::map<std::string, double> watched;  ///< means of the scalars that [run] `show` and `best` name
};

/// Trains the networks of one plan, chunk by chunk. One stage of training is one trainer.
class Trainer {
 public:
  /// Makes the nodes, loads the weights, prepares the updates.
  /// @throws Error  when the plan has nothing to train, or nodes or weights cannot be made
  Trainer(graph::Plan plan, const NodeFactory& factory, TrainerOptions options, Log& log);
  ~Trainer();
  Trainer(const Trainer&) = delete;
  Trainer& operator=(const Trainer&) = delete;

  /// Begins a pass through the data. @param position  with the epoch; clip and chunk are set to 0
  void begin_epoch(Position position);
  /// What of a checkpoint does not fit, a line each: networks and updates by names, shapes, types and counts.
  std::vector<std::string> differences(const Archive::Entries& entries, const Position& position) const;
  /// Goes on where a checkpoint was made: in the middle of an epoch, perhaps of a clip.
  /// @returns what of it does not fit the data at that place, a line each; then nothing was taken
  std::vector<std::string> resume(const Position& position, const Archive::Entries& entries);
  /// The first tensor of networks and updates whose numbers are not all finite; empty when all are.
  std::string first_not_finite() const;
  /// Trains on the next chunk. @returns nothing when the epoch is over
  /// @throws Error  (Exit::NotFinite) before anything is changed by a loss or gradient that is not finite
  /// @throws Stopped  when training is asked to stop while a source is waited for; save() has all up to the chunk before
  std::optional<ChunkResult> next(graph::Progress progress);

  const Position& position() const { return position_; }
  /// Sets the position at which this trainer takes over.
  void set_position(const Position& position) { position_ = position; }
  /// Ends the epoch: sets the position to the beginning of the next one.
  void end_epoch();
  const graph::Plan& plan() const { return plan_; }
  const ChunkRunner& runner() const { return *runner_; }
  const std::vector<std::unique_ptr<Update>>& updates() const { return updates_; }
  /// Trains on one clip from the program, for a graph whose data come through its [inputs].
  /// @param frames  by input, of the whole clip, from t = 0
  /// @param after_chunk  called after each
  void train_clip(const std::map<std::string, std::vector<Value>>& frames, graph::Progress progress,
                  const std::function<void(const ChunkResult&)>& after_chunk);

  /// The streams that [run] `show` and `best` name, by these names.
  const std::map<std::string, report::ShownStream>& watched() const { return watched_; }
  /// The number of parameters that an update changes.
  static int64_t count_parameters(const Update& update);

  /// Networks and updates as named tensors.
  Archive::Entries save_learnt() const;
  /// The same, with the values that the next chunk reads.
  Archive::Entries save() const;
  /// Restores networks and updates from named tensors, if names and shapes agree.
  /// @returns the tensors that were not restored, each with the reason
  std::vector<std::string> load(const Archive::Entries& entries);

  /// The networks of each line of [weights] that are trained, or were trained in an earlier stage: the path and its
  /// tensors, with moving averages instead of parameters where an update has them.
  std::map<std::string, std::vector<std::pair<std::string, at::Tensor>>> trained_weights() const;

 private:
  void load_networks();
  void make_updates();
  bool is_kept(size_t node) const;
  void add_learnt_before(const Archive::Entries& found, Archive::Entries& wanted) const;
  void take(size_t node, nn::Parameter& parameter, const at::Tensor& value, bool was_kept);
  std::vector<Node*> nodes_of_clip(size_t clip) const;
  bool advance(size_t clip, int64_t count);
  bool begin_clip();
  void open_clip(const std::map<std::string, std::vector<Value>>& frames = {});
  int64_t longest_chunk(const std::vector<int64_t>& lengths) const;
  int64_t warm_ticks() const { return learners_.first_time + plan_.lead; }
  std::optional<int64_t> decide();
  ChunkResult train(const graph::Progress& progress, int64_t frames);
  void run_updates(const graph::Progress& progress, ChunkResult& result);
  std::vector<char> steps_to_run_again(const std::vector<size_t>& order, size_t turn) const;
  void make_step(Update& update, const graph::Progress& progress);
  UpdateResult run_update(Update& update, const graph::Progress& progress, Update::Graph graph);
  void check_finite(const UpdateResult& result);
  void watch(ChunkResult& result);
  std::vector<size_t> order_of_updates() const;

  graph::Plan plan_;
  const NodeFactory& factory_;
  TrainerOptions options_;
  Log& log_;
  uint64_t seed_;
  int64_t batch_;
  std::optional<int64_t> chunk_;
  bool drops_remainder_;
  graph::UpdateMode mode_ = graph::UpdateMode::Shared;
  Learners learners_;
  std::unique_ptr<run::Nodes> nodes_;
  std::vector<run::WeightGroup> weights_;
  std::vector<std::unique_ptr<Update>> updates_;
  std::vector<std::vector<std::unique_ptr<Node>>> sources_;  ///< by clip of the batch and node, of this epoch
  std::unique_ptr<ChunkRunner> runner_;
  Position position_;
  std::string clip_name_;
  std::vector<int64_t> advanced_;  ///< sequences that the sources of each clip have had
  int64_t ticks_ = 0;              ///< of a chunk of the current clip
  bool has_clip_ = false;
  std::map<std::string, report::ShownStream> watched_;
  std::set<size_t> learnt_before_;  ///< networks from files that an earlier stage has changed
  std::vector<size_t> stepped_;     ///< updates that have made their step in this chunk
  run::Patience patience_;          ///< the last one: it waits for what uses the others
};

}  // namespace weft::train
