#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

namespace weft::report {

/// A value over the training steps, in constant memory: beyond kMost points, neighbouring points are merged.
class Curve {
 public:
  static constexpr size_t kMost = 400;

  /// One step, or several merged steps.
  struct Point {
    int64_t first = 0, last = 0;  ///< steps
    int64_t count = 0;            ///< of numbers
    double sum = 0, low = 0, high = 0;

    double mean() const { return sum / static_cast<double>(count); }
    double step() const { return (static_cast<double>(first) + static_cast<double>(last)) / 2; }
  };

  /// Steps must increase; a number that is not finite is ignored.
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
  /// Adds what the steps in a log.jsonl say. Lines that are no records, and steps that do not grow, are left out.
  /// @returns a sentence about these, with the place of the first; empty when there are none
  std::string read_log(const std::string& file);

  const std::map<std::string, Curve>& all() const { return curves_; }
  struct Stage {
    std::string name;
    int64_t step = 0;  ///< its first
  };
  const std::vector<Stage>& stages() const { return stages_; }
  /// The time at which the log begins, as written there; empty without a log.
  const std::string& begun() const { return begun_; }
  /// -1 before the first.
  int64_t last_step() const { return last_step_; }

 private:
  bool add_record(const std::string& line);

  std::map<std::string, Curve> curves_;
  std::vector<Stage> stages_;
  std::string begun_;
  int64_t last_step_ = -1;
};

/// The numbers of a chunk, and its training speed.
std::map<std::string, double> with_speed(std::map<std::string, double> numbers, int64_t frames, double seconds);

}  // namespace weft::report
