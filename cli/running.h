#pragma once

#include "cli/cli.h"
#include "framework/run/run_folder.h"

#include <atomic>
#include <functional>
#include <string>
#include <vector>

namespace weft::cli {

/// What verbs that run something for a while share.

/// INT, TERM and USR1 are noted from now on; a second one ends the process at once. Closed pipes and full disks are errors
/// of the write.
/// @returns the signal that asked to stop, or 0 so far
const std::atomic<int>& listen_to_signals();

/// "street" of "graphs/street.toml": what the run folder is called.
std::string stem_of(const std::string& file);

/// The plugins that were loaded, for the lock file.
std::vector<run::UsedPlugin> used_plugins(const plugin::Plugins& plugins);

/// Does `work`, while what the log says goes to the run folder too, where there is one; at the end, or when the work
/// fails, also how it went.
/// @param summary  is filled by the work
void keep_log(run::RunFolder* folder, Log& log, const run::Summary& summary, const std::function<void()>& work);

}  // namespace weft::cli
