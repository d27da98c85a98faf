#pragma once

#include "framework/report/curves.h"

#include <cstdint>
#include <map>
#include <string>
#include <vector>

namespace weft::report {

/// A metric at each t, over all sequences of a run.
struct FrameCurve {
  std::string name;
  std::map<int64_t, double> values;  ///< by t
};

/// Reads the curves of the reports in a folder, the JSON files that nodes such as metric.report write; those that were not
/// asked for `by_frame` have none. No folder: no curves.
/// @throws Error  (Data) for a file that is no JSON, or a curve with a missing field or one of another type
std::vector<FrameCurve> read_frame_curves(const std::string& folder);

/// The means of the curves of each name: those of several seeds.
std::map<std::string, Curve> mean_curves(const std::vector<FrameCurve>& curves);

}  // namespace weft::report
