#pragma once

#include "framework/report/ablation_table.h"

#include <string>
#include <utility>
#include <vector>

namespace weft::report {

/// The clips of a variant: their names, and where the page finds them.
struct VariantClips {
  std::string variant;
  std::vector<std::pair<std::string, std::string>> clips;
};

/// A page with the table, and the clips of the variants side by side, which play in step: one file of HTML that needs the clips
/// beside it.
std::string ablation_page(const std::string& title, const AblationTable& table, const std::vector<VariantClips>& clips);

}  // namespace weft::report
