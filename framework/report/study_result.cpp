#include "framework/report/study_result.h"

#include "framework/base/error.h"
#include "framework/base/seed.h"
#include "framework/base/text.h"
#include "framework/report/html.h"
#include "framework/report/significance.h"

#include <algorithm>
#include <map>
#include <set>
#include <tuple>

namespace weft::report {
namespace {

constexpr int kRepetitions = 2000;

/// One answer to a question about two methods.
struct Vote {
  size_t question = 0;
  int64_t worker = 0;
  bool for_first = false;
};

using PairKey = std::tuple<std::string, std::string, std::string>;  // set, first and second method

/// How often each of some clusters is drawn, when as many are drawn with replacement.
template <typename Key>
std::map<Key, int> drawn(const std::set<Key>& clusters, uint64_t seed) {
  const std::vector<Key> all(clusters.begin(), clusters.end());
  std::map<Key, int> counts;
  for (uint64_t i = 0; i < all.size(); ++i) ++counts[all[derive_seed(seed, i) % all.size()]];
  return counts;
}

/// The middle 95 % of the preference, over samples of clips and of workers with replacement. An answer counts as often as its
/// clip and its worker were drawn together (Owen 2007, "The pigeonhole bootstrap").
Interval clustered_interval(const std::vector<Vote>& votes) {
  std::set<size_t> questions;
  std::set<int64_t> workers;
  for (const Vote& vote : votes) {
    questions.insert(vote.question);
    workers.insert(vote.worker);
  }
  std::vector<double> shares;
  for (uint64_t repetition = 0; repetition < kRepetitions; ++repetition) {
    const auto of_questions = drawn(questions, derive_seed(repetition, "clips"));
    const auto of_workers = drawn(workers, derive_seed(repetition, "workers"));
    double wins = 0, all = 0;
    for (const Vote& vote : votes) {
      const auto clip = of_questions.find(vote.question);
      const auto worker = of_workers.find(vote.worker);
      if (clip == of_questions.end() || worker == of_workers.end()) continue;
      const double weight = clip->second * worker->second;
      all += weight;
      wins += vote.for_first ? weight : 0;
    }
    if (all > 0) shares.push_back(wins / all);
  }
  if (shares.empty()) return {};
  std::sort(shares.begin(), shares.end());
  const auto at = [&](double quantile) {
    return shares[static_cast<size_t>(quantile * static_cast<double>(shares.size() - 1))];
  };
  return {at(0.025), at(0.975)};
}

/// Why a worker does not count; empty for those that do.
std::string reason_against(const StudyAnswers& given, const Study& study) {
  if (study.approval_permille > 0 && given.approval_permille <= study.approval_permille)
    return text("a rate of approved answers of ", percent_text(static_cast<double>(given.approval_permille) / 10),
                ", not above ", percent_text(static_cast<double>(study.approval_permille) / 10));
  for (const auto& answer : given.answers) {
    const Study::Question& question = study.questions[answer.question];
    if (question.is_check() && !answer.chose_first) return "a wrong answer to a check";
  }
  return {};
}

class Evaluation {
 public:
  explicit Evaluation(const Study& study) : study_(study) { result_.name = study.name; }

  StudyResult run(const std::vector<StudyAnswers>& all) {
    for (const StudyAnswers& given : all) take(given);
    if (result_.answers == 0) {
      Error nothing(Exit::Data, "there is no answer to count");
      for (const std::string& note : result_.notes) nothing.hint(note);
      throw nothing;
    }
    std::vector<double> p_values;
    for (const auto& [key, votes] : votes_) {
      result_.pairs.push_back(pair_of(key, votes));
      p_values.push_back(result_.pairs.back().p_value);
    }
    const std::vector<double> corrected = holm_corrected(p_values);
    for (size_t i = 0; i < corrected.size(); ++i) result_.pairs[i].p_value = corrected[i];
    for (const std::string& set : study_.sets()) rank(set);
    say_what_is_missing();
    return std::move(result_);
  }

 private:
  void take(const StudyAnswers& given) {
    const std::string reason = reason_against(given, study_);
    if (!reason.empty()) return result_.notes.push_back(text("worker ", given.worker, " is left out: ", reason));
    ++result_.workers;
    for (const auto& answer : given.answers) {
      const Study::Question& question = study_.questions[answer.question];
      ++answered_[answer.question];
      if (question.is_check()) continue;
      ++result_.answers;
      result_.left_answers += answer.chose_left ? 1 : 0;
      votes_[{question.set, study_.clips[question.first].method, study_.clips[question.second].method}].push_back(
          {answer.question, given.worker, answer.chose_first});
    }
  }

  static StudyResult::Pair pair_of(const PairKey& key, const std::vector<Vote>& votes) {
    StudyResult::Pair pair;
    std::tie(pair.set, pair.first, pair.second) = key;
    std::set<size_t> questions;
    std::set<int64_t> workers;
    for (const Vote& vote : votes) {
      pair.wins += vote.for_first ? 1 : 0;
      questions.insert(vote.question);
      workers.insert(vote.worker);
    }
    pair.answers = static_cast<int64_t>(votes.size());
    pair.clips = static_cast<int64_t>(questions.size());
    pair.workers = static_cast<int64_t>(workers.size());
    pair.wilson = wilson_interval(pair.wins, pair.answers);
    pair.clustered = clustered_interval(votes);
    pair.p_value = binomial_p_value(pair.wins, pair.answers);
    return pair;
  }

  /// Bradley and Terry's strengths of the methods that were compared on a set.
  void rank(const std::string& set) {
    std::vector<std::string> methods;
    for (const std::string& method : study_.methods) {
      const bool is_compared = std::any_of(result_.pairs.begin(), result_.pairs.end(), [&](const auto& pair) {
        return pair.set == set && (pair.first == method || pair.second == method);
      });
      if (is_compared) methods.push_back(method);
    }
    if (methods.size() < 2) return;
    std::vector<std::vector<double>> wins(methods.size(), std::vector<double>(methods.size()));
    const auto number = [&](const std::string& method) {
      return static_cast<size_t>(std::find(methods.begin(), methods.end(), method) - methods.begin());
    };
    for (const StudyResult::Pair& pair : result_.pairs) {
      if (pair.set != set) continue;
      wins[number(pair.first)][number(pair.second)] += static_cast<double>(pair.wins);
      wins[number(pair.second)][number(pair.first)] += static_cast<double>(pair.answers - pair.wins);
    }
    result_.rankings.push_back({set, methods, bradley_terry(wins)});
  }

  void say_what_is_missing() {
    int64_t few = 0;
    for (size_t question = 0; question < study_.questions.size(); ++question)
      few += answered_[question] < study_.workers ? 1 : 0;
    if (few > 0)
      result_.notes.push_back(text(few, " of ", count_text(static_cast<int64_t>(study_.questions.size()), "question"),
                                   " have fewer than ", study_.workers, " answers"));
  }

  const Study& study_;
  StudyResult result_;
  std::map<PairKey, std::vector<Vote>> votes_;
  std::map<size_t, int64_t> answered_;
};

}  // namespace

StudyResult evaluate(const Study& study, const std::vector<StudyAnswers>& all) {
  return Evaluation(study).run(all);
}

}  // namespace weft::report
