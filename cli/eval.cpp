#include "cli/cli.h"
#include "cli/running.h"
#include "framework/base/text.h"
#include "framework/data/output_path.h"
#include "framework/graph/origin.h"
#include "framework/report/extremes.h"
#include "framework/report/metric_table.h"
#include "framework/report/study_page.h"
#include "framework/run/run_folder.h"
#include "framework/run/session.h"
#include "framework/weights/atomic_file.h"

#include <algorithm>
#include <filesystem>
#include <iostream>
#include <map>
#include <memory>

namespace weft::cli {
namespace {

namespace fs = std::filesystem;

constexpr const char* kTableFile = "metrics.json";

struct Arguments {
  GraphArguments graph;
  RunningArguments running;
  std::string against;
  bool replaces = false;
};

graph::CheckOptions check_options(const Arguments& arguments) {
  graph::CheckOptions options = arguments.graph.options();
  options.with_stages = options.with_variants = false;
  // Each sequence has a mean of its own.
  options.settings.push_back(graph::read_setting("run.batch=1"));
  return options;
}

/// Whether a node reports numbers of metrics: a writer with parameters for a JSON file and the row of a table.
bool reports_metrics(const graph::FlatNode& node) {
  return node.spec->is_sink && node.spec->find_param("json") && node.spec->find_param("method");
}

bool has_reports(const graph::Plan& plan) {
  return std::any_of(plan.steps.begin(), plan.steps.end(),
                     [&](const graph::Step& step) { return reports_metrics(plan.graph.node(step.node)); });
}

/// Refuses two reports of one column whose inputs were measured differently, before hours of computing; the table refuses
/// what is left, such as other parameters of the reports themselves.
void check_columns(const graph::GoalGraph& graph, const std::vector<const graph::FlatNode*>& reports) {
  using Origins = std::shared_ptr<const std::map<std::string, std::string>>;
  std::map<std::pair<std::string, ParamValue>, Origins> columns;
  for (const graph::FlatNode* node : reports) {
    const auto name = node->params.find("name");
    if (name == node->params.end()) continue;
    const Origins own = graph::origins(graph, *node);
    const Origins& first = columns.try_emplace({node->spec->type, name->second}, own).first->second;
    for (const auto& [port, origin] : *own) {
      if (first->at(port) == origin) continue;
      throw Error(Exit::Graph, node->place,
                  text("the column ", toml_text(name->second),
                       " would have numbers of different settings: ", first->at(port), " and ", origin))
          .hint("give one of the reports another `name`");
    }
  }
}

/// Has each report write its numbers below `folder`. @returns the files
std::vector<std::string> direct_reports(const graph::Plan& plan, const std::string& folder, graph::Overlay& overlay) {
  std::vector<std::string> files;
  std::vector<const graph::FlatNode*> reports;
  for (const graph::Step& step : plan.steps) {
    const graph::FlatNode& node = plan.graph.node(step.node);
    if (!reports_metrics(node)) continue;
    files.push_back(text(folder, '/', node.path, ".json"));
    graph::Item keys = graph::Item::table({});
    keys.set("json", graph::Item::of_text(files.back(), {}), {});
    overlay.nodes.push_back({node.path, {}, std::move(keys), false});
    reports.push_back(&node);
  }
  check_columns(plan.graph, reports);
  return files;
}

/// The table of an earlier run, of its folder or of the file itself.
report::MetricTable read_other(const std::string& against) {
  const std::string file = fs::is_directory(against) ? text(against, '/', kTableFile) : against;
  if (fs::exists(file)) return report::MetricTable::read(file);
  throw Error(Exit::Usage, text("--against ", against, ": there is no ", file))
      .hint("name the run folder of an earlier `weft eval`");
}

/// The videos that writers made of a sequence, by the writers' nodes.
/// @param folder  of the page that shows them
std::vector<std::pair<std::string, std::string>> clips_of(const graph::Plan& plan, const std::string& sequence,
                                                          const std::string& folder) {
  std::vector<std::pair<std::string, std::string>> clips;
  for (const graph::Step& step : plan.steps) {
    const graph::FlatNode& node = plan.graph.node(step.node);
    const auto path = node.params.find("path");
    if (!node.spec->is_sink || path == node.params.end()) continue;
    const auto* pattern = std::get_if<std::string>(&path->second);
    if (!pattern || pattern->find("{sequence}") == std::string::npos) continue;
    const std::string file = data::with_sequence(*pattern, sequence);
    if (report::is_playable(file) && fs::is_regular_file(file))
      clips.emplace_back(node.path, fs::relative(file, folder).string());
  }
  return clips;
}

/// The ends of each metric by sequence, as parts of the page.
std::string extremes_of(const std::vector<std::string>& reports, const graph::Plan& plan, const std::string& folder) {
  std::vector<report::SequenceMetric> metrics;
  for (const std::string& file : reports) {
    if (!fs::exists(file)) continue;
    metrics.push_back(report::read_sequences(file));
    for (report::MeasuredSequence& sequence : metrics.back().sequences)
      sequence.clips = clips_of(plan, sequence.name, folder);
  }
  return report::extremes_html(metrics);
}

void write_table(const report::MetricTable& table, const Arguments& arguments, const std::string& folder,
                 const std::vector<report::MetricChange>& changes, const std::string& extremes) {
  std::string markdown = table.markdown();
  if (!changes.empty()) markdown += '\n' + report::markdown_of(changes, arguments.against);
  weights::write_atomically(text(folder, '/', kTableFile), table.json());
  weights::write_atomically(folder + "/metrics.csv", table.csv());
  weights::write_atomically(folder + "/metrics.md", markdown);
  weights::write_atomically(folder + "/metrics.html", report::metric_page(table, stem_of(arguments.graph.file), changes,
                                                                          arguments.against, extremes));
  std::cout << markdown;
}

Exit evaluate(const Arguments& arguments, Program& program) {
  const at::Device device = arguments.running.open_device();
  if (arguments.running.run_folder == "none") {
    throw Error(Exit::Usage, "--run-folder none: the table of metrics is kept in a run folder")
        .hint("name a folder, such as --run-folder /tmp/runs");
  }
  const report::MetricTable other = arguments.against.empty() ? report::MetricTable() : read_other(arguments.against);
  graph::CheckOptions check = check_options(arguments);
  const graph::Checked as_written = read_checked(arguments.graph, check, program);
  refuse_experiments(as_written, arguments.graph);
  if (!as_written.run || !has_reports(*as_written.run)) {
    throw Error(Exit::Graph, text(arguments.graph.file, " has no node that reports a metric"))
        .hint(
            "add metric.report, metric.frechet, metric.kernel_distance or metric.segmentation; docs/metrics.md has "
            "examples");
  }
  auto folder = std::make_unique<run::RunFolder>(arguments.running.run_folder, stem_of(arguments.graph.file));
  const std::string reports = folder->path() + "/metrics";
  fs::create_directories(reports);
  graph::Overlay overlay;
  const std::vector<std::string> files = direct_reports(*as_written.run, reports, overlay);
  check.settings.push_back(std::move(overlay));
  graph::Diagnostics known;  // warnings are printed already
  graph::Checked checked = graph::check(arguments.graph.file, check, program.plugins(), known);
  known.throw_errors();
  run::SessionOptions options;
  options.device = device;
  options.stop = &stop_signal();
  options.shows_progress = true;
  if (arguments.replaces) options.existing = run::Existing::Replace;
  run::Session& session =
      program.keep(std::make_shared<run::Session>(std::move(checked), program.plugins(), options, *program.log));
  session.check_outputs();
  listen_to_signals();
  meet_exits_of_libraries();
  folder->keep_graph(session.plan());
  folder->keep_lock(session.plan(), arguments.running.device, used_plugins(program.plugins()));
  run::Summary summary;
  keep_log(folder.get(), *program.log, summary, [&] { summary = session.run(); });
  if (summary.sequences == 0) throw Error(Exit::Data, "the sources have no sequence that could be evaluated");
  report::MetricTable table;
  for (const std::string& file : files) {
    // A run that was stopped has too little for some of them.
    if (!summary.was_stopped || fs::exists(file)) table.add_report(file);
  }
  const auto changes = arguments.against.empty() ? std::vector<report::MetricChange>() : report::compare(table, other);
  write_table(table, arguments, folder->path(), changes, extremes_of(files, session.plan(), folder->path()));
  program.log->note(
      text("done: ", count_text(summary.sequences, "sequence"), ", ", count_text(summary.frames, "frame")));
  program.log->note(text("  ", folder->path(), "  (metrics.json, metrics.csv, metrics.md, metrics.html)"));
  return summary.was_stopped ? static_cast<Exit>(128 + stop_signal().load()) : Exit::Done;
}

}  // namespace

void add_eval_verb(CLI::App& app, Program& program) {
  CLI::App* verb = app.add_subcommand("eval", "Runs a graph and makes one table of the metrics that it reports");
  auto arguments = std::make_shared<Arguments>();
  arguments->graph.add_to(*verb);
  arguments->graph.add_variant_to(*verb);
  verb->add_option("--against", arguments->against, "Run folder of an earlier eval, to compare with")->type_name("DIR");
  arguments->running.add_device_to(*verb);
  arguments->running.add_folder_to(*verb, "the table, the resolved graph, versions and log");
  verb->add_flag("--force", arguments->replaces, "Replaces existing outputs");
  verb->callback(
      [arguments, &program] { program.action = [arguments, &program] { return evaluate(*arguments, program); }; });
}

}  // namespace weft::cli
