#include "framework/data/ordinary_file.h"
#include <weft/node.h>

#include <ATen/ops/scalar_tensor.h>

#include <cmath>
#include <sstream>

namespace weft::world {
namespace {

/// One frame of a drive.
struct Row {
  double speed = 0, steering = 0;
};

constexpr double kMostSpeed = 100, kMostSteering = 10;  // more is no drive along a street

/// `text` as two numbers and nothing else.
std::optional<Row> row_of(std::string line) {
  for (char& letter : line) {
    if (letter == ',' || letter == '\t') letter = ' ';
  }
  std::istringstream numbers(line);
  Row row;
  std::string rest;
  if (!(numbers >> row.speed >> row.steering) || numbers >> rest) return {};
  if (!std::isfinite(row.speed) || !std::isfinite(row.steering)) return {};
  return row;
}

bool is_empty(const std::string& line) {
  return line.find_first_not_of(" \t\r") == std::string::npos || line.front() == '#';
}

std::vector<Row> read_rows(const std::string& file) {
  constexpr int64_t kMost = 64 << 20;
  std::istringstream lines(data::read_small_text(file, kMost));
  std::vector<Row> rows;
  std::string line;
  for (int number = 1; std::getline(lines, line); ++number) {
    if (is_empty(line)) continue;
    const std::optional<Row> row = row_of(line);
    if (!row) {
      throw Error(Exit::Data,
                  text(file, ", line ", number, ": \"", line.substr(0, 80), "\" is not a row `speed steering`"))
          .hint("each row has two numbers: metres per frame, and radians to the left per metre");
    }
    if (std::abs(row->speed) > kMostSpeed || std::abs(row->steering) > kMostSteering) {
      throw Error(Exit::Data, text(file, ", line ", number, ": ", number_text(row->speed), " metres per frame, ",
                                   number_text(row->steering), " radians per metre; at most ", number_text(kMostSpeed),
                                   " and ", number_text(kMostSteering), " are driven"));
    }
    rows.push_back(*row);
  }
  if (rows.empty()) {
    throw Error(Exit::Data, text(file, " has no rows `speed steering`"))
        .hint("write one row for each frame, such as 0.25 0");
  }
  return rows;
}

/// A recorded drive.
struct SteeringFile {
  static constexpr auto about =
      "Speed and steering for world.steered_street from a text file: one row `speed steering` for each frame (metres "
      "per frame, radians to the left per metre), separated by blanks or a comma; rows that begin with # are ignored";

  Path path;
  int64_t least = 0;

  void params(Params& p) {
    p("path", path, "the file").required();
    p("least", least, "rows that it must have at least, where a run needs an action for each of its frames").min(0);
  }

  std::optional<std::string> next_sequence(Context&) {
    if (!rows_.empty()) return {};
    rows_ = read_rows(path);
    const auto count = static_cast<int64_t>(rows_.size());
    if (count < least)
      throw Error(Exit::Data, text(path, " ends early: it has ", count_text(count, "row"), ", and ", least,
                                   " are needed, one for each frame"))
          .hint("add rows, or ask for fewer frames");
    return std::string();
  }
  std::optional<int64_t> frames() { return static_cast<int64_t>(rows_.size()); }
  bool skip() { return next_ < rows_.size() ? ++next_, true : false; }

  std::optional<std::tuple<Out<"speed", "scalar">, Out<"steering", "scalar">>> run() {
    if (next_ == rows_.size()) return {};
    const Row& row = rows_[next_++];
    return {{at::scalar_tensor(row.speed, at::kFloat), at::scalar_tensor(row.steering, at::kFloat)}};
  }

 private:
  std::vector<Row> rows_;
  size_t next_ = 0;
};

}  // namespace

void add_steering_file(Registry& registry) {
  registry.add<SteeringFile>("world.steering_file");
}

}  // namespace weft::world
