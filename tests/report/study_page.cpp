// The page of a study in a browser: answered by keys, and what it saves read back.
#include "framework/report/study_page.h"

#include "framework/base/text.h"
#include "framework/report/png.h"
#include "framework/report/study_answers.h"
#include "framework/testing/error_text.h"

#include <ATen/ops/full.h>
#include <gmock/gmock.h>
#include <nlohmann/json.hpp>
#include <unistd.h>

#include <array>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>

namespace weft::report {
namespace {

namespace fs = std::filesystem;
using testing::error_text;
using ::testing::HasSubstr;

/// The first browser of the system; empty without one.
std::string browser() {
  for (const char* name : {"chromium-headless-shell", "chromium", "google-chrome", "chromium-browser"}) {
    const std::string ask = text("command -v ", name, " >/dev/null 2>&1");
    if (std::system(ask.c_str()) == 0) return name;
  }
  return {};
}

/// A test's own script: presses keys, then leaves what the page saves in its text.
constexpr const char* kRobot = R"js(<script>
const saved = [];
const make = URL.createObjectURL.bind(URL);
URL.createObjectURL = blob => {
  if (blob.type === 'application/json') blob.text().then(one => { saved.push(one); document.body.textContent = one; });
  return make(blob);
};
HTMLAnchorElement.prototype.click = () => {};
const press = key => document.dispatchEvent(new KeyboardEvent('keydown', { key, bubbles: true }));
const form_ = document.querySelector('form');
form_.worker.value = WORKER;
form_.approval.value = 99.5;
form_.querySelector('button').click();
let steps = 0;
const work = setInterval(() => {
  if (!document.getElementById('end').hidden) { clearInterval(work); press('Enter'); return; }
  if (document.querySelector('[data-choice]').disabled) return;
  ++steps;
  if (steps === 2) press('Backspace');
  else press(steps % 2 ? 'ArrowLeft' : 'ArrowRight');
}, 5);
</script></body>)js";

class StudyPage : public ::testing::Test {
 protected:
  void SetUp() override {
    folder_ = fs::temp_directory_path() / text("weft-page-", ::getpid());
    fs::create_directories(folder_);
    StudyDesign design{.name = "a <b> & c", .question = "Which </script> one?", .workers = 2, .approval_permille = 980};
    for (const double value : {-0.5, 0.5}) {
      NamedClips clips;
      for (const char* name : {"1", "2", "3"}) clips[name] = picture(text(name, value, ".png"), value);
      design.methods.push_back({value < 0 ? "method_a" : "method_b", {{"clips", clips}}});
    }
    std::vector<std::string> notes;
    study_ = make_study(design, notes);
  }
  void TearDown() override { fs::remove_all(folder_); }

  std::string picture(const std::string& name, double value) const {
    std::ofstream(folder_ / name, std::ios::binary) << png_of(at::full({3, 8, 8}, value));
    return (folder_ / name).string();
  }

  std::string page() const {
    std::vector<std::string> places;
    for (const auto& clip : study_.clips) places.push_back(data_address(clip.file));
    return study_page(study_, places);
  }

  /// What a worker's page saves, by the robot.
  std::string saved_by(const std::string& program, int worker) const {
    std::string content = page(), robot = kRobot;
    robot.replace(robot.find("WORKER"), 6, text(worker));
    content.replace(content.find("</body>"), 7, robot);
    std::ofstream(folder_ / "robot.html") << content;
    const std::string command = text(
        program, " --headless --no-sandbox --disable-gpu --virtual-time-budget=20000 --user-data-dir=",
        (folder_ / "profile").string(), " --dump-dom 'file://", (folder_ / "robot.html").string(), "' 2>/dev/null");
    std::string all;
    FILE* pipe = ::popen(command.c_str(), "r");
    std::array<char, 4096> part{};
    for (size_t count = 0; (count = std::fread(part.data(), 1, part.size(), pipe)) > 0;) all.append(part.data(), count);
    ::pclose(pipe);
    const size_t begin = all.find('{', all.find("<body")), end = all.rfind('}');
    return begin == std::string::npos || end == std::string::npos ? all : all.substr(begin, end + 1 - begin);
  }

  fs::path folder_;
  Study study_;
};

TEST_F(StudyPage, LoadsNothingAndNamesNoMethod) {
  const std::string content = page();
  for (const char* word : {"method_a", "method_b", "http", "<link", "@import"})
    EXPECT_EQ(content.find(word), std::string::npos) << word;
  EXPECT_THAT(content, HasSubstr("<title>a &lt;b&gt; &amp; c</title>"));
  EXPECT_THAT(content, HasSubstr("Which \\u003c/script> one?"));
}

TEST_F(StudyPage, WhatABrowserSavesIsReadBack) {
  const std::string program = browser();
  if (program.empty()) GTEST_SKIP() << "there is no Chromium (Debian: chromium-headless-shell)";
  std::vector<std::string> files;
  for (const int worker : {1, 2}) {
    files.push_back((folder_ / text("answers-", worker, ".json")).string());
    std::ofstream(files.back()) << saved_by(program, worker);
  }
  const std::vector<StudyAnswers> all = read_answers(study_, files);
  ASSERT_EQ(all.size(), 2U);
  EXPECT_EQ(all[1].worker, 2);
  EXPECT_EQ(all[0].approval_permille, 995);
  ASSERT_EQ(all[0].answers.size(), 3U);
  // The keys were left, back, left, right, left.
  EXPECT_TRUE(all[0].answers[0].chose_left);
  EXPECT_FALSE(all[0].answers[1].chose_left);
  EXPECT_TRUE(all[0].answers[2].chose_left);
  EXPECT_GE(all[0].answers[0].milliseconds, 0);
}

TEST_F(StudyPage, RefusesFilesThatCannotBeRead) {
  EXPECT_THAT(error_text([&] { data_address((folder_ / "none.mp4").string()); }),
              HasSubstr("none.mp4: cannot be read, or is empty"));
  EXPECT_TRUE(is_playable("A.MP4"));
  EXPECT_FALSE(is_playable("a.avi"));
}

}  // namespace
}  // namespace weft::report
