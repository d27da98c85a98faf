#include "framework/train/run_record.h"

#include "framework/base/text.h"
#include "framework/report/picture.h"
#include "framework/train/progress.h"

#include <filesystem>

namespace weft::train {
namespace {

constexpr const char* kLog = "log.jsonl";

bool is_begun(const std::string& folder, const std::map<std::string, int64_t>& lengths) {
  const std::string name = report::EventFile::kName;
  return lengths.contains(name) && std::filesystem::exists(text(folder, '/', name));
}

report::EventFile events_in(const std::string& folder, const std::map<std::string, int64_t>& lengths) {
  const std::string name = report::EventFile::kName, file = text(folder, '/', name);
  return is_begun(folder, lengths) ? report::EventFile(file, lengths.at(name)) : report::EventFile(file);
}

}  // namespace

RunRecord::RunRecord(run::RunFolder& folder, const std::map<std::string, int64_t>& lengths, const run::Trace& times,
                     at::Device device)
    : folder_(folder),
      is_new_(!is_begun(folder.path(), lengths)),
      events_(events_in(folder.path(), lengths)),
      report_(folder, times, device) {}

void RunRecord::add_graph(const std::string& stage, const std::string& resolved) {
  events_.add_text(stage.empty() ? "graph" : "graph/" + stage, text("```toml\n", resolved, "\n```"), 0);
}

std::map<std::string, int64_t> RunRecord::lengths() {
  return {{kLog, folder_.log_bytes()}, {report::EventFile::kName, events_.bytes()}};
}

void RunRecord::chunk(const ChunkResult& chunk, double seconds, const Standing& standing) {
  folder_.add_record(record_of(chunk, standing.stage, standing.progress.epoch, seconds));
  events_.add_scalars(report::with_speed(numbers_of(chunk), chunk.frames, seconds), chunk.step);
  report_.add(chunk, standing.trainer, standing.stage, seconds);
}

void RunRecord::saving(const Standing& standing) {
  const int64_t step = standing.trainer.position().step;
  for (const auto& [name, watched] : standing.trainer.watched()) {
    const auto picture =
        watched.values.empty() ? std::nullopt : report::picture_of(watched.values.back(), watched.kind);
    if (picture) events_.add_image("shown/" + name, *picture, step);
  }
  for (const auto& update : standing.trainer.learnt().updates()) {
    const std::vector<at::Tensor> parameters = update->parameters();
    for (size_t i = 0; i < parameters.size(); ++i)
      events_.add_histogram("weights/" + update->parameter_names()[i], parameters[i], step);
  }
}

void RunRecord::state(const std::string& state, const Standing& standing) {
  report_.write(state, standing.trainer, standing.progress);
}

}  // namespace weft::train
