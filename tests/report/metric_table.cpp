#include "framework/report/metric_table.h"

#include "framework/report/extremes.h"
#include "framework/testing/error_text.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

namespace weft::report {
namespace {

using testing::error_text;

class File {
 public:
  explicit File(const std::string& content)
      : path_(::testing::TempDir() + "metric_table_" + std::to_string(getpid()) + ".json") {
    std::ofstream(path_) << content;
  }
  ~File() { std::filesystem::remove(path_); }
  File(const File&) = delete;
  File& operator=(const File&) = delete;

  const std::string& path() const { return path_; }

 private:
  std::string path_;
};

MetricNumber psnr(const std::string& method, double value, const std::string& settings = "range = 2") {
  return {.name = "PSNR", .method = method, .settings = settings, .samples = "1 frame", .value = value};
}

TEST(MetricTable, HasMethodsInRowsAndMetricsInColumns) {
  MetricTable table;
  table.add(psnr("ours", 24.5));
  table.add(psnr("real|x", 100));
  table.add({.name = "FID", .method = "ours", .settings = "", .samples = "n = 8", .value = 3, .deviation = 0.25});
  EXPECT_EQ(table.markdown(),
            "| method | PSNR | FID |\n| --- | ---: | ---: |\n| ours | 24.5 | 3 ± 0.25 |\n| real\\|x | 100 |  |\n\n"
            "* PSNR: 1 frame; range = 2\n* FID: n = 8\n");
  EXPECT_EQ(table.csv(),
            "name,method,value,deviation,samples,settings\nPSNR,ours,24.5,,1 frame,range = 2\n"
            "PSNR,real|x,100,,1 frame,range = 2\nFID,ours,3,0.25,n = 8,\n");
}

TEST(MetricTable, RefusesNumbersOfDifferentSettingsInOneColumn) {
  MetricTable table;
  table.add(psnr("ours", 24));
  EXPECT_EQ(error_text([&] { table.add(psnr("theirs", 25, "range = 1")); }),
            "the column \"PSNR\" would have numbers of different settings: range = 2 and range = 1\n  give one of the "
            "reports "
            "another `name`");
  EXPECT_EQ(error_text([&] { table.add(psnr("ours", 25)); }),
            "two reports have the name \"PSNR\" and the method \"ours\"\n  set `method`, the name of the row");
}

TEST(MetricTable, IsReadBackAndCompared) {
  MetricTable now, before;
  now.add(psnr("ours", 24.5));
  now.add(psnr("new", 20));
  before.add(psnr("ours", 24));
  const File file(before.json());
  const auto changes = compare(now, MetricTable::read(file.path()));
  EXPECT_EQ(markdown_of(changes, "runs/a"),
            "| metric | method | now | runs/a | difference |\n| --- | --- | ---: | ---: | ---: |\n"
            "| PSNR | ours | 24.5 | 24 | +0.5 |\n| PSNR | new | 20 |  | not in the other run |\n");
}

TEST(MetricTable, DoesNotCompareDifferentSettings) {
  MetricTable now, before;
  now.add(psnr("ours", 24.5));
  before.add(psnr("ours", 24, "range = 1"));
  EXPECT_EQ(compare(now, before).front().fault, "not comparable, its settings are range = 1");
}

TEST(MetricTable, RefusesFilesThatAreNoReports) {
  const File file("{\"numbers\": [{\"name\": 3}]}");
  EXPECT_TRUE(
      error_text([&] { MetricTable::read(file.path()); }).starts_with(file.path() + ": is no report of metrics"));
  const File list("[1, 2]");
  EXPECT_EQ(
      error_text([&] { MetricTable::read(list.path()); }),
      list.path() +
          ": is no report of metrics: a field has another type\n  `weft eval` writes such reports, metrics.json in "
          "its run folder");
  EXPECT_EQ(error_text([] { MetricTable::read("/nowhere.json"); }),
            "cannot read /nowhere.json: No such file or directory");
  EXPECT_EQ(error_text([] { MetricTable::read("/dev/zero"); }),
            "cannot read /dev/zero: it is a device, not an ordinary file");
}

TEST(MetricTable, PageShowsNamesAsText) {
  MetricTable table;
  table.add(psnr("<script>", 1));
  const std::string page = metric_page(table, "a & b", {}, "");
  EXPECT_NE(page.find("<td>&lt;script&gt;</td>"), std::string::npos);
  EXPECT_NE(page.find("<title>a &amp; b</title>"), std::string::npos);
}

// ---- best and worst clips

TEST(Extremes, ShowTheClipsAtBothEndsOfAMetric) {
  SequenceMetric metric{"PSNR", "ours", {}};
  for (int i = 0; i < 9; ++i) {
    // 0 is the fifth: the ends are 4, 3, 2 below and 8, 7, 6 above.
    const int value = (i + 4) % 9;
    metric.sequences.push_back(
        {"s" + std::to_string(i), static_cast<double>(value), {{"video", std::to_string(value) + ".mp4"}}});
  }
  const std::string page = extremes_html({metric});
  std::vector<std::string> shown;
  for (size_t at = page.find("src=\""); at != std::string::npos; at = page.find("src=\"", at + 1))
    shown.push_back(page.substr(at + 5, page.find('"', at + 5) - at - 5));
  EXPECT_EQ(shown, (std::vector<std::string>{"0.mp4", "1.mp4", "2.mp4", "8.mp4", "7.mp4", "6.mp4"}));
  EXPECT_NE(page.find("<h2>PSNR, ours</h2>"), std::string::npos);
}

TEST(Extremes, OfTwoSequencesEachIsAtOneEnd) {
  const std::string page = extremes_html({{"PSNR", "", {{"a", 2, {{"v", "a.mp4"}}}, {"b", 1, {{"v", "b.mp4"}}}}}});
  EXPECT_LT(page.find("b.mp4"), page.find("Highest"));
  EXPECT_GT(page.find("a.mp4"), page.find("Highest"));
  EXPECT_EQ(extremes_html({{"PSNR", "", {{"a", 2, {{"v", "a.mp4"}}}}}}), "") << "one sequence has no ends";
  EXPECT_EQ(extremes_html({{"PSNR", "", {{"a", 2}, {"b", 1}}}}), "") << "no clips";
}

TEST(Extremes, ReadTheMeansOfAReport) {
  const File file(R"({"method": "ours", "numbers": [{"name": "PSNR"}], "sequences": [{"sequence": "a", "value": 3}]})");
  const SequenceMetric metric = read_sequences(file.path());
  EXPECT_EQ(metric.name, "PSNR");
  EXPECT_EQ(metric.sequences.at(0).value, 3);
  const File faulty(R"({"method": "ours"})");
  EXPECT_EQ(error_text([&] { read_sequences(faulty.path()); }).substr(0, faulty.path().size() + 25),
            faulty.path() + ": is no report of metrics");
}

}  // namespace
}  // namespace weft::report
