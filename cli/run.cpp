#include "cli/cli.h"
#include "cli/running.h"
#include "framework/base/status_line.h"
#include "framework/base/text.h"
#include "framework/report/report.h"
#include "framework/run/precision.h"
#include "framework/run/run_folder.h"
#include "framework/run/session.h"

#include <ATen/Parallel.h>
#include <ATen/core/Tensor.h>

#include <charconv>
#include <iostream>

namespace weft::cli {
namespace {

struct Arguments {
  GraphArguments graph;
  RunningArguments running;
  std::string frames;
  std::vector<std::string> peeks;
  bool is_dry = false;
  bool replaces = false;
  bool resumes = false;
  bool allows_not_finite = false;
};

int64_t read_frame(std::string_view digits, int64_t otherwise, const std::string& whole) {
  if (digits.empty()) return otherwise;
  int64_t frame = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), frame);
  if (error == std::errc() && end == digits.data() + digits.size() && frame >= 0) return frame;
  throw Error(Exit::Usage, text("--frames ", whole, ": write first..last, as in 5..100, 5.. or ..100"));
}

/// `5..100`, both included; `5..`, `..100`.
graph::FrameRange read_range(const std::string& frames) {
  if (frames.empty()) return {};
  const size_t dots = frames.find("..");
  if (dots == std::string::npos)
    throw Error(Exit::Usage, text("--frames ", frames, ": write first..last, as in 5..100, 5.. or ..100"));
  const std::string_view whole = frames;
  graph::FrameRange range{read_frame(whole.substr(0, dots), 0, frames),
                          read_frame(whole.substr(dots + 2), graph::kAlways, frames)};
  if (range.first > range.last)
    throw Error(Exit::Usage, text("--frames ", frames, ": the first frame comes after the last"));
  return range;
}

graph::CheckOptions check_options(const Arguments& arguments) {
  graph::CheckOptions options = arguments.graph.options();
  options.with_stages = options.with_variants = false;
  arguments.running.set_in(options);
  for (const std::string& path : arguments.peeks) options.peeks.push_back({path, "image.show", "media.write_video"});
  return options;
}

void report(const run::Summary& summary, const std::string& folder, Log& log) {
  log.note(text(summary.was_stopped ? "stopped: " : "done: ", count_text(summary.frames, "frame"), " in ",
                duration_text(summary.seconds), ", ", rate_text(static_cast<double>(summary.frames), summary.seconds)));
  if (summary.passed_over > 0) log.note(text("  ", count_text(summary.passed_over, "sequence"), " finished before"));
  for (const std::string& output : summary.outputs) log.note(text("  ", printable(output)));
  if (!folder.empty()) log.note(text("  ", folder, "  (graph, versions, log)"));
}

/// Writes report.html: the graph, where time went, and how it ended.
void keep_report(const Arguments& arguments, const run::Session& session, const run::Summary& summary,
                 const run::Trace& times, const std::string& state, const run::RunFolder& folder) {
  const graph::GoalGraph& graph = session.plan().graph;
  report::Report page;
  page.title = stem_of(arguments.graph.file);
  page.about = graph.instances.front().about;
  page.state = state;
  page.facts = {{"frames", text(summary.frames)},
                {"time", duration_text(summary.seconds)},
                {"device", arguments.running.device},
                {"threads", text(at::get_num_threads())},
                {"precision",
                 std::string(run::name_of_precision(run::precision_of(graph, at::Device(arguments.running.device))))},
                {"seed", text(graph.run.seed)},
                {"run folder", folder.path()}};
  for (const std::string& output : summary.outputs) page.facts.emplace_back("output", output);
  page.plan = &session.plan();
  page.times = times.sums();
  page.seconds = summary.seconds;
  page.times_are_of_starting = arguments.running.device != "cpu";
  write_report(folder.path() + "/report.html", page);
}

[[noreturn]] void fail_without_frames(const Arguments& arguments, const run::Session& session) {
  if (!arguments.frames.empty()) {
    throw Error(Exit::Data,
                text("no frame was written: --frames ", arguments.frames, " selects none of the existing frames"));
  }
  Error error(Exit::Data, "no frame was written: the sources end before the first output frame");
  for (const std::string& line : session.source_lines()) error.within(line);
  throw error.hint(text("`weft plan ", arguments.graph.file, "` shows from which t on each node runs"));
}

Exit run_graph(const Arguments& arguments, Program& program) {
  const at::Device device = arguments.running.open_device();
  arguments.running.check_trace();
  graph::Checked checked = read_checked(arguments.graph, check_options(arguments), program);
  refuse_experiments(checked, arguments.graph);
  const bool keeps_trace = !arguments.running.trace.empty();
  run::Trace& trace =
      program.keep(std::make_shared<run::Trace>(keeps_trace ? run::Trace::Keeps::Events : run::Trace::Keeps::Sums));
  run::SessionOptions options;
  options.device = device;
  options.range = read_range(arguments.frames);
  options.trace = &trace;
  options.stop = &stop_signal();
  options.shows_progress = true;
  options.allows_not_finite = arguments.allows_not_finite;
  if (arguments.replaces) options.existing = run::Existing::Replace;
  if (arguments.resumes) options.existing = run::Existing::Resume;
  run::Session& session =
      program.keep(std::make_shared<run::Session>(std::move(checked), program.plugins(), options, *program.log));
  if (arguments.is_dry) {
    program.log->note(text(arguments.graph.file, ": good; nodes are made and weights loaded"));
    return Exit::Done;
  }
  session.check_outputs();
  if (keeps_trace) trace.write(arguments.running.trace);  // says at once whether it can be written
  listen_to_signals();
  meet_exits_of_libraries();
  std::unique_ptr<run::RunFolder> folder;
  if (arguments.running.run_folder != "none") {
    folder = std::make_unique<run::RunFolder>(arguments.running.run_folder, stem_of(arguments.graph.file));
    folder->keep_graph(session.plan());
    folder->keep_lock(session.plan(), arguments.running.device, used_plugins(program.plugins()));
  }
  run::Summary summary;
  keep_log(folder.get(), *program.log, summary, [&] {
    summary = session.run();
    if (summary.frames == 0 && summary.passed_over == 0 && !summary.was_stopped)
      fail_without_frames(arguments, session);
  });
  if (folder) keep_report(arguments, session, summary, trace, summary.was_stopped ? "stopped" : "done", *folder);
  if (keeps_trace) trace.write(arguments.running.trace);
  report(summary, folder ? folder->path() : "", *program.log);
  return summary.was_stopped ? static_cast<Exit>(128 + stop_signal().load()) : Exit::Done;
}

}  // namespace

void add_run_verb(CLI::App& app, Program& program) {
  CLI::App* verb = app.add_subcommand("run", "Runs a graph: sources in, networks, writers out");
  auto arguments = std::make_shared<Arguments>();
  arguments->graph.add_to(*verb);
  arguments->graph.add_variant_to(*verb);
  arguments->running.add_device_to(*verb);
  arguments->running.add_numbers_to(*verb);
  verb->add_option("--frames", arguments->frames,
                   "Writes only these frames, as in 5..100; earlier frames are computed where needed")
      ->type_name("A..B");
  verb->add_option("--peek", arguments->peeks,
                   "Also writes this stream as a video beside the output, as in F.mask; may be given several times")
      ->type_name("PATH")
      ->allow_extra_args(false);
  arguments->running.add_folder_to(*verb, "the resolved graph, versions and log; none: no such folder");
  CLI::Option* force = verb->add_flag("--force", arguments->replaces, "Replaces existing outputs");
  verb->add_flag("--resume", arguments->resumes, "Skips the sequences whose outputs are finished")->excludes(force);
  verb->add_flag("--allow-nan", arguments->allows_not_finite,
                 "Writes values that are not finite; without it they end the run with exit code 7");
  verb->add_flag("--dry-run", arguments->is_dry, "Creates all nodes and loads the weights, but runs nothing");
  verb->callback(
      [arguments, &program] { program.action = [arguments, &program] { return run_graph(*arguments, program); }; });
}

}  // namespace weft::cli
