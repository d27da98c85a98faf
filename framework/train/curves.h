#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

namespace weft::train {

/// A number that changes from step to step, in memory that does not grow: beyond kMost points, neighbours are joined.
class Curve {
 public:
  static constexpr size_t kMost = 400;

  /// One step, or several that were joined.
  struct Point {
    int64_t first = 0, last = 0;  ///< steps
    int64_t count = 0;            ///< of numbers
    double sum = 0, low = 0, high = 0;

    double mean() const { return sum / static_cast<double>(count); }
    double step() const { return static_cast<double>(first + last) / 2; }
  };

  /// Steps grow; a number that is not finite is left out.
  void add(int64_t step, double number);
  const std::vector<Point>& points() const { return points_; }
  /// How many numbers there were.
  int64_t count() const { return count_; }
  double last() const { return last_; }

 private:
  std::vector<Point> points_;
  int64_t count_ = 0;
  int64_t joins_ = 1;  ///< numbers that one point stands for
  double last_ = 0;
};

/// All curves of a run, by name, and where its stages begin.
class Curves {
 public:
  void add(const std::string& stage, int64_t step, const std::map<std::string, double>& numbers);
  /// Adds what the steps in a log.jsonl say.
  /// @throws Error  (Exit::Data) when a line of it is not JSON
  void read_log(const std::string& file);

  const std::map<std::string, Curve>& all() const { return curves_; }
  struct Stage {
    std::string name;
    int64_t step = 0;  ///< its first
  };
  const std::vector<Stage>& stages() const { return stages_; }
  /// When the log began, as it writes it; empty without a log.
  const std::string& begun() const { return begun_; }

 private:
  void read_line(const std::string& line);

  std::map<std::string, Curve> curves_;
  std::vector<Stage> stages_;
  std::string begun_;
};

/// The numbers of a chunk with the speed at which it was trained on.
std::map<std::string, double> with_speed(std::map<std::string, double> numbers, int64_t frames, double seconds);

}  // namespace weft::train
