#include "cli/running.h"

#include "framework/base/text.h"
#include "framework/run/device.h"
#include "framework/run/node_failure.h"
#include "framework/run/trace.h"

#include <ATen/Parallel.h>
#include <unistd.h>

#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string_view>
#include <tuple>

namespace weft::cli {
namespace {

/// The signal that asked to stop, or 0. Signal handlers can reach nothing else.
run::StopFlag asked = 0;

void ask_to_stop(int signal) {
  int nobody = 0;
  if (asked.compare_exchange_strong(nobody, signal)) return;
  // Of a terminal that is closed, HUP comes twice: from the system and from the shell.
  if (signal != SIGHUP) std::_Exit(128 + signal);
}

/// It wants no memory, which is what is missing.
void end_without_memory() {
  constexpr std::string_view kWhy = "weft: out of memory: a library gave up\n";
  std::ignore = ::write(STDERR_FILENO, kWhy.data(), kWhy.size());
  std::_Exit(static_cast<int>(Exit::Memory));
}

}  // namespace

void RunningArguments::add_device_to(CLI::App& verb) {
  verb.add_option("--device", device, "cpu, cuda or cuda:N")->capture_default_str();
  constexpr int64_t kMostThreads = 1024;
  verb.add_option("--threads", threads, "Threads for the computation; default: all cores")
      ->check(whole_number_from(1, kMostThreads))
      ->type_name("N");
}

void RunningArguments::add_numbers_to(CLI::App& verb) {
  verb.add_option("--precision", precision, "Number format of the networks: f32, or bf16, which is about twice as fast")
      ->check(CLI::IsMember({"f32", "bf16"}))
      ->type_name("");
  verb.add_option("--seed", seed, "Seed of all random numbers")->check(whole_number_from(0))->type_name("N");
  verb.add_option("--trace", trace, "Writes a trace of the nodes' running times, for ui.perfetto.dev")
      ->type_name("FILE.json");
}

void RunningArguments::add_folder_to(CLI::App& verb, const std::string& about) {
  verb.add_option("--run-folder", run_folder, "Folder for " + about)->capture_default_str()->type_name("DIR");
}

void RunningArguments::check_trace() const {
  if (trace.empty()) return;
  if (!trace.ends_with(".json"))
    throw Error(Exit::Usage, text("--trace ", trace, ": traces are JSON")).hint("name a file that ends in .json");
  std::error_code error;
  if (!std::filesystem::is_regular_file(trace, error)) return;
  std::string beginning(run::Trace::kBeginning.size(), '\0');
  std::ifstream(trace, std::ios::binary).read(beginning.data(), static_cast<std::streamsize>(beginning.size()));
  if (beginning == run::Trace::kBeginning || std::filesystem::is_empty(trace, error)) return;
  throw Error(Exit::Usage, text("--trace ", trace, ": the file exists, and is no trace"))
      .hint("only an earlier trace is replaced: name another file, or remove this one");
}

at::Device RunningArguments::open_device() const {
  const at::Device opened = run::open_device(device);
  if (threads > 0) at::set_num_threads(threads);
  return opened;
}

void RunningArguments::set_in(graph::CheckOptions& options) const {
  if (!precision.empty()) options.settings.push_back(graph::read_setting(text("run.precision=", precision)));
  if (seed) options.settings.push_back(graph::read_setting(text("run.seed=", *seed)));
}

void meet_exits_of_libraries() {
  std::atexit(end_without_memory);
}

const run::StopFlag& stop_signal() {
  return asked;
}

void listen_to_signals() {
  for (const int signal : {SIGINT, SIGTERM, SIGUSR1}) std::signal(signal, ask_to_stop);
  if (std::signal(SIGHUP, ask_to_stop) == SIG_IGN) std::signal(SIGHUP, SIG_IGN);
}

std::string stem_of(const std::string& file) {
  const std::string name = file.substr(file.rfind('/') + 1);
  return name.substr(0, name.rfind('.'));
}

std::vector<run::UsedPlugin> used_plugins(const plugin::Plugins& plugins) {
  std::vector<run::UsedPlugin> used;
  for (const plugin::Found& found : plugins.found()) {
    if (found.is_loaded) used.push_back({found.stamp.plugin, found.stamp.version, found.file});
  }
  return used;
}

void keep_log(run::RunFolder* folder, Log& log, const run::Summary& summary, const std::function<void()>& work) {
  if (!folder) return work();
  log.listen([&](const std::string& level, const std::string& line) { folder->log(level, line); });
  try {
    work();
  } catch (const std::exception&) {
    const Error failure = run::failure_of(std::current_exception());
    log.listen({});
    folder->log_end(summary, failure.what());
    throw Error(failure);
  }
  log.listen({});
  folder->log_end(summary, "");
  folder->finish();
}

}  // namespace weft::cli
