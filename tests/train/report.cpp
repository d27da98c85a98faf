// The page that a person looks at: what is in it, and that it is whole whatever names a graph has.
#include "framework/report/report.h"

#include "framework/base/text.h"
#include "framework/report/html.h"
#include "framework/report/plan_drawing.h"
#include "framework/testing/error_text.h"
#include "framework/testing/node_runner.h"
#include "framework/train/training.h"
#include "tests/report/png_reader.h"
#include "tests/train/trained.h"

#include <gmock/gmock.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <sstream>

namespace weft::train {
namespace {

namespace fs = std::filesystem;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;

/// y = w y[t-1] + x over two clips of 5 frames, in chunks of 2.
const std::string kLearning = R"(
about = "a < b & \"c\" <script>alert(1)</script>"
[run]
chunk = 2
show = ["y", "loss"]
[node.x]
use = "toy.ramp"
frames = 5
sequences = 2
[stream]
past = "y[t-1] else zeros"
[node.G]
use = "toy.scale"
in = "past"
weight = 0.5
[node.y]
use = "toy.plus"
in.a = "G"
in.b = "x"
[node.loss]
use = "toy.mean"
in = "y"
[weights]
G = "random"
[update.G]
of = ["G"]
lr = 0.01
[update.G.loss]
loss = 1.0
)";

/// The content of CDATA and of the page's own style and script is no markup.
std::string without_code(std::string page) {
  for (const std::string tag : {"style", "script"}) {
    const size_t begin = page.find('<' + tag + '>'), end = page.find("</" + tag + '>');
    if (begin == std::string::npos || end == std::string::npos) return "the page has no " + tag;
    page.erase(begin, end + tag.size() + 3 - begin);
  }
  return page;
}

/// The first fault of XML without entities of its own: tags that do not match, attributes without quotes, a bare `&`.
std::string fault_of(const std::string& xml) {
  std::vector<std::string> open;
  for (size_t at = 0; at < xml.size(); ++at) {
    if (xml[at] == '&') {
      const size_t end = xml.find(';', at);
      const std::string name = end == std::string::npos ? "" : xml.substr(at + 1, end - at - 1);
      if (name != "lt" && name != "gt" && name != "amp" && name != "quot" && name != "#39") return "entity " + name;
    }
    if (xml[at] == '>') return text("a > outside of a tag: ", xml.substr(at < 40 ? 0 : at - 40, 40));
    if (xml[at] != '<') continue;
    size_t end = at + 1;
    bool is_quoted = false;
    for (; end < xml.size() && (is_quoted || xml[end] != '>'); ++end) {
      if (xml[end] == '"') is_quoted = !is_quoted;
      if (xml[end] == '<') return text("a < inside of a tag: ", xml.substr(at, 40));
    }
    const std::string tag = xml.substr(at + 1, end - at - 1);
    at = end;
    if (tag.starts_with('!')) continue;
    const std::string name = tag.substr(0, tag.find_first_of(" \n/", 1));
    if (tag.starts_with('/')) {
      if (open.empty() || "/" + open.back() != name)
        return text("<", tag, "> closes ", open.empty() ? "" : open.back());
      open.pop_back();
    } else if (!tag.ends_with('/')) {
      open.push_back(name);
    }
  }
  return open.empty() ? "" : text("<", open.back(), "> is never closed");
}

size_t count_of(const std::string& part, const std::string& whole) {
  size_t count = 0;
  for (size_t at = whole.find(part); at != std::string::npos; at = whole.find(part, at + 1)) ++count;
  return count;
}

/// What stands between the first `begin` at or after `from` and the next `end`.
std::string between(const std::string& whole, const std::string& from, const std::string& begin,
                    const std::string& end) {
  const size_t start = whole.find(begin, whole.find(from)) + begin.size();
  return whole.substr(start, whole.find(end, start) - start);
}

class Reports : public ::testing::Test {
 protected:
  void SetUp() override {
    parent_ = fs::temp_directory_path() /
              text("weft_reports_", ::getpid(), '_', ::testing::UnitTest::GetInstance()->current_test_info()->name());
    fs::remove_all(parent_);
  }
  void TearDown() override { fs::remove_all(parent_); }

  /// Trains in a run folder whose graph has a name that is markup. @returns the page
  std::string train(const std::string& content, const std::vector<std::string>& settings = {}) {
    Training training(stages_of(content, settings), testing::NodeRunner::built_plugins(), {}, log_);
    run::RunFolder folder(parent_.string(), "<script>&\"x\"");
    folder_ = folder.path();
    training.keep_in(folder);
    failure_ = testing::error_text([&] { training.run(); });
    return read("report.html");
  }
  std::string read(const std::string& name) const {
    std::ifstream in(fs::path(folder_) / name, std::ios::binary);
    std::ostringstream content;
    content << in.rdbuf();
    return content.str();
  }

  Log log_{Log::Level::Quiet};
  std::string folder_, failure_;
  fs::path parent_;
};

TEST_F(Reports, AreWellFormedAndNeedNothingElse) {
  const std::string page = train(kLearning);
  EXPECT_EQ(failure_, "");
  EXPECT_EQ(fault_of(without_code(page)), "");
  EXPECT_TRUE(page.starts_with("<!DOCTYPE html>\n"));
  EXPECT_EQ(count_of("src=\"", page), count_of("src=\"data:", page));
  EXPECT_THAT(page, Not(HasSubstr("<link")));
  EXPECT_THAT(page, Not(HasSubstr("@import")));
  EXPECT_THAT(page, Not(HasSubstr("url(")));
}

TEST_F(Reports, EscapeWhatAGraphIsCalled) {
  const std::string page = train(kLearning);
  EXPECT_EQ(count_of("<script", page), 1U) << "its own";
  EXPECT_EQ(between(page, "<body>", "<h1>", "</h1>"), "&lt;script&gt;&amp;&quot;x&quot;");
  EXPECT_EQ(between(page, "<h1>", "<p class=\"note\">", "</p>"),
            "a &lt; b &amp; &quot;c&quot; &lt;script&gt;alert(1)&lt;/script&gt;");
}

TEST_F(Reports, HaveAPointForEachNumberOfTheLog) {
  const std::string page = train(kLearning), log = read("log.jsonl");
  const size_t steps = count_of("\"level\": \"step\"", log);
  EXPECT_EQ(steps, 6U) << "chunks of 2, 2 and 1 frames in both clips";
  for (const char* name : {"G/loss", "G/total", "G/rate", "G/gradient"}) {
    EXPECT_EQ(count_of(text('"', name, "\": "), log), steps) << name;
    const std::string points = between(page, text("aria-label=\"", name, '"'), "data-points=\"", "\"");
    EXPECT_EQ(count_of(";", points) + 1, steps) << name;
  }
  // The first loss: y is 0, then 0.5 * 0 + 1.
  EXPECT_THAT(between(page, "aria-label=\"G/loss\"", "data-points=\"", "\""), ::testing::StartsWith("0 0.5 "));
  EXPECT_THAT(page, HasSubstr("aria-label=\"loss\"")) << "what is watched";
}

TEST_F(Reports, PlayTheLastClip) {
  const std::string page = train(kLearning);
  EXPECT_EQ(between(page, "id=\"clips\"", "<p class=\"note\">", "</p>"), "ramp 1");
  const report::ReadPng png = report::read_png(report::decoded_base64(between(page, "id=\"clips\"", "base64,", "\"")));
  EXPECT_EQ(png.height, 2);
  EXPECT_EQ(png.width, 2);
  EXPECT_EQ(png.frames.size(), 5U) << "all of the clip, over its chunks";
}

TEST_F(Reports, SayHowItEndedWhatLearnsAndWhereTimeWent) {
  const std::string page = train(kLearning);
  EXPECT_EQ(between(page, "<header>", "class=\"state\">", "</p>"), "done");
  EXPECT_THAT(page, HasSubstr("<dt>device</dt><dd>cpu, "));
  EXPECT_THAT(page, HasSubstr("<dt>seed</dt><dd>1</dd>"));
  EXPECT_THAT(page, HasSubstr("<tr><th>G</th><td>G</td><td>1</td><td>1</td></tr>"));
  const std::string times = between(page, "id=\"times\"", "<tbody>", "</section>");
  // Ten frames in all. Backward passes and steps are one a chunk; the sources read in a thread of their own.
  EXPECT_THAT(times, HasSubstr("<tr><th>y</th><td>10</td>"));
  EXPECT_THAT(times, HasSubstr("<tr><th>gradients of [update.G]</th><td>6</td>"));
  EXPECT_THAT(times, HasSubstr("<tr><th>step of [update.G]</th><td>6</td>"));
  EXPECT_THAT(between(times, "Beside it", "<tbody>", "</tbody>"), HasSubstr("<th>x</th>"));
  EXPECT_THAT(page, HasSubstr("<b>loss</b> <i>scalar</i> <em>loss of G \xc3\x97 1, shown</em>"));
  EXPECT_THAT(between(page, "<details>", "<pre>", "</pre>"), HasSubstr("[node.G]"));
}

TEST_F(Reports, OfTrainingThatFailedSayWhy) {
  const std::string page = train(kLearning, {"update.G.lr=1e30", "update.G.use=sgd"});
  EXPECT_THAT(failure_, HasSubstr("[update.G]"));
  EXPECT_EQ(fault_of(without_code(page)), "");
  EXPECT_THAT(between(page, "<header>", "class=\"state\">", "</p>"), ::testing::StartsWith("failed: "));
  EXPECT_THAT(page, HasSubstr("aria-label=\"G/loss\"")) << "the curves until then";
}

TEST_F(Reports, AreWrittenWithEachCheckpoint) {
  std::string state;  // as it is when the second stage begins
  log_.listen([&](const std::string&, const std::string& line) {
    if (line.starts_with("stage \"second\"")) state = read("report.html");
  });
  const std::string page =
      train(kLearning +
                "[[stage]]\nname = \"first\"\nepochs = 1\n[[stage]]\nname = \"second\"\nepochs = 2\n"
                "set.run.chunk = 5\n",
            {"run.checkpoint=1 epoch"});
  EXPECT_EQ(between(state, "<header>", "class=\"state\">", "</p>"), "training goes on");
  EXPECT_THAT(state, HasSubstr("<dt>epochs</dt><dd>1 of 3</dd>"));
  EXPECT_THAT(state, HasSubstr("<dt>stage</dt><dd>first</dd>"));
  EXPECT_THAT(page, HasSubstr("<dt>epochs</dt><dd>3 of 3</dd>"));
  EXPECT_THAT(page, HasSubstr("<title>second</title>")) << "a line in the curves where it begins";
  EXPECT_EQ(fault_of(without_code(page)), "");
}

TEST_F(Reports, GoOnWithTheCurvesOfTheRunThatIsResumed) {
  train(kLearning, {"run.steps=4"});
  TrainingOptions options;
  options.resume = find_checkpoint(folder_);
  Training training(stages_of(kLearning), testing::NodeRunner::built_plugins(), options, log_);
  run::RunFolder folder(folder_);
  training.keep_in(folder);
  training.run();
  const std::string page = read("report.html");
  EXPECT_EQ(count_of(";", between(page, "aria-label=\"G/loss\"", "data-points=\"", "\"")) + 1, 6U);
  EXPECT_THAT(page, HasSubstr("<dt>since it was started</dt><dd>2 steps, "));
}

// ---- its parts

TEST(Escaping, LeavesNothingThatMarkupIsMadeOf) {
  EXPECT_EQ(report::escaped("<a href='x'>&\"\n"), "&lt;a href=&#39;x&#39;&gt;&amp;&quot;\n");
  EXPECT_EQ(report::escaped("\xc3\xa4\xe2\x86\x90\xf0\x9f\x98\x80"), "\xc3\xa4\xe2\x86\x90\xf0\x9f\x98\x80");
}

TEST(Escaping, ReplacesWhatXmlCannotHold) {
  const std::string replaced = "\xef\xbf\xbd";
  EXPECT_EQ(report::escaped(std::string("a\0b\x1b", 4)), text("a", replaced, "b", replaced));
  EXPECT_EQ(report::escaped("\xff\xc3"), replaced + replaced) << "no UTF-8, and half a character";
  EXPECT_EQ(report::escaped("\xc0\xbc"), replaced + replaced) << "a long way to write <";
  EXPECT_EQ(report::escaped("\xed\xa0\x80"), replaced + replaced + replaced) << "half a surrogate pair";
}

TEST(Strands, LeadFromANodeToItsReaders) {
  const graph::Plan plan = plan_of(kLearning);
  const auto row_of = [&](const std::string& path) {
    const std::vector<int> rows = report::rows_of(plan);
    const auto row = std::find_if(rows.begin(), rows.end(), [&](int step) {
      return plan.graph.nodes[static_cast<size_t>(plan.steps[static_cast<size_t>(step)].node)].path == path;
    });
    return static_cast<int>(row - rows.begin());
  };
  const std::vector<report::Strand> strands = report::strands_of(plan);
  const auto readers = [&](const std::string& path, bool is_delayed) {
    for (const report::Strand& strand : strands) {
      if (strand.row == row_of(path) && strand.is_delayed == is_delayed) return strand.readers;
    }
    return std::vector<int>{};
  };
  EXPECT_THAT(readers("x", false), ElementsAre(row_of("y")));
  EXPECT_THAT(readers("y", true), ElementsAre(row_of("G"))) << "the recurrence";
  EXPECT_THAT(readers("y", false), ElementsAre(row_of("loss")));
  EXPECT_EQ(report::rows_of(plan).size(), 4U) << "what training takes has no row";
  for (const report::Strand& one : strands) {
    for (const report::Strand& other : strands) {
      if (&one == &other || one.lane != other.lane) continue;
      EXPECT_TRUE(one.last() < other.first() || other.last() < one.first()) << one.row << ' ' << other.row;
    }
  }
}

}  // namespace
}  // namespace weft::train
