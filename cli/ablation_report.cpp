#include "cli/ablation_report.h"

#include "cli/running.h"
#include "framework/base/csv.h"
#include "framework/base/text.h"
#include "framework/report/ablation_page.h"
#include "framework/report/frame_curves.h"
#include "framework/weights/atomic_file.h"

#include <algorithm>
#include <map>

namespace weft::cli {
namespace {

namespace fs = std::filesystem;

/// What the page shows of a cell.
report::VariantRun run_of(const AblationFiles& files, const AblationCell& cell) {
  report::VariantRun run{cell.row, {}, {}, {}};
  const auto from_page = [&](const fs::path& file) { return fs::relative(file, files.folder).string(); };
  std::error_code none;
  for (const auto& entry : fs::directory_iterator(cell.folder / "clips", none)) {
    if (entry.path().extension() == ".mp4" || entry.path().extension() == ".webm")
      run.clips.emplace_back(entry.path().filename().string(), from_page(entry.path()));
  }
  std::sort(run.clips.begin(), run.clips.end());
  const fs::path trained = trained_folder(cell, files.file);
  run.training = report::ClipHistory::read(trained.string());
  for (auto& [stream, clips] : run.training) {
    for (auto& [step, file] : clips) file = from_page(file);
  }
  run.curves.read_log((trained / "log.jsonl").string());
  return run;
}

/// The rows of frames.csv.
std::string rows_of(const AblationCell& cell, const std::vector<report::FrameCurve>& curves) {
  std::string rows;
  for (const report::FrameCurve& curve : curves) {
    for (const auto& [t, value] : curve.values)
      rows +=
          text(csv_field(cell.row), ',', cell.seed, ',', csv_field(curve.name), ',', t, ',', number_text(value), '\n');
  }
  return rows;
}

}  // namespace

fs::path trained_folder(const AblationCell& cell, const std::string& file) {
  return (cell.trainer ? cell.trainer : &cell)->folder / stem_of(file) / "last";
}

void write_ablation_report(const AblationFiles& files, const std::vector<AblationCell>& cells,
                           report::AblationTable& table) {
  std::vector<report::VariantRun> runs;
  std::map<std::string, std::vector<report::FrameCurve>> by_frame;  // of all seeds, by row
  std::string frames;
  for (const AblationCell& cell : cells) {
    if (cell.state() != AblationCell::State::Done) continue;
    const std::string stem = stem_of(cell.measure.empty() ? files.file : cell.measure);
    const fs::path measured = cell.folder / "eval" / stem / "last";
    table.add(cell.row, cell.seed, report::MetricTable::read((measured / "metrics.json").string()));
    const std::vector<report::FrameCurve> curves = report::read_frame_curves(measured.string());
    frames += rows_of(cell, curves);
    by_frame[cell.row].insert(by_frame[cell.row].end(), curves.begin(), curves.end());
    if (cell.seed == files.shown_seed) runs.push_back(run_of(files, cell));
  }
  for (report::VariantRun& run : runs) run.by_frame = report::mean_curves(by_frame[run.variant]);
  const auto save = [&](const char* name, const std::string& content) {
    weights::write_atomically((files.folder / name).string(), content);
  };
  save("table.md", table.markdown());
  save("table.tex", table.latex());
  save("table.csv", table.csv());
  save("table.json", table.json());
  if (!frames.empty()) save("frames.csv", "variant,seed,metric,t,value\n" + frames);
  save("report.html", report::ablation_page(stem_of(files.file), table, runs));
}

}  // namespace weft::cli
