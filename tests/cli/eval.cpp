// `weft eval`, on images whose distance is known: 0.2 of a range of 2 is 20 dB, 0.02 is 40 dB.
#include "tests/cli/program.h"

#include <gmock/gmock.h>
#include <nlohmann/json.hpp>

namespace weft::testing {
namespace {

using nlohmann::json;
using ::testing::HasSubstr;

constexpr std::string_view kNear = R"([params]
plus = 0.2
range = 2.0
[node.a]
use = "toy.counter"
frames = 3
sequences = 2
[node.near]
use = "toy.add"
in = "a"
plus = "$plus"
[node.nearer]
use = "toy.add"
in = "a"
plus = 0.02
[node.psnr_near]
use = "metric.psnr"
in.a = "near"
in.b = "a"
[node.psnr_nearer]
use = "metric.psnr"
in.a = "nearer"
in.b = "a"
range = "$range"
[node.say_near]
use = "metric.report"
in = "psnr_near"
name = "PSNR"
method = "near"
[node.say_nearer]
use = "metric.report"
in = "psnr_nearer"
name = "PSNR"
method = "nearer"
)";

class EvalVerb : public ProgramTest {
 protected:
  void SetUp() override {
    ProgramTest::SetUp();
    write_graph("g.toml", kNear);
  }
};

TEST_F(EvalVerb, AnEarlierTableIsRead) {
  write("list.json", "[1, 2]");
  expect_error(weft({"eval", "g.toml", "--against", "list.json"}), 4,
               "weft: list.json: is no report of metrics: a field has another type\n  `weft eval` writes such reports, "
               "metrics.json in its run folder");
  expect_error(weft({"eval", "g.toml", "--against", "/dev/zero"}), 4,
               "weft: cannot read /dev/zero: it is a device, not an ordinary file");
  const std::string number = R"({"name":"P","method":"m","value":1.0,"settings":"","samples":"1","complete":true})";
  write("twice.json", "{\"numbers\": [" + number + ", " + number + "]}");
  expect_error(weft({"eval", "g.toml", "--against", "twice.json"}), 4,
               "weft: twice.json: is no table of metrics: two reports have the name \"P\" and the method \"m\"");
  const Outcome looping = weft({"eval", "g.toml", "--against", std::string(300, 'a')});
  EXPECT_EQ(looping.exit, 4);
  EXPECT_THAT(looping.err, HasSubstr("aaa: File name too long"));
}

TEST_F(EvalVerb, ATableNeedsARunFolderAndAReport) {
  EXPECT_EQ(weft({"eval", "g.toml", "--run-folder", "none"}).exit, 2);
  EXPECT_FALSE(has("none"));
  write_graph("plain.toml", "[node.a]\nuse = \"toy.counter\"\nframes = 1\n");
  EXPECT_EQ(weft({"eval", "plain.toml"}).exit, 3);
  EXPECT_FALSE(has("runs"));
}

TEST_F(EvalVerb, MakesOneTableOfAllReports) {
  const Outcome outcome = weft({"eval", "g.toml"});
  EXPECT_EQ(outcome.exit, 0) << outcome.err;
  EXPECT_THAT(outcome.out, HasSubstr("| method | PSNR |\n| --- | ---: |\n| near | 20 ± "));
  EXPECT_THAT(outcome.out,
              HasSubstr("\n* PSNR: mean of 2 sequences, 6 frames; metric.psnr(range = 2.0, most = 100.0)\n"));
  const json table = json::parse(read("runs/g/last/metrics.json"));
  EXPECT_NEAR(table.at("numbers").at(1).at("value").get<double>(), 40, 1e-3);  // floats near 1 are right to 1e-7
  EXPECT_EQ(table.at("numbers").at(1).at("method"), "nearer");
  EXPECT_THAT(read("runs/g/last/metrics.csv"), HasSubstr("name,method,value,deviation,samples,settings\nPSNR,near,"));
  EXPECT_EQ(read("runs/g/last/metrics.md"), outcome.out);
  EXPECT_THAT(read("runs/g/last/metrics.html"), HasSubstr("<td>nearer</td>"));
}

TEST_F(EvalVerb, ComparesWithAnEarlierRun) {
  ASSERT_EQ(weft({"eval", "g.toml", "--run-folder", "first"}).exit, 0);
  const Outcome outcome = weft({"eval", "g.toml", "--set", "plus=0.02", "--against", "first/g/last"});
  EXPECT_EQ(outcome.exit, 0) << outcome.err;
  EXPECT_THAT(outcome.out, HasSubstr("| metric | method | now | first/g/last | difference |"));
  EXPECT_THAT(outcome.out, HasSubstr("| PSNR | near | 40 | 20 | +20 |"));
}

TEST_F(EvalVerb, RefusesDifferentSettingsInOneColumn) {
  const Outcome outcome = weft({"eval", "g.toml", "--set", "range=1"});
  EXPECT_EQ(outcome.exit, 3);
  EXPECT_THAT(outcome.err,
              HasSubstr("the column \"PSNR\" would have numbers of different settings: metric.psnr(range = "
                        "2.0, most = 100.0) and metric.psnr(range = 1.0, most = 100.0)"));
}

TEST_F(EvalVerb, WantsAReportAndARunToCompareWith) {
  write_graph("none.toml",
              "[node.a]\nuse = \"toy.counter\"\nframes = 2\n[node.w]\nuse = \"toy.write\"\nin = \"a\"\npath = "
              "\"out.txt\"\n");
  const Outcome none = weft({"eval", "none.toml"}), lost = weft({"eval", "g.toml", "--against", "nowhere"});
  EXPECT_EQ(none.exit, 3);
  EXPECT_THAT(none.err, HasSubstr("none.toml has no node that reports a metric"));
  EXPECT_EQ(lost.exit, 2);
  EXPECT_THAT(lost.err, HasSubstr("--against nowhere: there is no nowhere"));
}

}  // namespace
}  // namespace weft::testing
