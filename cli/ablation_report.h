#pragma once

#include "cli/ablation_cell.h"
#include "framework/report/ablation_table.h"

#include <filesystem>
#include <string>
#include <vector>

namespace weft::cli {

/// What the report of an ablation is about.
struct AblationFiles {
  std::filesystem::path folder;
  std::string file;        ///< the graph with the variants
  int64_t shown_seed = 0;  ///< whose clips and curves the page shows
};

/// Where weft train put what it made of the file for a cell.
std::filesystem::path trained_folder(const AblationCell& cell, const std::string& file);

/// Adds the numbers of the cells that are done to the table, and writes table.md, table.tex, table.csv, table.json,
/// report.html, and frames.csv where metrics were measured frame by frame.
/// @throws Error  (Exit::Failed) when a file cannot be written
void write_ablation_report(const AblationFiles& files, const std::vector<AblationCell>& cells,
                           report::AblationTable& table);

}  // namespace weft::cli
