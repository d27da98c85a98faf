#pragma once

#include "framework/graph/plan.h"
#include "framework/report/curves.h"
#include "framework/report/reel.h"
#include "framework/run/trace.h"

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

namespace weft::report {

/// A network that learns.
struct LearntNetwork {
  std::string path;    ///< of its node
  std::string update;  ///< that changes it
  int64_t tensors = 0;
  int64_t numbers = 0;
};

/// What is known of a run, for a person.
struct Report {
  std::string title;
  std::string about;
  std::string state;  ///< "training goes on", "done", "stopped", "failed: …"
  /// Names and texts: when, on what device, from which seed.
  std::vector<std::pair<std::string, std::string>> facts;
  std::string clip;  ///< the name of what is played
  std::vector<PlayedClip> clips;
  const Curves* curves = nullptr;
  const graph::Plan* plan = nullptr;
  std::vector<LearntNetwork> networks;
  std::vector<run::Trace::Sum> times;
  double seconds = 0;                  ///< that the computing thread worked; what nodes did not use is the rest
  bool times_are_of_starting = false;  ///< on a GPU, which works while the next node is started
};

/// The report as one page that needs nothing else: HTML that is XML too, with drawings, moving pictures, style and script
/// inside.
std::string html_of(const Report& report);
/// Writes the page in the place of an earlier one, whole or not at all.
/// @throws Error  (Exit::Failed) when it cannot be written
void write_report(const std::string& file, const Report& report);

/// Style and script of the page.
extern const char* const kReportStyle;
extern const char* const kReportScript;

}  // namespace weft::report
