#pragma once

#include "framework/report/preference.h"
#include "framework/report/study.h"
#include "framework/report/study_answers.h"

#include <string>
#include <vector>

namespace weft::report {

/// What a study found: how often people preferred one method to another one.
struct StudyResult {
  /// Two methods on one set of clips.
  struct Pair {
    std::string set, first, second;
    int64_t wins = 0, answers = 0;   ///< answers for the first method, of all
    int64_t clips = 0, workers = 0;  ///< that were compared, that answered
    Interval wilson;
    Interval clustered;  ///< of a bootstrap over clips and workers, whose answers depend on each other
    double p_value = 1;  ///< of the exact binomial test, after Holm's correction for the number of pairs

    double preference() const { return static_cast<double>(wins) / static_cast<double>(answers); }
  };
  /// Methods on one set of clips, by Bradley and Terry.
  struct Ranking {
    std::string set;
    std::vector<std::string> methods;
    BradleyTerry strengths;
  };

  std::string name;
  std::vector<Pair> pairs;
  std::vector<Ranking> rankings;
  int64_t workers = 0;
  int64_t answers = 0, left_answers = 0;
  std::vector<std::string> notes;  ///< who was left out and why; questions with too few answers

  std::string markdown() const;
  /// A line for each pair.
  std::string csv() const;
  std::string json() const;
  /// One page with the tables.
  std::string html() const;
};

/// Counts the answers. Workers who were wrong about a check, or whose rate of approved answers is not above the study's, are
/// left out, with a note.
/// @throws Error  (Data) when no answer is left
StudyResult evaluate(const Study& study, const std::vector<StudyAnswers>& all);

}  // namespace weft::report
