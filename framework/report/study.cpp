#include "framework/report/study.h"

#include "framework/base/error.h"
#include "framework/base/seed.h"
#include "framework/base/text.h"
#include "framework/report/json_file.h"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <cstdio>
#include <numeric>

namespace weft::report {
namespace {

using Json = nlohmann::ordered_json;

constexpr int kFormat = 1;
constexpr int64_t kMostWorkers = 1'000'000;

/// A random order of `count` things (Fisher and Yates).
std::vector<size_t> random_order(size_t count, uint64_t seed) {
  std::vector<size_t> order(count);
  std::iota(order.begin(), order.end(), 0);
  for (size_t i = count; i > 1; --i) std::swap(order[i - 1], order[derive_seed(seed, i) % i]);
  return order;
}

class Maker {
 public:
  Maker(const StudyDesign& design, std::vector<std::string>& notes) : design_(design), notes_(notes) {}

  Study make() {
    const auto& methods = design_.methods;
    if (methods.size() < 2) throw Error(Exit::Graph, "a study compares at least two methods");
    study_ = {design_.name, design_.question, design_.seed, design_.workers, 0, design_.approval_permille, {}, {}, {}};
    for (const auto& method : methods) study_.methods.push_back(method.name);
    for (size_t a = 0; a < (design_.only_first ? 1 : methods.size()); ++a) {
      for (size_t b = a + 1; b < methods.size(); ++b) ask(methods[a], methods[b]);
    }
    for (const auto& [name, file] : design_.better) {
      const auto worse = design_.worse.find(name);
      if (worse != design_.worse.end())
        study_.questions.push_back({"", clip("", "better: " + name, file), clip("", "worse: " + name, worse->second)});
    }
    mix();
    const auto count = static_cast<int64_t>(study_.questions.size());
    study_.per_worker = design_.per_worker == 0 ? count : std::min(count, design_.per_worker);
    return std::move(study_);
  }

 private:
  void ask(const StudyDesign::Method& a, const StudyDesign::Method& b) {
    size_t asked = 0;
    for (const auto& [set, clips] : a.sets) {
      const auto others = b.sets.find(set);
      if (others == b.sets.end()) continue;
      std::vector<std::string> names;
      for (const auto& [name, file] : clips) {
        if (others->second.contains(name)) names.push_back(name);
      }
      if (names.empty())
        throw Error(Exit::Graph,
                    text("\"", a.name, "\" and \"", b.name, "\" have no clip of the same name in `", set, '`'))
            .hint(text("the first has ", quoted_list(names_of(clips), "and", 3), ", the second ",
                       quoted_list(names_of(others->second), "and", 3)));
      say_what_is_missing(text('"', a.name, "\" and \"", b.name, "\", ", set), names.size(),
                          std::max(clips.size(), others->second.size()));
      for (const std::string& name : chosen(names, set)) {
        study_.questions.push_back({set, clip(a.name, set + '/' + name, clips.at(name)),
                                    clip(b.name, set + '/' + name, others->second.at(name))});
        ++asked;
      }
    }
    if (asked == 0)
      throw Error(Exit::Graph, text("\"", a.name, "\" and \"", b.name, "\" have no set of clips in common"));
  }

  void say_what_is_missing(const std::string& pair, size_t common, size_t most) {
    const auto found = static_cast<int64_t>(common), wanted = design_.clips;
    if (wanted > found) notes_.push_back(text(pair, ": ", count_text(found, "clip"), " instead of ", wanted));
    if (most > common && wanted == 0)
      notes_.push_back(
          text(pair, ": ", count_text(found, "clip"), " in common; ", most - common, " without a partner"));
  }

  std::vector<std::string> chosen(const std::vector<std::string>& names, const std::string& set) const {
    const auto wanted = static_cast<size_t>(design_.clips);
    if (wanted == 0 || wanted >= names.size()) return names;
    // One choice for all pairs that have the same clips, so that their questions can be compared.
    const auto order = random_order(names.size(), derive_seed(static_cast<uint64_t>(design_.seed), "clips of " + set));
    std::vector<std::string> some;
    for (size_t i = 0; i < wanted; ++i) some.push_back(names[order[i]]);
    return some;
  }

  static std::vector<std::string> names_of(const NamedClips& clips) {
    std::vector<std::string> names;
    for (const auto& [name, file] : clips) names.push_back(name);
    return names;
  }

  size_t clip(const std::string& method, const std::string& name, const std::string& file) {
    const auto [known, is_new] = numbers_.try_emplace({method, name}, study_.clips.size());
    if (is_new) study_.clips.push_back({method, name, file});
    return known->second;
  }

  /// Numbers the clips and orders the questions at random.
  void mix() {
    const auto seed = static_cast<uint64_t>(design_.seed);
    const auto places = random_order(study_.clips.size(), derive_seed(seed, "numbers of clips"));
    std::vector<Study::Clip> clips(study_.clips.size());
    for (size_t i = 0; i < clips.size(); ++i) clips[places[i]] = std::move(study_.clips[i]);
    study_.clips = std::move(clips);
    std::vector<Study::Question> questions;
    for (const size_t i : random_order(study_.questions.size(), derive_seed(seed, "order of questions"))) {
      Study::Question question = study_.questions[i];
      question.first = places[question.first];
      question.second = places[question.second];
      questions.push_back(std::move(question));
    }
    study_.questions = std::move(questions);
  }

  const StudyDesign& design_;
  std::vector<std::string>& notes_;
  Study study_;
  std::map<std::pair<std::string, std::string>, size_t> numbers_;  ///< of clips, by method and name
};

Json json_of(const Study& study, bool has_files) {
  Json all = {{"format", kFormat},
              {"name", study.name},
              {"question", study.question},
              {"seed", study.seed},
              {"workers", study.workers},
              {"per_worker", study.per_worker},
              {"approval_permille", study.approval_permille},
              {"methods", study.methods},
              {"clips", Json::array()},
              {"questions", Json::array()}};
  for (const Study::Clip& clip : study.clips) {
    Json one = {{"method", clip.method}, {"name", clip.name}};
    if (has_files) one["file"] = clip.file;
    all["clips"].push_back(std::move(one));
  }
  for (const Study::Question& question : study.questions)
    all["questions"].push_back({{"set", question.set}, {"clips", {question.first, question.second}}});
  return all;
}

std::string dumped(const Json& json, int indent) {
  return json.dump(indent, ' ', false, Json::error_handler_t::replace);
}

constexpr const char* kWayOut = "`weft study` writes it beside the page";

/// @throws Error  (Data) when the numbers contradict each other
void check(const Study& study, const std::string& file) {
  const auto count = static_cast<int64_t>(study.questions.size());
  const auto is_clip = [&](size_t clip) { return clip < study.clips.size(); };
  const bool has_clips = std::all_of(study.questions.begin(), study.questions.end(),
                                     [&](const auto& one) { return is_clip(one.first) && is_clip(one.second); });
  if (count == 0 || !has_clips || study.per_worker < 1 || study.per_worker > count || study.workers < 1 ||
      study.workers > kMostWorkers)
    throw Error(Exit::Data, Place{file}, "is no study: its numbers contradict each other").hint(kWayOut);
}

}  // namespace

std::string Study::id() const {
  const std::string all = dumped(json_of(*this, false), -1);
  char digits[24];
  std::snprintf(digits, sizeof digits, "%08x%08x", crc32(all), crc32(std::string(all.rbegin(), all.rend())));
  return digits;
}

int64_t Study::worker_count() const {
  const auto answers = static_cast<int64_t>(questions.size()) * workers;
  return (answers + per_worker - 1) / per_worker;
}

std::vector<size_t> Study::questions_of(int64_t worker) const {
  std::vector<size_t> own;
  for (int64_t i = 0; i < per_worker; ++i)
    own.push_back(static_cast<size_t>((worker - 1) * per_worker + i) % questions.size());
  return own;
}

std::vector<std::string> Study::sets() const {
  std::vector<std::string> names;
  for (const Question& one : questions) {
    if (!one.is_check() && std::find(names.begin(), names.end(), one.set) == names.end()) names.push_back(one.set);
  }
  std::sort(names.begin(), names.end());
  return names;
}

std::string Study::json() const {
  return dumped(json_of(*this, true), 1) + '\n';
}

Study Study::read(const std::string& file) {
  const nlohmann::json all = read_json_file(file);
  Study study;
  read_fields(file, "study", kWayOut, [&] {
    if (all.at("format") != kFormat) throw Error(Exit::Data, Place{file}, "is a study of another version of weft");
    study = {all.at("name"),
             all.at("question"),
             all.at("seed"),
             all.at("workers"),
             all.at("per_worker"),
             all.at("approval_permille"),
             all.at("methods"),
             {},
             {}};
    for (const auto& clip : all.at("clips"))
      study.clips.push_back({clip.at("method"), clip.at("name"), clip.at("file")});
    for (const auto& question : all.at("questions"))
      study.questions.push_back({question.at("set"), question.at("clips").at(0), question.at("clips").at(1)});
  });
  check(study, file);
  return study;
}

Study make_study(const StudyDesign& design, std::vector<std::string>& notes) {
  return Maker(design, notes).make();
}

}  // namespace weft::report
