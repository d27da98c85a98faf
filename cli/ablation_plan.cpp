#include "cli/ablation_plan.h"

#include "cli/ablation_identity.h"
#include "cli/running.h"
#include "framework/base/text.h"

#include <algorithm>
#include <utility>

namespace weft::cli {
namespace {

namespace fs = std::filesystem;

constexpr size_t kMostCells = 10'000;

/// @throws Error  where a graph would measure nothing of what a row trains
void check_weights(const std::string& row, const std::string& measure, const graph::Checked& checked,
                   const graph::Plan& plan) {
  std::set<std::string> trained;
  for (const graph::Stage& stage : checked.stages)
    for (const graph::WeightSource& weights : stage.plan.graph.weights) trained.insert(weights.path);
  for (const graph::WeightSource& weights : plan.graph.weights)
    if (trained.contains(weights.path)) return;
  throw Error(Exit::Graph, text("no [weights] of ", measure, " have the names of those that \"", row,
                                "\" trains: ", join(std::vector<std::string>(trained.begin(), trained.end()))))
      .hint("name them alike in both graphs");
}
}  // namespace

AblationPlan::AblationPlan(const GraphArguments& graph, const std::string& folder,
                           const std::vector<std::string>& variants, Program& program)
    : graph_(graph), program_(program) {
  read(variants);
  folder_ = folder.empty() ? fs::path("runs") / (stem_of(graph.file) + "-ablation") : fs::path(folder);
  check_folders();
  if (rows_.size() * seeds_.size() > kMostCells)
    throw Error(Exit::Graph,
                text(rows_.size(), " variants with ", seeds_.size(), " seeds are more than ", kMostCells, " runs"));
  find_cells();
}

void AblationPlan::read(const std::vector<std::string>& variants) {
  const graph::Checked checked = read_checked(graph_, graph_.options(), program_);
  root_ = checked.resolved;
  for (std::string& name : graph::variant_names(root_)) rows_.push_back(std::move(name));
  if (rows_.empty())
    throw Error(Exit::Graph, text(graph_.file, " has no variants"))
        .hint("write [variant.NAME] tables, or a [grid]; docs/graph-format.md");
  choose_rows(variants);
  if (const graph::Item* seeds = root_.find("seeds")) {
    for (const graph::Item& seed : seeds->items) seeds_.push_back(seed.integer);
  }
  if (seeds_.empty()) seeds_ = {1};
  if (const graph::Item* report = root_.find("report")) {
    for (const graph::Item& column : report->items) columns_.push_back(column.text);
  }
}

/// Each row has a folder of its own beside the table.
void AblationPlan::check_folders() const {
  std::map<std::string, std::string> rows = {{".", ""}, {"..", ""}, {"report.html", ""}, {"frames.csv", ""}};
  for (const char* table : {"table.md", "table.tex", "table.csv", "table.json"}) rows.emplace(table, "");
  for (const std::string& row : rows_) {
    const auto [other, is_new] = rows.emplace(folder_name(row), row);
    if (is_new) continue;
    throw Error(Exit::Graph,
                text("the variant \"", row, "\" cannot have the folder ", (folder_ / other->first).string(),
                     other->second.empty() ? "" : text(", which is that of \"", other->second, '"')))
        .hint("give it another name: in folders, other characters than letters, digits and . _ = - are written _");
  }
}

/// The rows that are to be trained and measured.
void AblationPlan::choose_rows(const std::vector<std::string>& variants) {
  chosen_ = variants.empty() ? graph::default_variant_names(root_) : variants;
  for (const std::string& name : chosen_) graph::place_of_variant(rows_, name);  // throws where there is none
  if (chosen_.empty())
    throw Error(Exit::Graph, text("each variant of ", graph_.file, " has `default = false`"))
        .hint(text("--variant takes one of ", join(rows_)));
}

bool AblationPlan::is_chosen(const std::string& row) const {
  return std::find(chosen_.begin(), chosen_.end(), row) != chosen_.end();
}

/// The graph that measures a row: its own, or the file's; the file itself where it trains nothing.
std::string AblationPlan::measure_of(const std::string& row) const {
  const graph::Item* variants = root_.find("variant");
  const graph::Item* variant = variants ? variants->find(row) : nullptr;
  const graph::Item* measure = variant ? variant->find("measure") : nullptr;
  if (!measure) measure = root_.find("measure");
  if (measure) return graph::resolve_path(measure->text, measure->place);
  if (!trains(row)) return {};
  throw Error(Exit::Graph, root_.place, text("nothing measures what \"", row, "\" trains"))
      .hint(
          "measure = \"./measure.toml\" names a graph with metric.report, whose [weights] have the names of the "
          "trained ones");
}

void AblationPlan::find_cells() {
  std::map<std::string, Identity> identities;  // of rows: a seed changes nothing else
  for (const std::string& row : rows_) identities[row] = identity(row);
  for (const int64_t seed : seeds_) {
    for (const std::string& row : rows_) {
      const Identity& of_row = identities.at(row);
      std::vector<AblationCell>& cells = is_chosen(row) ? cells_ : others_;
      cells.push_back({row, of_row.measure_file, seed, folder_ / folder_name(row) / text("seed-", seed),
                       hash_of(text("seed ", seed, '\n', of_row.training)), hash_of(of_row.measure)});
    }
  }
  std::map<std::pair<int64_t, std::string>, const AblationCell*> trainers;
  for (AblationCell& cell : cells_) {
    if (!trains(cell.row)) continue;
    const auto [trainer, is_first] = trainers.try_emplace({cell.seed, identities.at(cell.row).training}, &cell);
    if (!is_first) cell.trainer = trainer->second;
  }
}

AblationPlan::Identity AblationPlan::identity(const std::string& row) {
  graph::CheckOptions options = graph_.options();
  options.variant = row;
  graph::Diagnostics known;  // said already
  graph::Checked checked = graph::check(graph_.file, options, program_.plugins(), known);
  known.throw_errors();
  Identity all{{}, text(WEFT_VERSION, '\n'), {}};
  for (const graph::Stage& stage : checked.stages)
    all.training += text(stage.name, ' ', stage.epochs, '\n', identity_of(stage.plan, program_));
  if (checked.train) trained_.insert(row);
  if (checked.run && !checked.train) all.measure += identity_of(*checked.run, program_);
  all.measure_file = measure_of(row);
  if (all.measure_file.empty()) {
    if (!checked.run)
      throw Error(Exit::Graph, root_.place, text("\"", row, "\" has no writers, so it measures nothing"));
    untrained_.emplace(row, std::move(checked));
    return all;
  }
  const graph::Plan& plan = measured(all.measure_file);
  if (checked.train) check_weights(row, all.measure_file, checked, plan);
  all.measure += identity_of(plan, program_);
  return all;
}

const graph::Plan& AblationPlan::measuring(const AblationCell& cell) const {
  return cell.measure.empty() ? *untrained_.at(cell.row).run : *measured_.at(cell.measure).run;
}

/// @throws Error  when the graph is faulty, or measures nothing
const graph::Plan& AblationPlan::measured(const std::string& file) {
  const auto known = measured_.find(file);
  if (known != measured_.end()) return *known->second.run;
  graph::CheckOptions options;
  options.with_stages = options.with_variants = false;
  graph::Diagnostics faults;
  graph::Checked checked = graph::check(file, options, program_.plugins(), faults);
  faults.throw_errors();
  if (!checked.run) throw Error(Exit::Graph, text(file, " has no writers, so it measures nothing"));
  return *measured_.emplace(file, std::move(checked)).first->second.run;
}

}  // namespace weft::cli
