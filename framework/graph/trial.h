#pragma once

#include "framework/graph/forecast.h"
#include "framework/graph/plan.h"

#include <cstdint>
#include <optional>
#include <vector>

namespace weft::graph {

/// How far a trial goes at least, where it is not known how far it must.
inline constexpr int64_t kLongestTrial = 4096;

/// What a trial run over assumed lengths shows.
struct Trial {
  std::vector<std::vector<int64_t>> runs;  ///< by step
  int64_t longest = 0;                     ///< frames of the longest source
  int64_t ticks = 0;                       ///< how far it went
  int64_t end = kAlways;                   ///< the last t of sources whose length is assumed
  int64_t last = kAlways, last_is = 0;     ///< the last t that [run] frames allows: in the trial, and really
};

/// What a trial assumes of sources whose length is not known.
enum class Assumption { LongerThanRun, EndBeforeRun };

/// How a trial goes through time: tick by tick, as a run does; the same with all times of nodes with `every`; or as
/// training does, in chunks that count from `first`.
struct Pace {
  bool keeps_every = false;
  int64_t chunk = 0;  ///< 0: tick by tick
  int64_t first = 0;
};

/// Goes through time with a plan whose steps are in order, as its sources allow, and computes nothing.
/// @param first_times  of a forecast; the trial goes on until all of them are over, as far as it may take
Trial try_out(const Plan& plan, Assumption assumption, const Pace& pace, const std::vector<int64_t>& first_times);

/// What of a plan can run, however long sources of unknown length are.
Forecast forecast_of(const Plan& plan, Thinning thinning);
/// Whether the goals of a plan stop when its sources do.
bool stops_with_sources(const Plan& plan, const Forecast& forecast);

/// Times as runs of equal steps; their borders are tied to the end where they come from it.
std::vector<TimePiece> pieces_of(const std::vector<int64_t>& times, const Trial& trial, int64_t latency);

/// The first t at which a network runs; 0 when none does. Of what runs later than the trial goes, the forecast tells.
int64_t first_synthesis(const Plan& plan, const Trial& trial, const Forecast& forecast);
/// The first t at which a network runs that an update changes; 0 when none does.
int64_t first_learning(const Plan& plan, const Trial& trial, const Forecast& forecast);

/// The frames that a source gives as far as its parameters say so.
std::optional<int64_t> known_length(const FlatNode& node);

}  // namespace weft::graph
