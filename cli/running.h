#pragma once

#include "cli/cli.h"
#include "framework/run/run_folder.h"

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace weft::cli {

/// What verbs that run something for a while share.

/// Options of theirs.
struct RunningArguments {
  std::string device = "cpu";
  int threads = 0;  ///< 0: all cores
  std::string precision;
  std::optional<int64_t> seed;
  std::string trace;
  std::string run_folder = "runs";

  /// `--device` and `--threads`.
  void add_device_to(CLI::App& verb);
  /// `--precision`, `--seed` and `--trace`.
  void add_numbers_to(CLI::App& verb);
  /// `--run-folder`.
  /// @param about  the contents of the folder
  void add_folder_to(CLI::App& verb, const std::string& about);

  /// @throws Error  (Exit::Usage) when the file of `--trace` exists and is no earlier trace
  void check_trace() const;
  /// Opens the device and sets the threads, before anything else asks LibTorch for CUDA.
  at::Device open_device() const;
  /// Sets precision and seed of the graph.
  void set_in(graph::CheckOptions& options) const;
};

/// The signal that asked to stop, or 0 so far. Until listen_to_signals() a signal ends the process: nothing is lost then.
const run::StopFlag& stop_signal();

/// HUP, INT, TERM and USR1 are noted from now on; a second one ends the process at once. A HUP that was ignored, as nohup
/// does, stays so.
void listen_to_signals();

/// Libraries end the process by exit() when they get no memory or no thread, as that of OpenMP does, and may do so while
/// other threads are at work. From now on that is exit code 6, and nothing is torn down under those threads. To be called
/// again where more libraries were loaded: what was registered last with exit() comes first.
void meet_exits_of_libraries();

/// "street" of "graphs/street.toml": what the run folder is called.
std::string stem_of(const std::string& file);

/// The plugins that were loaded, for the lock file.
std::vector<run::UsedPlugin> used_plugins(const plugin::Plugins& plugins);

/// Does `work`, while what the log says goes to the run folder too, where there is one; at the end, or when the work
/// fails, also how it went.
/// @param summary  is filled by the work
void keep_log(run::RunFolder* folder, Log& log, const run::Summary& summary, const std::function<void()>& work);

}  // namespace weft::cli
