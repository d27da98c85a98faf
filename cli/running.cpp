#include "cli/running.h"

#include "framework/run/node_failure.h"

#include <unistd.h>

#include <csignal>
#include <cstdlib>
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
