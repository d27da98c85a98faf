#pragma once

#include "framework/base/log.h"
#include "framework/run/session.h"
#include "framework/train/trainer.h"
#include "tests/conformance/fixture.h"

#include <memory>
#include <string>
#include <vector>

namespace weft::conformance {

/// A graph that a case writes for a fixture's configuration, with the fixture's parameters as weights.
class GraphRun {
 public:
  GraphRun();
  ~GraphRun();

  /// Makes generators take conditions that are joined over time already: as they are, not in a window of frames.
  GraphRun& join_conditions();
  /// The graph's text, after `format = 1`. Files of the project are named from its root: "graphs/parts/scale.toml".
  GraphRun& text(const std::string& toml);
  /// Adds a line to [weights]; the tensors go to a file.
  GraphRun& weights(const std::string& path, const Tensors& tensors);
  /// Streams to pull, and optional inputs that will be pushed.
  GraphRun& want(std::vector<std::string> paths);
  GraphRun& give(std::vector<std::string> inputs);

  /// Opens the session and begins a sequence.
  run::Session& begin();
  /// Makes a trainer for the graph, whose data are its inputs.
  train::Trainer& begin_training();
  /// The stages of training, checked.
  std::vector<graph::Stage> stages();
  /// Pulls a wanted stream. @throws Error  when it is not present
  at::Tensor pull(const std::string& path) const;
  /// The parameter that a line of [weights] filled: after the run, so with its statistics.
  at::Tensor parameter(const std::string& path, const std::string& key) const;

 private:
  std::string folder_;
  std::string root_ = WEFT_SOURCE_DIR;  ///< above graphs/
  std::string text_;
  std::string weights_;
  int files_ = 0;
  graph::CheckOptions options_;
  Log log_{Log::Level::Quiet};
  std::unique_ptr<run::Session> session_;
  std::unique_ptr<train::Trainer> trainer_;

  std::string write() const;
};

/// `batch` or `running`, for the mode of a fixture: upstream's networks in training mode use the statistics of the
/// batch.
std::string statistics_of(const nlohmann::json& config);

/// `name = value` lines for a node.
std::string param_lines(const std::vector<std::pair<std::string, std::string>>& params);

}  // namespace weft::conformance
