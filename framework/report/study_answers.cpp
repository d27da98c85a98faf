#include "framework/report/study_answers.h"

#include "framework/base/error.h"
#include "framework/base/seed.h"
#include "framework/base/text.h"
#include "framework/report/json_file.h"

#include <nlohmann/json.hpp>

#include <cstdio>
#include <map>

namespace weft::report {
namespace {

using nlohmann::json;

constexpr int kFormat = 1;

/// The text whose checksum the page writes.
std::string checked_text(const json& all) {
  std::string content = text(all.at("study").get<std::string>(), '\n', all.at("worker").get<int64_t>(), '\n',
                             all.at("approval_permille").get<int64_t>());
  for (const json& one : all.at("answers")) {
    content += text('\n', one.at("question").get<int64_t>(), ' ', one.at("left").get<int64_t>(), ' ',
                    one.at("right").get<int64_t>(), ' ', one.at("choice").get<std::string>(), ' ',
                    one.at("milliseconds").get<int64_t>());
  }
  return content;
}

void check_checksum(const json& all, const std::string& file) {
  char digits[16];
  std::snprintf(digits, sizeof digits, "%08x", crc32(checked_text(all)));
  const std::string written = all.at("checksum");
  if (written == digits) return;
  throw Error(Exit::Data, Place{file},
              text("was changed after it was saved: its checksum is ", shortened(printable(written), 40),
                   ", that of its content ", digits))
      .hint("ask for the file as the page saved it");
}

StudyAnswers::Answer answer_from(const json& one, const Study& study, const Error& wrong) {
  const auto number = one.at("question").get<int64_t>();
  const auto left = one.at("left").get<int64_t>(), right = one.at("right").get<int64_t>();
  if (number < 0 || number >= static_cast<int64_t>(study.questions.size())) throw Error(wrong);
  const Study::Question& question = study.questions[static_cast<size_t>(number)];
  const auto first = static_cast<int64_t>(question.first), second = static_cast<int64_t>(question.second);
  const std::string choice = one.at("choice");
  const bool is_pair = (left == first && right == second) || (left == second && right == first);
  if (!is_pair || (choice != "left" && choice != "right")) throw Error(wrong);
  const bool chose_left = choice == "left";
  return {static_cast<size_t>(number), (chose_left ? left : right) == first, chose_left, one.at("milliseconds")};
}

/// Whether the worker answered each own question once, and no other one.
void check_questions(const StudyAnswers& given, const Study& study) {
  std::map<size_t, int> answered;
  for (const auto& answer : given.answers) ++answered[answer.question];
  const std::vector<size_t> asked = study.questions_of(given.worker);
  size_t found = 0;
  for (const size_t question : asked) found += answered.contains(question) ? 1 : 0;
  const std::string of_worker = text("worker ", given.worker);
  if (given.answers.size() > found)
    throw Error(Exit::Data, Place{given.file}, text("has answers that ", of_worker, " was not asked for, or twice"));
  if (found < asked.size())
    throw Error(Exit::Data, Place{given.file}, text("has ", found, " of the ", asked.size(), " answers of ", of_worker))
        .hint("the page saves the file when all are answered; opened again, it continues");
}

}  // namespace

StudyAnswers read_answers(const Study& study, const std::string& file) {
  const json all = read_json_file(file);
  StudyAnswers given{.file = file};
  read_fields(file, "file of answers", "ask for the file as the page saved it", [&] {
    if (all.at("format") != kFormat) throw Error(Exit::Data, Place{file}, "has answers of another version of weft");
    const std::string of = all.at("study");
    if (of != study.id())
      throw Error(Exit::Data, Place{file},
                  text("has answers of another study: ", shortened(printable(of), 40), ", not ", study.id(), " (\"",
                       printable(study.name), "\")"));
    check_checksum(all, file);
    given.worker = all.at("worker");
    given.approval_permille = all.at("approval_permille");
    if (given.worker < 1 || given.worker > study.worker_count())
      throw Error(Exit::Data, Place{file},
                  text("is of worker ", given.worker, ", but they go from 1 to ", study.worker_count()));
    for (const json& one : all.at("answers")) {
      const Error wrong(Exit::Data, Place{file},
                        text("answer ", given.answers.size() + 1, " fits no question of the study: ",
                             shortened(printable(one.dump(-1, ' ', false, json::error_handler_t::replace)), 100)));
      given.answers.push_back(answer_from(one, study, wrong));
    }
  });
  check_questions(given, study);
  return given;
}

std::vector<StudyAnswers> read_answers(const Study& study, const std::vector<std::string>& files) {
  std::vector<StudyAnswers> all;
  std::map<int64_t, std::string> files_of;
  for (const std::string& file : files) {
    StudyAnswers given = read_answers(study, file);
    const auto [first, is_new] = files_of.try_emplace(given.worker, file);
    if (!is_new)
      throw Error(Exit::Data, Place{file},
                  text("is of worker ", given.worker, " as ", first->second, " is: a worker counts once"))
          .hint("leave out one of them");
    all.push_back(std::move(given));
  }
  return all;
}

}  // namespace weft::report
