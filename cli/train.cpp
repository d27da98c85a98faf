#include "cli/cli.h"
#include "cli/running.h"
#include "cli/shell_word.h"
#include "framework/base/text.h"
#include "framework/train/training.h"

#include <filesystem>
#include <iostream>
#include <optional>

namespace weft::cli {
namespace {

namespace fs = std::filesystem;

struct Arguments {
  GraphArguments graph;
  RunningArguments running;
  std::string resume;
  std::optional<int64_t> epochs, steps;
  bool is_dry = false;
  bool takes_changes = false;
};

graph::CheckOptions check_options(const Arguments& arguments) {
  graph::CheckOptions options = arguments.graph.options();
  options.with_variants = false;
  const auto set = [&](const std::string& path, const auto& value) {
    options.settings.push_back(graph::read_setting(text(path, '=', value)));
  };
  arguments.running.set_in(options);
  if (arguments.epochs) set("run.epochs", *arguments.epochs);
  if (arguments.steps) set("run.steps", *arguments.steps);
  return options;
}

/// The newest run of a graph that has a checkpoint; empty when none has.
std::string newest_with_checkpoint(const fs::path& of_graph) {
  std::string newest;
  std::error_code error;
  for (fs::directory_iterator entry(of_graph, error), end; !error && entry != end; entry.increment(error)) {
    const std::string run = entry->path().string();  // named by its time
    std::error_code none;
    if (run > newest && !entry->is_symlink(none) && !fs::is_empty(entry->path() / "checkpoints", none) && !none)
      newest = run;
  }
  return newest;
}

/// The checkpoint to go on with; empty when none is wanted.
std::string checkpoint_of(const Arguments& arguments) {
  if (arguments.resume != "last") return arguments.resume.empty() ? "" : train::find_checkpoint(arguments.resume);
  const fs::path of_graph = fs::path(arguments.running.run_folder) / stem_of(arguments.graph.file);
  try {
    return train::find_checkpoint(of_graph / "last");
  } catch (const Error& error) {
    const std::string before = newest_with_checkpoint(of_graph);
    if (before.empty()) throw;
    Error of_last(error.exit(), error.message());
    throw of_last.hint(text("--resume ", shell_word(before), " goes on with the newest run that has one"));
  }
}

/// The folder of the run that the checkpoint lies in, which this process works in alone from now on; none where it lies
/// elsewhere.
std::unique_ptr<run::RunFolder> folder_to_go_on_in(const Arguments& arguments, const std::string& checkpoint) {
  if (arguments.running.run_folder == "none" || checkpoint.empty()) return nullptr;
  const std::string folder = train::run_folder_of(checkpoint);
  return folder.empty() ? nullptr : std::make_unique<run::RunFolder>(folder);
}

/// What the graph was changed by, to be typed again: without it a run that is resumed would be another one.
std::string changes_text(const Arguments& arguments) {
  std::string changes;
  if (!arguments.graph.variant.empty()) changes += text(" --variant ", shell_word(arguments.graph.variant));
  for (const std::string& setting : arguments.graph.settings) changes += text(" --set ", shell_word(setting));
  if (arguments.running.seed) changes += text(" --seed ", *arguments.running.seed);
  if (!arguments.running.precision.empty()) changes += text(" --precision ", arguments.running.precision);
  if (arguments.epochs) changes += text(" --epochs ", *arguments.epochs);
  if (arguments.steps) changes += text(" --steps ", *arguments.steps);
  return changes;
}

std::unique_ptr<run::RunFolder> fresh_folder(const Arguments& arguments, const graph::Plan& plan, Program& program) {
  if (arguments.running.run_folder == "none") return nullptr;
  auto fresh = std::make_unique<run::RunFolder>(arguments.running.run_folder, stem_of(arguments.graph.file));
  fresh->keep_graph(plan);
  fresh->keep_lock(plan, arguments.running.device, used_plugins(program.plugins()));
  return fresh;
}

/// @param command  that goes on with the run, up to its folder
void report(const train::Outcome& outcome, const std::string& command, const std::string& folder, Log& log) {
  log.note(text(outcome.was_stopped ? "stopped and saved: " : "done: ", count_text(outcome.steps, "step"), ", ",
                count_text(outcome.frames, "frame"), " in ", duration_text(outcome.seconds),
                outcome.end.empty() ? "" : "; the end by ", outcome.end));
  if (!folder.empty()) log.note(text("  ", folder, "  (weights, checkpoints, log)"));
  if (!folder.empty() && outcome.was_stopped)
    log.note(text("  ", command, " --resume ", shell_word(folder), "  goes on"));
}

Exit train_graph(const Arguments& arguments, Program& program) {
  train::TrainingOptions options;
  options.trainer.device = arguments.running.open_device();
  arguments.running.check_trace();
  graph::Checked checked = read_checked(arguments.graph, check_options(arguments), program);
  refuse_experiments(checked, arguments.graph);
  if (checked.stages.empty()) {
    throw Error(Exit::Graph, text(arguments.graph.file, ": there is nothing to train: this graph has no [update]"))
        .hint("write [update.NAME] with `of` and [update.NAME.loss]");
  }
  if (arguments.epochs && (checked.stages.size() > 1 || !checked.stages.front().name.empty())) {
    throw Error(Exit::Usage, text("--epochs is for a training without stages; ", arguments.graph.file, " has ",
                                  count_text(static_cast<int64_t>(checked.stages.size()), "stage")))
        .hint("--steps N ends it after N chunks; the epochs of a stage stand in its [[stage]]");
  }
  run::Trace* trace = nullptr;
  if (!arguments.running.trace.empty()) {
    trace = &program.keep(std::make_shared<run::Trace>());
    trace->write(arguments.running.trace);  // says at once whether it can be written
  }
  options.trainer.trace = trace;
  options.stop = &stop_signal();
  options.shows_progress = true;
  if (arguments.is_dry) {
    for (const std::string& line : train::Training(checked.stages, program.plugins(), options, *program.log).dry_run())
      std::cout << line << '\n';
    return Exit::Done;
  }
  options.resume = checkpoint_of(arguments);
  options.takes_changes = arguments.takes_changes;
  std::unique_ptr<run::RunFolder> folder = folder_to_go_on_in(arguments, options.resume);
  const graph::Plan plan = checked.stages.front().plan;
  // What cannot be resumed leaves no trace: the folder is made when the checkpoint is known to fit.
  train::Training& training = program.keep(
      std::make_shared<train::Training>(std::move(checked.stages), program.plugins(), options, *program.log));
  listen_to_signals();
  meet_exits_of_libraries();
  if (!folder) folder = fresh_folder(arguments, plan, program);
  if (folder) training.keep_in(*folder);
  train::Outcome outcome;
  run::Summary summary;
  keep_log(folder.get(), *program.log, summary, [&] {
    outcome = training.run();
    summary.frames = outcome.frames;
    summary.seconds = outcome.seconds;
    summary.was_stopped = outcome.was_stopped;
  });
  if (trace) trace->write(arguments.running.trace);
  report(outcome, text("weft train ", shell_word(arguments.graph.file), changes_text(arguments)),
         folder ? folder->path() : "", *program.log);
  return outcome.was_stopped ? static_cast<Exit>(128 + stop_signal().load()) : Exit::Done;
}

}  // namespace

void add_train_verb(CLI::App& app, Program& program) {
  CLI::App* verb = app.add_subcommand("train", "Trains the networks of a graph as its [update] tables say");
  auto arguments = std::make_shared<Arguments>();
  arguments->graph.add_to(*verb);
  arguments->graph.add_variant_to(*verb);
  arguments->running.add_device_to(*verb);
  arguments->running.add_numbers_to(*verb);
  verb->add_option("--epochs", arguments->epochs, "Number of passes through the data, for a training without stages")
      ->check(whole_number_from(1))
      ->type_name("N");
  verb->add_option("--steps", arguments->steps, "Number of chunks after which training ends")
      ->check(whole_number_from(1))
      ->type_name("N");
  CLI::Option* resume =
      verb->add_option("--resume", arguments->resume,
                       "Resumes from a checkpoint, from the newest one of a run folder, or from that of the `last` run")
          ->type_name("last|PATH");
  verb->add_flag("--change", arguments->takes_changes,
                 "Resumes under changed learning rates and weights of losses, with the state of the optimisers")
      ->needs(resume);
  arguments->running.add_folder_to(*verb, "weights, checkpoints, the resolved graph and the log; none: keeps nothing");
  verb->add_flag("--dry-run", arguments->is_dry, "Trains on one chunk of each stage, and reports its time and memory");
  verb->callback(
      [arguments, &program] { program.action = [arguments, &program] { return train_graph(*arguments, program); }; });
}

}  // namespace weft::cli
