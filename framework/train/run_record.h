#pragma once

#include "framework/report/event_file.h"
#include "framework/run/run_folder.h"
#include "framework/train/report_writer.h"
#include "framework/train/training_observer.h"

#include <map>
#include <string>

namespace weft::train {

/// What a run folder has of a training besides checkpoints: log.jsonl, the event file of curves, report.html.
class RunRecord final : public TrainingObserver {
 public:
  /// @param lengths  of the files that a resumed run goes on with, by their names; others start empty
  /// @param times    of the trainers; must outlive the object
  RunRecord(run::RunFolder& folder, const std::map<std::string, int64_t>& lengths, const run::Trace& times,
            at::Device device);

  /// What is wrong with the log, in a sentence; empty when nothing is.
  const std::string& remark() const { return report_.remark(); }
  /// Whether the event file was empty, so that the graph is to be added to it.
  bool is_new() const { return is_new_; }
  void add_graph(const std::string& stage, const std::string& resolved);
  /// How long its files are now, for a checkpoint.
  std::map<std::string, int64_t> lengths();

  void chunk(const ChunkResult& chunk, double seconds, const Standing& standing) override;
  /// Pictures and the distribution of each learnt tensor go into the event file.
  void saving(const Standing& standing) override;
  void state(const std::string& state, const Standing& standing) override;

 private:
  run::RunFolder& folder_;
  bool is_new_;
  report::EventFile events_;
  ReportWriter report_;
};

}  // namespace weft::train
