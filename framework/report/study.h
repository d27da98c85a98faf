#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace weft::report {

/// Clips of one kind by name, and the file of each.
using NamedClips = std::map<std::string, std::string>;

/// What a study of preferences is to ask.
struct StudyDesign {
  struct Method {
    std::string name;
    std::map<std::string, NamedClips> sets;  ///< by the set's name, as "short" and "long"
  };

  std::string name;      ///< of the study
  std::string question;  ///< that is asked of each pair of clips
  int64_t seed = 1;
  int64_t workers = 10;           ///< that answer each question
  int64_t per_worker = 0;         ///< questions for each worker; 0: all
  int64_t clips = 0;              ///< for each pair of methods and set, at random; 0: all that both have
  int64_t approval_permille = 0;  ///< a worker's rate of approved answers must be above; 0: is not asked
  bool only_first = false;        ///< pairs of the first method with each other one, instead of all pairs
  std::vector<Method> methods = {};
  /// Clips whose better one is known; who is wrong about one of them is left out.
  NamedClips better = {}, worse = {};
};

/// A study: its questions in random order, each two clips of one content by two methods.
///
/// Clips are numbered at random, so that numbers say nothing of methods. Worker w of W = ceil(Q workers / per_worker) gets the
/// questions from (w - 1) per_worker on, cyclically: each question then has `workers` answers, or one more.
struct Study {
  struct Clip {
    std::string method;  ///< empty for clips of checks
    std::string name;    ///< of the content
    std::string file;
  };
  struct Question {
    std::string set;               ///< empty for a check
    size_t first = 0, second = 0;  ///< clips; of a check, `first` is the better one

    bool is_check() const { return set.empty(); }
  };

  std::string name, question;
  int64_t seed = 1, workers = 1, per_worker = 1, approval_permille = 0;
  std::vector<std::string> methods;
  std::vector<Clip> clips;
  std::vector<Question> questions;

  /// Short text that differs between studies of other questions: of all above but the clips' files.
  std::string id() const;
  /// How many workers there are, numbered from 1.
  int64_t worker_count() const;
  /// The questions of a worker. @param worker  from 1 to worker_count()
  std::vector<size_t> questions_of(int64_t worker) const;
  /// Sets in the order of the methods' names of them.
  std::vector<std::string> sets() const;

  std::string json() const;
  /// Reads what json() wrote. @throws Error  (Data)
  static Study read(const std::string& file);
};

/// Chooses clips and the order of questions by the seed.
/// @param notes  gets a sentence for each pair of methods with fewer clips than `clips`, or with clips that one of them lacks
/// @throws Error  (Graph) for fewer than two methods, or a pair without a common clip
Study make_study(const StudyDesign& design, std::vector<std::string>& notes);

}  // namespace weft::report
