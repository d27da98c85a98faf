#pragma once

#include "cli/cli.h"
#include "framework/run/run_folder.h"

#include <functional>
#include <string>
#include <vector>

namespace weft::cli {

/// What verbs that run something for a while share.

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
