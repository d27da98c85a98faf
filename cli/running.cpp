#include "cli/running.h"

#include <csignal>
#include <cstdlib>

namespace weft::cli {
namespace {

/// The signal that asked to stop, or 0. Signal handlers can reach nothing else.
std::atomic<int> stop_signal = 0;

void ask_to_stop(int signal) {
  if (stop_signal.exchange(signal) != 0) std::_Exit(128 + signal);  // asked twice: at once
}

}  // namespace

const std::atomic<int>& listen_to_signals() {
  for (const int signal : {SIGINT, SIGTERM, SIGUSR1}) std::signal(signal, ask_to_stop);
  // A full disk or a closed pipe is an error of the write, with a message.
  for (const int signal : {SIGXFSZ, SIGPIPE}) std::signal(signal, SIG_IGN);
  return stop_signal;
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
  } catch (const std::exception& failure) {
    log.listen({});
    folder->log_end(summary, failure.what());
    throw;
  }
  log.listen({});
  folder->log_end(summary, "");
}

}  // namespace weft::cli
