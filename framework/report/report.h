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

/// The content of a report page.
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
  double seconds = 0;                  ///< running time of the computing thread; more than the sum over the nodes
  bool times_are_of_starting = false;  ///< on a GPU, which works while the next node is started
};

/// The report as one self-contained page: HTML that is valid XML too, with embedded drawings, animations, style and
/// script.
std::string html_of(const Report& report);
/// Writes the page atomically; an earlier page is replaced.
/// @throws Error  (Exit::Failed) when it cannot be written
void write_report(const std::string& file, const Report& report);

/// Style and script of the page.
extern const char* const kReportStyle;
extern const char* const kReportScript;

}  // namespace weft::report
