// `weft study`: a page of clips, and the answers that it saves.
#include "tests/cli/program.h"

#include <gmock/gmock.h>
#include <nlohmann/json.hpp>

namespace weft::testing {
namespace {

using nlohmann::json;
using ::testing::HasSubstr;

constexpr std::string_view kStudy = "[method.ours]\nclips = \"ours\"\n[method.other]\nclips = \"other\"\n";

class StudyVerb : public ProgramTest {
 protected:
  void SetUp() override {
    ProgramTest::SetUp();
    for (const char* method : {"ours", "other"}) {
      for (const char* clip : {"/a.mp4", "/deep/b.webm"}) write(std::string(method) + clip, "no video");
    }
    write_graph("s.toml", kStudy);
  }
};

TEST_F(StudyVerb, MakesAPageOnceAndRefusesToReplaceItByAnother) {
  const Outcome outcome = weft({"study", "s.toml"});
  EXPECT_EQ(outcome.exit, 0) << outcome.err;
  EXPECT_THAT(outcome.err, HasSubstr("2 questions, 2 for each of 10 workers\n  runs/s-study/study.html"));
  EXPECT_THAT(read("runs/s-study/study.html"), HasSubstr("data:video/mp4;base64,bm8gdmlkZW8="));
  EXPECT_EQ(weft({"study", "s.toml"}).exit, 0) << "the same study";
  write_graph("s.toml", "seed = 7\n" + std::string(kStudy));
  expect_error(weft({"study", "s.toml"}), 2,
               "weft: runs/s-study has another study, which answers may belong to\n  name another folder with -o");
}

TEST_F(StudyVerb, ClipsMayLieBesideThePageUnderNumbers) {
  write_graph("s.toml", "embed = false\n" + std::string(kStudy));
  ASSERT_EQ(weft({"study", "s.toml", "-o", "page"}).exit, 0);
  const json study = json::parse(read("page/study.json"));
  ASSERT_EQ(study.at("clips").size(), 4U);
  for (size_t number = 0; number < 4; ++number) {
    const std::string file = study.at("clips").at(number).at("file");
    EXPECT_TRUE(has("page/clips/" + std::to_string(number) + file.substr(file.rfind('.')))) << file;
  }
  EXPECT_THAT(read("page/study.html"), ::testing::Not(HasSubstr("ours")));
}

TEST_F(StudyVerb, PresetsAreTheProtocolsOfThePapers) {
  write_graph("s.toml",
              "preset = \"vid2vid\"\n[method.a]\nshort = \"ours\"\n[method.b]\nshort = \"other\"\n[method.c]\nshort "
              "= \"other\"\n");
  ASSERT_EQ(weft({"study", "s.toml", "-o", "v"}).exit, 0);
  const json vid2vid = json::parse(read("v/study.json"));
  EXPECT_EQ(vid2vid.at("workers"), 10);
  EXPECT_EQ(vid2vid.at("approval_permille"), 980);
  EXPECT_EQ(vid2vid.at("questions").size(), 4U) << "the first with each other one";
  write_graph("s.toml", "preset = \"few-shot\"\n" + std::string(kStudy));
  const Outcome few = weft({"study", "s.toml", "-o", "f"});
  EXPECT_THAT(few.err, HasSubstr("\"ours\" and \"other\", clips: 2 clips instead of 100"));
  EXPECT_EQ(json::parse(read("f/study.json")).at("workers"), 60);
}

TEST_F(StudyVerb, VariantsOfAnAblationAreMethods) {
  write("ab/table.json", R"({"rows": [{"variant": "full"}, {"variant": "F.blocks=6"}]})");
  for (const char* file : {"full/seed-1/clips/w-a.mp4", "F.blocks=6/seed-1/clips/w-a.mp4",
                           "full/seed-1.before-1/clips/w-b.mp4", "F.blocks=6/seed-1.before-1/clips/w-b.mp4",
                           "full/seed-1/a/TIME/lock.toml", "F.blocks=6/seed-1/a/TIME/lock.toml",
                           "full/seed-1/a/TIME/clips/y-8.png", "F.blocks=6/seed-1/a/TIME/clips/y-8.png"})
    write(std::string("ab/") + file, "no video");
  write_graph("s.toml", "ablation = \"ab\"\n");
  ASSERT_EQ(weft({"study", "s.toml"}).exit, 0);
  const json study = json::parse(read("runs/s-study/study.json"));
  EXPECT_EQ(study.at("methods"), json({"full", "F.blocks=6"}));
  EXPECT_EQ(study.at("questions").size(), 1U) << "what was put aside, or shows a training, does not count";
}

TEST_F(StudyVerb, RunFoldersLeadToTheirVideos) {
  for (const char* run : {"one", "two"}) {
    write(std::string("out/") + run + "-x.mp4", "no video");
    write(std::string("runs/") + run + "/graph.toml",
          std::string("format = 1\n[node.w]\nuse = \"media.write_video\"\npath = \"out/") + run + "-x.mp4\"\n");
  }
  write_graph("s.toml", "[method.one]\nclips = \"runs/one\"\n[method.two]\nclips = \"runs/two\"\n");
  ASSERT_EQ(weft({"study", "s.toml"}).exit, 0);
  EXPECT_EQ(json::parse(read("runs/s-study/study.json")).at("questions").size(), 1U);
}

TEST_F(StudyVerb, FaultsOfTheFileAreToldWithTheirPlace) {
  write_graph("s.toml", "sed = 1\n" + std::string(kStudy));
  expect_error(weft({"study", "s.toml"}), 3, "weft: s.toml:2:1: a study has no key `sed`\n  did you mean \"seed\"?");
  write_graph("s.toml", "preset = \"long\"\n");
  expect_error(weft({"study", "s.toml"}), 3,
               "weft: s.toml:2:10: `preset` may be \"vid2vid\" or \"few-shot\", not \"long\"");
  write_graph("s.toml", "[method.a]\nclips = \"nowhere\"\n");
  expect_error(weft({"study", "s.toml"}), 4, "weft: s.toml:3:9: there is no nowhere");
  write_graph("s.toml", "[method.a]\nclips = \"ours\"\n");
  expect_error(weft({"study", "s.toml"}), 3, "weft: a study compares at least two methods");
  expect_error(weft({"study"}), 2, "weft: `weft study` wants a `study`: the study file; docs/study.md");
}

TEST_F(StudyVerb, AnswersWithoutTheirStudyAreRefused) {
  write("answers.json", "{}");
  expect_error(weft({"study", "read", "answers.json", "--study", "nowhere"}), 2,
               "weft: there is no nowhere/study.json\n  --study FOLDER names the folder that `weft study` wrote");
  ASSERT_EQ(weft({"study", "s.toml", "-o", "."}).exit, 0);
  write("answers.json", "{\"format\": 1, \"study\": \"0\"");
  const Outcome cut = weft({"study", "read", "answers.json"});
  EXPECT_EQ(cut.exit, 4);
  EXPECT_THAT(cut.err, HasSubstr("answers.json"));
}

}  // namespace
}  // namespace weft::testing
