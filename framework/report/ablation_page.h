#pragma once

#include "framework/report/ablation_table.h"
#include "framework/report/clip_history.h"
#include "framework/report/curves.h"

#include <map>
#include <string>
#include <utility>
#include <vector>

namespace weft::report {

/// What a page shows of a variant besides its numbers: of one seed, the same for all variants.
struct VariantRun {
  std::string variant;
  std::vector<std::pair<std::string, std::string>>
      clips;                                   ///< measured ones: their names, and where the page finds them
  ClipHistory::Files training;                 ///< where the page finds those of the checkpoints
  Curves curves;                               ///< of its training
  std::map<std::string, Curve> by_frame = {};  ///< metrics over t, of all seeds
};

/// A page with the table; the measured clips of the variants side by side, which play in step; their training clips, with a
/// slider over the checkpoints; and the curves of all variants over each other: metrics over t, losses over the steps of training.
/// One file of HTML that needs the clips beside it.
std::string ablation_page(const std::string& title, const AblationTable& table, const std::vector<VariantRun>& runs);

}  // namespace weft::report
