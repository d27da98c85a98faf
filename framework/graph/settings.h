#pragma once

#include "framework/graph/diagnostics.h"
#include "framework/graph/item.h"

#include <functional>
#include <map>
#include <string>
#include <vector>

namespace weft::graph {

/// What [run] may hold.
const std::vector<ParamSpec>& run_settings();
/// What [update.NAME] may hold besides `of` and `loss`.
const std::vector<ParamSpec>& update_settings();

/// The value of an item for a parameter: converted, compared with its range, paths made relative to the working
/// directory. A fault is reported at `place` and gives nothing; `owner` is whose parameter it is, as in `node "F"`.
std::optional<ParamValue> read_param_value(const ParamSpec& spec, const Item& value, const Place& place,
                                           const std::string& owner, Diagnostics& diagnostics);

/// Reads a table whose keys are all parameters of `specs`; keys that `is_other` accepts are skipped.
struct SettingsReading {
  ParamValues values;  ///< with the defaults of what was not given
  std::map<std::string, Place> places;
};
SettingsReading read_settings(const std::vector<ParamSpec>& specs, const Item* table, const std::string& owner,
                              const std::function<bool(const std::string&)>& is_other, Diagnostics& diagnostics);

}  // namespace weft::graph
