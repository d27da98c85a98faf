#pragma once

#include <string>
#include <utility>
#include <vector>

namespace weft::report {

/// The mean of a metric over a sequence, and the videos that were written of it.
struct MeasuredSequence {
  std::string name;
  double value = 0;
  /// What each shows, and where the page finds it.
  std::vector<std::pair<std::string, std::string>> clips = {};
};

/// A metric by sequence.
struct SequenceMetric {
  std::string name, method;
  std::vector<MeasuredSequence> sequences;
};

/// Reads the means of sequences of a report: the JSON file that metric.report writes. Those of whole sets have none.
/// @throws Error  (Data) for a file that is none
SequenceMetric read_sequences(const std::string& file);

/// The sequences with the lowest and with the highest values of each metric, their clips playing, as parts of a page. Nothing of
/// metrics without clips, or with one sequence only.
std::string extremes_html(const std::vector<SequenceMetric>& metrics);

}  // namespace weft::report
