#pragma once

#include <weft/node.h>

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace weft::metric {

/// A number of a whole set.
struct Number {
  std::string name;
  double value = 0;
  std::optional<double> deviation = {};  ///< how far it would vary
};

/// A number of one sequence.
struct SequenceMean {
  std::string sequence;
  int64_t frames = 0;
  double value = 0;
};

/// A number of all sequences at each t.
struct FrameCurve {
  struct Point {
    int64_t t = 0;
    double value = 0;
  };
  std::string name;
  std::vector<Point> points;
};

/// What a metric found: its numbers, with the settings that they hold for.
struct Findings {
  std::string metric;    ///< the column
  std::string method;    ///< the row; may be empty
  std::string settings;  ///< numbers of different settings are not comparable
  std::string samples;   ///< "4 sequences, 120 frames", "n = 300 and 280, D = 2048"
  std::vector<Number> numbers;
  std::vector<SequenceMean> sequences = {};
  FrameCurve by_frame = {};    ///< without points where none is wanted
  bool is_broken_off = false;  ///< the run was stopped before its end
};

/// The parameters of nodes that report, and how they write.
struct Reporting {
  std::string name;
  std::string method;
  Path json;
  Path table;
  bool by_frame = false;  ///< of nodes that declare it

  void declare(Params& p, const char* name_about);
  /// @param what  the number whose curve is written
  void declare_by_frame(Params& p, const std::string& what);

  /// A line for each number: "fid 12.3 ± 0.4 (n = 300 and 280, D = 2048; metric.inception_features(…))".
  static std::vector<std::string> lines(const Findings& findings);
  /// Logs the lines, and writes `json` and `table` where they are set.
  /// @throws Error  (NotFinite) for a number that is not finite, naming it; (Failed) when a file cannot be written
  void publish(const Findings& findings, Context& context) const;

 private:
  void write_json(const Findings& findings) const;
  void write_table(const Findings& findings) const;
};

/// Refuses features or images with numbers that are not finite.
/// @param port  for the message
/// @throws Error  (NotFinite)
void check_finite(const at::Tensor& values, const char* port, const Context& context);

}  // namespace weft::metric
