#pragma once

#include "framework/report/study.h"

#include <string>
#include <vector>

namespace weft::report {

/// What a worker answered: the file that the page of a study saves.
struct StudyAnswers {
  struct Answer {
    size_t question = 0;
    bool chose_first = false;  ///< the question's first clip
    bool chose_left = false;
    int64_t milliseconds = 0;
  };

  std::string file;
  int64_t worker = 0;
  int64_t approval_permille = 0;
  std::vector<Answer> answers = {};
};

/// Reads the answers of a worker, and compares them with what the study asked.
/// @throws Error  (Data) for a file that is none, is of another study, was changed after it was saved, lacks answers, or has
///                answers that were not asked for
StudyAnswers read_answers(const Study& study, const std::string& file);

/// Reads the answers of several workers.
/// @throws Error  (Data) as read_answers(), and when two files are of one worker
std::vector<StudyAnswers> read_answers(const Study& study, const std::vector<std::string>& files);

}  // namespace weft::report
