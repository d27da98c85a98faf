#include "framework/report/study.h"

#include "framework/base/seed.h"
#include "framework/base/text.h"
#include "framework/report/study_result.h"
#include "framework/testing/error_text.h"

#include <gmock/gmock.h>
#include <sys/stat.h>

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <functional>
#include <set>

namespace weft::report {
namespace {

using ::testing::ElementsAre;
using testing::error_text;
using ::testing::HasSubstr;

NamedClips clips_named(const std::vector<std::string>& names) {
  NamedClips clips;
  for (const std::string& name : names) clips[name] = name + ".mp4";
  return clips;
}

StudyDesign design_of(const std::vector<std::string>& methods, const std::vector<std::string>& clips) {
  StudyDesign design{.name = "test", .question = "Which?", .workers = 2};
  for (const std::string& method : methods) design.methods.push_back({method, {{"clips", clips_named(clips)}}});
  return design;
}

Study study_of(const StudyDesign& design) {
  std::vector<std::string> notes;
  return make_study(design, notes);
}

/// Which of two methods a worker prefers.
using Taste = std::function<bool(const Study::Question& question, const std::string& first, const std::string& second)>;

class StudyFiles : public ::testing::Test {
 protected:
  void SetUp() override {
    folder_ = std::filesystem::temp_directory_path() / text("weft-study-", ::getpid());
    std::filesystem::create_directories(folder_);
  }
  void TearDown() override { std::filesystem::remove_all(folder_); }

  std::string file(const std::string& name) const { return (folder_ / name).string(); }
  std::string write(const std::string& name, const std::string& content) const {
    std::ofstream(file(name), std::ios::binary) << content;
    return file(name);
  }

  /// What the page saves, of a worker who sees first clips on the left.
  std::string answers(const Study& study, int64_t worker, const Taste& prefers_first, int64_t permille = 0,
                      const std::vector<size_t>& only = {}) const {
    std::string checked = text(study.id(), '\n', worker, '\n', permille), list;
    for (const size_t number : only.empty() ? study.questions_of(worker) : only) {
      const Study::Question& question = study.questions[number];
      const bool is_first =
          prefers_first(question, study.clips[question.first].method, study.clips[question.second].method);
      const std::string choice = is_first ? "left" : "right";
      checked += text('\n', number, ' ', question.first, ' ', question.second, ' ', choice, " 1500");
      list += text(list.empty() ? "" : ",", "{\"question\":", number, ",\"left\":", question.first,
                   ",\"right\":", question.second, ",\"choice\":\"", choice, "\",\"milliseconds\":1500}");
    }
    char digits[16];
    std::snprintf(digits, sizeof digits, "%08x", crc32(checked));
    const std::string content =
        text("{\"format\":1,\"study\":\"", study.id(), "\",\"worker\":", worker, ",\"approval_permille\":", permille,
             ",\"answers\":[", list, "],\"checksum\":\"", digits, "\"}\n");
    return write(text("answers-", worker, ".json"), content);
  }

  /// The text of the error with which the changed file of worker 1 is refused, without the file's name.
  std::string refusal(const Study& study, const std::string& from, const std::string& to) const {
    std::ifstream in(answers(study, 1, [](auto&&...) { return true; }));
    std::string content{std::istreambuf_iterator<char>(in), {}};
    const size_t at = content.find(from);
    EXPECT_NE(at, std::string::npos) << from;
    content.replace(at, from.size(), to);
    return without_folder(error_text([&] { read_answers(study, write("answers-1.json", content)); }));
  }

  std::string without_folder(std::string message) const {
    const std::string folder = folder_.string() + "/";
    for (size_t at = message.find(folder); at != std::string::npos; at = message.find(folder))
      message.erase(at, folder.size());
    return message;
  }

  std::filesystem::path folder_;
};

// ---- questions

TEST(Study, AsksEachClipOfEachPair) {
  const Study study = study_of(design_of({"a", "b", "c"}, {"1", "2"}));
  std::set<std::string> asked;
  for (const auto& question : study.questions) {
    EXPECT_EQ(study.clips[question.first].name, study.clips[question.second].name);
    asked.insert(study.clips[question.first].method + study.clips[question.second].method +
                 study.clips[question.first].name);
  }
  EXPECT_THAT(asked, ElementsAre("abclips/1", "abclips/2", "acclips/1", "acclips/2", "bcclips/1", "bcclips/2"));
  EXPECT_EQ(study.clips.size(), 6U) << "each clip once";
}

TEST(Study, ComparesTheFirstMethodWithTheOthersWhereThatIsWanted) {
  StudyDesign design = design_of({"ours", "b", "c"}, {"1"});
  design.only_first = true;
  const Study study = study_of(design);
  ASSERT_EQ(study.questions.size(), 2U);
  for (const auto& question : study.questions) EXPECT_EQ(study.clips[question.first].method, "ours");
}

TEST(Study, TheSeedDecidesTheOrder) {
  StudyDesign design = design_of({"a", "b"}, {"1", "2", "3", "4", "5", "6", "7", "8"});
  const std::string one = study_of(design).json();
  EXPECT_EQ(study_of(design).json(), one);
  design.seed = 2;
  EXPECT_NE(study_of(design).json(), one);
  EXPECT_NE(study_of(design).id(), Study(study_of(design_of({"a", "b"}, {"1"}))).id());
}

TEST(Study, EachQuestionGetsItsAnswersWhenWorkersHaveParts) {
  StudyDesign design = design_of({"a", "b"}, {"1", "2", "3", "4", "5", "6"});
  design.workers = 10;
  design.per_worker = 4;
  const Study study = study_of(design);
  EXPECT_EQ(study.worker_count(), 15);
  std::vector<int> answers(study.questions.size());
  for (int64_t worker = 1; worker <= study.worker_count(); ++worker) {
    const std::vector<size_t> own = study.questions_of(worker);
    EXPECT_EQ(std::set<size_t>(own.begin(), own.end()).size(), 4U);
    for (const size_t question : own) ++answers[question];
  }
  EXPECT_THAT(answers, ::testing::Each(10));
}

TEST(Study, TakesAsManyClipsAsAskedForAndSaysWhatIsMissing) {
  StudyDesign design = design_of({"a", "b"}, {"1", "2", "3"});
  design.clips = 2;
  EXPECT_EQ(study_of(design).questions.size(), 2U);
  design.clips = 100;
  std::vector<std::string> notes;
  EXPECT_EQ(make_study(design, notes).questions.size(), 3U);
  EXPECT_THAT(notes, ElementsAre("\"a\" and \"b\", clips: 3 clips instead of 100"));
}

TEST(Study, RefusesMethodsThatCannotBeCompared) {
  std::vector<std::string> notes;
  EXPECT_EQ(error_text([&] { make_study(design_of({"a"}, {"1"}), notes); }), "a study compares at least two methods");
  StudyDesign design = design_of({"a", "b"}, {"1"});
  design.methods[1].sets["clips"] = clips_named({"2", "3"});
  EXPECT_EQ(
      error_text([&] { make_study(design, notes); }),
      "\"a\" and \"b\" have no clip of the same name in `clips`\n  the first has \"1\", the second \"2\" and \"3\"");
  design.methods[1].sets = {{"long", clips_named({"1"})}};
  EXPECT_EQ(error_text([&] { make_study(design, notes); }), "\"a\" and \"b\" have no set of clips in common");
}

TEST_F(StudyFiles, AStudyIsReadAsItWasWritten) {
  const Study study = study_of(design_of({"a", "b"}, {"1", "2"}));
  const Study read = Study::read(write("study.json", study.json()));
  EXPECT_EQ(read.json(), study.json());
  EXPECT_EQ(read.id(), study.id());
  EXPECT_THAT(error_text([&] { Study::read(write("study.json", "{\"format\": 1}")); }), HasSubstr("is no study: "));
  std::string wrong = study.json();
  wrong.replace(wrong.find("\"per_worker\": 2"), 15, "\"per_worker\": 9");
  EXPECT_THAT(error_text([&] { Study::read(write("study.json", wrong)); }),
              HasSubstr("its numbers contradict each other"));
}

// ---- answers

TEST_F(StudyFiles, AnswersThatDoNotFitAreRefusedWithOneClearError) {
  const Study study = study_of(design_of({"a", "b"}, {"1", "2"}));
  EXPECT_THAT(refusal(study, "\"left\",\"milli", "\"right\",\"milli"),
              ::testing::MatchesRegex(
                  "answers-1.json: was changed after it was saved: its checksum is [0-9a-f]{8}, that of its "
                  "content [0-9a-f]{8}\n  ask for the file as the page saved it"));
  EXPECT_EQ(refusal(study, study.id(), "0123"),
            text("answers-1.json: has answers of another study: 0123, not ", study.id(), " (\"test\")"));
  EXPECT_THAT(refusal(study, "],\"checksum\"", ""), HasSubstr("answers-1.json is not JSON"));
  EXPECT_THAT(refusal(study, "\"answers\"", "\"answer\""), HasSubstr("answers-1.json: is no file of answers: "));
  EXPECT_THAT(refusal(study, "\"worker\":1", "\"worker\":\"x\""), HasSubstr("is no file of answers: "));
  EXPECT_EQ(refusal(study, "\"format\":1", "\"format\":7"), "answers-1.json: has answers of another version of weft");
}

TEST_F(StudyFiles, TruncatedFilesAndMissingOnesAreRefused) {
  const Study study = study_of(design_of({"a", "b"}, {"1", "2"}));
  std::ifstream in(answers(study, 1, [](auto&&...) { return true; }));
  const std::string content{std::istreambuf_iterator<char>(in), {}};
  for (const size_t length : {size_t{0}, content.size() / 2, content.size() - 4}) {
    const std::string half = write("half.json", content.substr(0, length));
    EXPECT_THAT(without_folder(error_text([&] { read_answers(study, half); })), HasSubstr("half.json")) << length;
  }
  EXPECT_EQ(without_folder(error_text([&] { read_answers(study, file("none.json")); })),
            "cannot read none.json: No such file or directory");
  ASSERT_EQ(::mkfifo(file("pipe.json").c_str(), 0600), 0);
  EXPECT_THAT(error_text([&] { read_answers(study, file("pipe.json")); }), HasSubstr("pipe"));
}

TEST_F(StudyFiles, AnswersMustBeThoseThatTheWorkerWasAskedFor) {
  const Study study = study_of(design_of({"a", "b"}, {"1", "2"}));
  const auto left = [](auto&&...) { return true; };
  const auto refusal_of = [&](int64_t worker, const std::vector<size_t>& questions) {
    return without_folder(error_text([&] { read_answers(study, answers(study, worker, left, 0, questions)); }));
  };
  EXPECT_EQ(refusal_of(3, {0, 1}), "answers-3.json: is of worker 3, but they go from 1 to 2");
  EXPECT_EQ(
      refusal_of(1, {0}),
      "answers-1.json: has 1 of the 2 answers of worker 1\n  the page saves the file when all are answered; opened "
      "again, it continues");
  EXPECT_EQ(refusal_of(1, {0, 1, 1}), "answers-1.json: has answers that worker 1 was not asked for, or twice");
}

TEST_F(StudyFiles, AWorkerCountsOnce) {
  const Study study = study_of(design_of({"a", "b"}, {"1", "2"}));
  const std::string one = answers(study, 1, [](auto&&...) { return true; }), copy = file("copy.json");
  std::filesystem::copy_file(one, copy);
  EXPECT_EQ(without_folder(error_text([&] {
              read_answers(study, std::vector<std::string>{one, copy});
            })),
            "copy.json: is of worker 1 as answers-1.json is: a worker counts once\n  leave out one of them");
}

// ---- statistics

TEST_F(StudyFiles, PreferencesAreSharesOfAnswers) {
  const Study study = study_of(design_of({"a", "b"}, {"1", "2", "3", "4", "5"}));
  // Worker 1 prefers `a` always, worker 2 on all clips but one: 9 of 10.
  const std::vector<std::string> files = {answers(study, 1, [](auto&&...) { return true; }),
                                          answers(study, 2, [&](const auto& question, auto&&...) {
                                            return study.clips[question.first].name != "clips/3";
                                          })};
  const StudyResult result = evaluate(study, read_answers(study, files));
  ASSERT_EQ(result.pairs.size(), 1U);
  const StudyResult::Pair& pair = result.pairs.front();
  EXPECT_EQ(pair.wins, 9);
  EXPECT_EQ(pair.answers, 10);
  EXPECT_EQ(pair.clips, 5);
  EXPECT_EQ(pair.workers, 2);
  // Twice the tail of 9 and 10 of 10 at one half: 2 (10 + 1) / 1024.
  EXPECT_NEAR(pair.p_value, 22.0 / 1024, 1e-12);
  // Wilson: centre (p + z2/2n) / (1 + z2/n).
  const double z2 = kZ95 * kZ95, centre = (0.9 + z2 / 20) / (1 + z2 / 10);
  EXPECT_NEAR((pair.wilson.low + pair.wilson.high) / 2, centre, 1e-12);
  EXPECT_LE(pair.clustered.low, 0.9);
  EXPECT_EQ(pair.clustered.high, 1);
  ASSERT_EQ(result.rankings.size(), 1U);
  EXPECT_NEAR(result.rankings[0].strengths.shares[0], 0.9, 1e-9);
  EXPECT_TRUE(result.notes.empty());
  EXPECT_EQ(result.left_answers, 9);
}

TEST_F(StudyFiles, ClusteredIntervalsAreWiderWhereAWorkerAlwaysAnswersAlike) {
  StudyDesign design = design_of({"a", "b"}, {"1", "2", "3", "4", "5", "6", "7", "8", "9", "10"});
  design.workers = 10;
  const Study study = study_of(design);
  std::vector<std::string> files;
  for (int64_t worker = 1; worker <= 10; ++worker)
    files.push_back(answers(study, worker, [&](auto&&...) { return worker <= 5; }));
  const StudyResult::Pair pair = evaluate(study, read_answers(study, files)).pairs.front();
  EXPECT_EQ(pair.preference(), 0.5);
  EXPECT_NEAR(pair.wilson.high - pair.wilson.low, 0.192, 0.001);  // of 100 independent answers
  // Ten workers are ten independent answers: a binomial of 10 has its middle 95 % from 0.2 to 0.8.
  EXPECT_NEAR(pair.clustered.low, 0.2, 1e-9);
  EXPECT_NEAR(pair.clustered.high, 0.8, 1e-9);
}

TEST_F(StudyFiles, SetsAreCountedApartAndPairsCorrectedForTheirNumber) {
  StudyDesign design = design_of({"a", "b"}, {"1", "2", "3", "4"});
  for (auto& method : design.methods) method.sets = {{"short", method.sets["clips"]}, {"long", method.sets["clips"]}};
  design.workers = 1;
  const Study study = study_of(design);
  const std::vector<std::string> files = {
      answers(study, 1, [](const auto& question, auto&&...) { return question.set == "short"; })};
  const StudyResult result = evaluate(study, read_answers(study, files));
  ASSERT_EQ(result.pairs.size(), 2U);
  EXPECT_EQ(result.pairs[0].set, "long");
  EXPECT_EQ(result.pairs[0].wins, 0);
  EXPECT_EQ(result.pairs[1].wins, 4);
  EXPECT_NEAR(result.pairs[1].p_value, 2 * 2.0 / 16, 1e-12) << "Holm: twice 2 / 16";
  EXPECT_TRUE(result.rankings[0].strengths.has_prior);
  EXPECT_THAT(result.markdown(), HasSubstr("| short | a | b | 100 % | 51 % to 100 % |"));
  EXPECT_THAT(result.csv(), HasSubstr("short,a,b,4,4,1,0.51"));
  EXPECT_THAT(result.html(), HasSubstr("<td>short</td>"));
}

TEST_F(StudyFiles, WorkersWhoFailACheckOrLackApprovalAreLeftOut) {
  StudyDesign design = design_of({"a", "b"}, {"1"});
  design.workers = 3;
  design.approval_permille = 980;
  design.better = clips_named({"x"});
  design.worse = clips_named({"x"});
  const Study study = study_of(design);
  const auto right = [](auto&&...) { return true; };
  const std::vector<std::string> files = {
      answers(study, 1, right, 990), answers(study, 2, right, 980),
      answers(
          study, 3, [](const auto& question, auto&&...) { return !question.is_check(); }, 1000)};
  const StudyResult result = evaluate(study, read_answers(study, files));
  EXPECT_EQ(result.answers, 1);
  EXPECT_THAT(result.notes, ElementsAre("worker 2 is left out: a rate of approved answers of 98 %, not above 98 %",
                                        "worker 3 is left out: a wrong answer to a check",
                                        "2 of 2 questions have fewer than 3 answers"));
  EXPECT_EQ(error_text([&] { evaluate(study, read_answers(study, std::vector<std::string>{files[1]})); }),
            "there is no answer to count\n  worker 2 is left out: a rate of approved answers of 98 %, not above 98 %");
}

}  // namespace
}  // namespace weft::report
