#pragma once

#include "cli/ablation_cell.h"
#include "cli/cli.h"

#include <filesystem>
#include <map>
#include <set>
#include <string>
#include <vector>

namespace weft::cli {

/// What an ablation consists of: its rows (variants and grid points), each with its seeds and the graph that measures it.
class AblationPlan {
 public:
  /// Reads the file and checks all its variants and the graphs that measure them, before the first is begun.
  /// @param folder    of all runs; empty: runs/NAME-ablation
  /// @param variants  the rows that are to be trained and measured; none: those that the file takes by itself
  /// @throws Error  for faults in the graphs, and where an ablation could not end well
  AblationPlan(const GraphArguments& graph, const std::string& folder, const std::vector<std::string>& variants,
               Program& program);
  AblationPlan(const AblationPlan&) = delete;  // cells point to each other
  AblationPlan& operator=(const AblationPlan&) = delete;

  const std::filesystem::path& folder() const { return folder_; }
  const std::vector<std::string>& rows() const { return rows_; }
  /// The columns of the table; none: all.
  const std::vector<std::string>& columns() const { return columns_; }
  int64_t first_seed() const { return seeds_.front(); }
  const std::vector<AblationCell>& cells() const { return cells_; }
  const std::vector<AblationCell>& others() const { return others_; }

  /// Whether a row is trained; the others are measured as they are.
  bool trains(const std::string& row) const { return trained_.contains(row); }
  /// The plan of the graph that measures a cell: another file, or the row itself where it trains nothing.
  const graph::Plan& measuring(const AblationCell& cell) const;

 private:
  /// What the numbers of a row depend on, seeds aside.
  struct Identity {
    std::string measure_file, training, measure;
  };

  void read(const std::vector<std::string>& variants);
  void choose_rows(const std::vector<std::string>& variants);
  void check_folders() const;
  void find_cells();
  bool is_chosen(const std::string& row) const;
  std::string measure_of(const std::string& row) const;
  Identity identity(const std::string& row);
  const graph::Plan& measured(const std::string& file);

  const GraphArguments& graph_;
  Program& program_;
  graph::Item root_;
  std::filesystem::path folder_;
  std::vector<std::string> rows_, columns_;
  std::vector<std::string> chosen_;  ///< of the rows
  std::set<std::string> trained_;    ///< of the rows
  std::vector<int64_t> seeds_;
  std::vector<AblationCell> cells_;   ///< of the chosen rows
  std::vector<AblationCell> others_;  ///< of the other rows: the table has what was measured of them before
  std::map<std::string, graph::Checked> measured_;   ///< by file
  std::map<std::string, graph::Checked> untrained_;  ///< by row, where no other file measures
};

}  // namespace weft::cli
