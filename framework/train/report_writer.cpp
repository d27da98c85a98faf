#include "framework/train/report_writer.h"

#include "framework/base/text.h"
#include "framework/report/report.h"
#include "framework/run/precision.h"
#include "framework/train/progress.h"

#include <ATen/Parallel.h>

#include <ctime>
#include <filesystem>

namespace weft::train {
namespace {

namespace fs = std::filesystem;

std::string time_now() {
  const std::time_t now = std::time(nullptr);
  std::tm parts{};
  localtime_r(&now, &parts);
  char buffer[40];
  std::strftime(buffer, sizeof buffer, "%Y-%m-%d %H:%M:%S %z", &parts);
  return buffer;
}

/// "2026-01-31T12:00:00+0100" as time_now() writes it.
std::string readable(const std::string& time) {
  return time.size() < 20 ? time : text(time.substr(0, 10), ' ', time.substr(11, 8), ' ', time.substr(19));
}

std::vector<report::LearntNetwork> networks_of(const Trainer& trainer) {
  std::vector<report::LearntNetwork> networks;
  for (const auto& update : trainer.learnt().updates()) {
    const std::vector<at::Tensor> parameters = update->parameters();
    for (size_t i = 0; i < parameters.size(); ++i) {
      const std::string& name = update->parameter_names()[i];
      const std::string path = name.substr(0, name.find('/'));
      if (networks.empty() || networks.back().path != path || networks.back().update != update->name())
        networks.push_back({path, update->name(), 0, 0});
      ++networks.back().tensors;
      networks.back().numbers += parameters[i].numel();
    }
  }
  return networks;
}

}  // namespace

ReportWriter::ReportWriter(const run::RunFolder& folder, const run::Trace& times, at::Device device)
    : folder_(folder.path()),
      times_(times),
      device_(device),
      remark_(curves_.read_log(folder_ + "/log.jsonl")),
      history_(folder_, curves_.last_step()) {}

void ReportWriter::add(const ChunkResult& chunk, const Trainer& trainer, const std::string& stage, double seconds) {
  ++steps_;
  frames_ += chunk.frames;
  seconds_ += seconds;
  curves_.add(stage, chunk.step, report::with_speed(numbers_of(chunk), chunk.frames, seconds));
  reel_.add(trainer.watched(), chunk.clip, trainer.position().chunk == 1);
}

ReportWriter::Facts ReportWriter::facts(const Trainer& trainer, const graph::Progress& progress) const {
  const graph::Plan& plan = trainer.plan();
  const bool is_cpu = device_.is_cpu();
  Facts facts = {{"begun", readable(curves_.begun())}, {"written", time_now()}};
  facts.emplace_back("steps", progress.steps > 0 ? text(progress.step, " of ", progress.steps) : text(progress.step));
  facts.emplace_back("epochs", text(progress.epoch, " of ", progress.epochs));
  if (!curves_.stages().empty() && !curves_.stages().back().name.empty())
    facts.emplace_back("stage", curves_.stages().back().name);
  facts.emplace_back("since it was started", text(count_text(steps_, "step"), ", ", count_text(frames_, "frame"), ", ",
                                                  duration_text(seconds_)));
  facts.emplace_back("device",
                     text(device_.str(), is_cpu ? text(", ", count_text(at::get_num_threads(), "thread")) : ""));
  facts.emplace_back("precision", run::name_of_precision(run::precision_of(plan.graph, device_)));
  facts.emplace_back("seed", text(plan.graph.run.seed));
  facts.emplace_back("run folder", folder_);
  return facts;
}

void ReportWriter::write(const std::string& state, const Trainer& trainer, const graph::Progress& progress) {
  report::Report report;
  const std::vector<graph::Instance>& instances = trainer.plan().graph.instances;
  report.title = fs::path(folder_).parent_path().filename().string();
  if (!instances.empty()) report.about = instances.front().about;
  report.state = state;
  report.facts = facts(trainer, progress);
  report.clip = reel_.name();
  report.clips = reel_.clips();
  report.curves = &curves_;
  report.plan = &trainer.plan();
  report.networks = networks_of(trainer);
  report.times = times_.sums();
  report.seconds = seconds_;
  report.times_are_of_starting = !device_.is_cpu();
  report::write_report(folder_ + "/report.html", report);
  history_.add(trainer.position().step, reel_);
}

}  // namespace weft::train
