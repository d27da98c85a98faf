#pragma once

#include "framework/graph/schedule.h"
#include "framework/report/clip_history.h"
#include "framework/report/curves.h"
#include "framework/report/reel.h"
#include "framework/run/run_folder.h"
#include "framework/run/trace.h"
#include "framework/train/trainer.h"

#include <string>

namespace weft::train {

/// Gathers what a person wants to see of training, and writes it as report.html and clips into the run folder.
class ReportWriter {
 public:
  /// Takes the curves from the folder's log, as far as there are any.
  /// @param times  of the trainers; must outlive the writer
  ReportWriter(const run::RunFolder& folder, const run::Trace& times, at::Device device);

  /// What is wrong with the log, in a sentence; empty when nothing is.
  const std::string& remark() const { return remark_; }

  /// A chunk is done.
  void add(const ChunkResult& chunk, const Trainer& trainer, const std::string& stage, double seconds);
  /// @param state  how training stands, such as "done"
  /// @throws Error  (Exit::Failed) when a file cannot be written
  void write(const std::string& state, const Trainer& trainer, const graph::Progress& progress);

 private:
  using Facts = std::vector<std::pair<std::string, std::string>>;
  Facts facts(const Trainer& trainer, const graph::Progress& progress) const;

  std::string folder_;
  const run::Trace& times_;
  at::Device device_;
  report::Curves curves_;
  std::string remark_;
  report::Reel reel_;
  report::ClipHistory history_;
  int64_t steps_ = 0, frames_ = 0;  ///< of this process
  double seconds_ = 0;
};

}  // namespace weft::train
