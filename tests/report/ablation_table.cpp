#include "framework/report/ablation_table.h"

#include "framework/report/ablation_page.h"
#include "framework/report/significance.h"
#include "framework/report/svg_curve.h"
#include <weft/testing.h>

#include <gmock/gmock.h>

#include <cmath>
#include <numbers>

namespace weft::report {
namespace {

using ::testing::DoubleNear;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;
using weft::testing::error_text;

TEST(Significance, OfStudentsTIsThatOfTheClosedForms) {
  for (const double t : {0.1, 0.7, 2.0, 12.7, 300.0}) {
    EXPECT_NEAR(student_p_value(t, 1), 1 - 2 / std::numbers::pi * std::atan(t), 1e-12);
    EXPECT_NEAR(student_p_value(-t, 2), 1 - t / std::sqrt(t * t + 2), 1e-12);
  }
  EXPECT_NEAR(student_p_value(2.776445, 4), 0.05, 1e-6);
  EXPECT_NEAR(student_p_value(2.042272, 30), 0.05, 1e-6);
  EXPECT_EQ(student_p_value(0, 7), 1);
}

TEST(Significance, OfPairsLooksAtTheirDifferences) {
  // Differences 1, 2, 3: mean 2, deviation 1, t = 2 sqrt(3) with 2 degrees of freedom.
  EXPECT_NEAR(paired_p_value({11, 22, 33}, {10, 20, 30}), 1 - std::sqrt(12.0 / 14), 1e-12);
  EXPECT_EQ(paired_p_value({1, 2}, {1, 2}), 1);
  EXPECT_EQ(paired_p_value({1, 2}, {0, 1}), 0);
  EXPECT_EQ(paired_p_value({1}, {0}), 1);
}

TEST(Significance, IsCorrectedByHolm) {
  EXPECT_THAT(holm_corrected({0.01, 0.04, 0.03, 0.005}), ElementsAre(DoubleNear(0.03, 1e-12), DoubleNear(0.06, 1e-12),
                                                                     DoubleNear(0.06, 1e-12), DoubleNear(0.02, 1e-12)));
  EXPECT_THAT(holm_corrected({0.6, 0.7}), ElementsAre(1, 1));
  EXPECT_TRUE(holm_corrected({}).empty());
}

MetricTable measured(double psnr, double ssim, const std::string& settings = "window = 11") {
  MetricTable table;
  table.add({.name = "PSNR", .settings = "range = 2", .value = psnr});
  table.add({.name = "SSIM", .settings = settings, .value = ssim});
  return table;
}

AblationTable three_seeds() {
  AblationTable table({"full", "no_flow", "big|_one"}, {});
  for (const int seed : {1, 2, 3}) {
    table.add("full", seed, measured(20 + seed, 0.8));
    table.add("no_flow", seed, measured(15 + seed + 0.01 * seed, 0.8));
  }
  table.add_failure("big|_one", 1, "out of memory");
  return table;
}

TEST(AblationTable, SaysWhichDifferencesAreBeyondNoise) {
  const std::string markdown = three_seeds().markdown();
  EXPECT_THAT(markdown, HasSubstr("|  | PSNR | SSIM |\n|---|---|---|\n| full | 22 ± 1 | 0.8 ± 0 |\n"
                                  "| no_flow | 17.02 ± 1.01 * | 0.8 ± 0 |\n| big\\|_one |  |  |\n"));
  EXPECT_THAT(markdown, HasSubstr("over 3 seeds. * differs from \"full\" beyond noise"));
  EXPECT_THAT(markdown, HasSubstr("Without numbers: big|_one, seed 1: out of memory\n"));
  EXPECT_THAT(markdown, HasSubstr("SSIM: window = 11\n"));
}

TEST(AblationTable, SaysWhereSeedsChangeNothing) {
  AblationTable table({"full", "copy"}, {"PSNR"});
  for (const int seed : {1, 2, 3}) {
    table.add("full", seed, measured(20 + seed, 0.8));
    table.add("copy", seed, measured(19, 0.7));
  }
  EXPECT_THAT(table.markdown(), HasSubstr("All seeds gave the same numbers, so that one of them is enough: copy\n"));
  EXPECT_THAT(three_seeds().markdown(), Not(HasSubstr("All seeds gave")));
}

TEST(AblationTable, SaysWhenThereAreTooFewSeeds) {
  AblationTable table({"full", "no_flow"}, {"SSIM"});
  for (const int seed : {1, 2}) {
    table.add("full", seed, measured(20, 0.8));
    table.add("no_flow", seed, measured(10, 0.1 * seed));
  }
  EXPECT_THAT(table.markdown(), HasSubstr("over 2 seeds. Too few to tell a difference from noise"));
  EXPECT_THAT(table.markdown(), Not(HasSubstr("PSNR"))) << "the file names the columns";
  EXPECT_EQ(table.csv(),
            "variant,seed,metric,value\nfull,1,SSIM,0.8\nfull,2,SSIM,0.8\nno_flow,1,SSIM,0.1\nno_flow,2,SSIM,0.2\n");
}

TEST(AblationTable, PairsBySeedWhereOneIsMissing) {
  AblationTable table({"full", "other"}, {"PSNR"});
  for (const int seed : {1, 2, 3, 4}) table.add("full", seed, measured(seed, 0));
  for (const int seed : {4, 3, 1}) table.add("other", seed, measured(seed + 1 + 0.001 * seed, 0));
  EXPECT_LT(table.cells()[1][0].p_value, 0.001);
}

TEST(AblationTable, MarksNothingWhereSeedsChangeNothing) {
  AblationTable table({"flow", "copy", "network"}, {"PSNR"});
  for (const int seed : {1, 2, 3}) {
    table.add("flow", seed, measured(20, 0));
    table.add("copy", seed, measured(15, 0));
    table.add("network", seed, measured(25 + 0.01 * seed, 0));
  }
  EXPECT_EQ(table.cells()[1][0].p_value, 1) << "one number each, three times";
  EXPECT_LT(table.cells()[2][0].p_value, 0.001);
}

TEST(AblationTable, LeavesOutNumbersOfOtherSettings) {
  const std::string why =
      "other, SSIM, which was measured with other settings than those above it: window = 7, not window = 11";
  AblationTable all({"full", "other"}, {}), some({"full", "other"}, {"PSNR"});
  for (AblationTable* table : {&all, &some}) {
    table->add("full", 1, measured(20, 0.8));
    for (const int seed : {1, 2}) table->add("other", seed, measured(21, 0.7, "window = 7"));
  }
  EXPECT_THAT(all.left_out(), ElementsAre(why));
  EXPECT_THAT(all.markdown(), HasSubstr("Left out: " + why));
  EXPECT_TRUE(all.cells()[1][1].values.empty());
  EXPECT_EQ(all.cells()[1][0].values.size(), 2) << "the other columns are whole";
  EXPECT_TRUE(some.left_out().empty()) << "a column that is not shown";
}

TEST(AblationTable, IsWrittenForPapersAndBrowsers) {
  EXPECT_THAT(three_seeds().latex(),
              HasSubstr(" & PSNR & SSIM \\\\\n\\midrule\nfull & $22 \\pm 1$ & $0.8 \\pm 0$ \\\\\n"
                        "no\\_flow & $17.02 \\pm 1.01^{*}$ & $0.8 \\pm 0$ \\\\\n"
                        "big|\\_one & -- & -- \\\\\n"));
  VariantRun full{"full", {{"v.mp4", "full/v.mp4"}}, {{"y", {{100, "full/y-100.png"}, {200, "full/y-200.png"}}}}, {}};
  VariantRun no_flow{"no_flow", {{"v.mp4", "no_flow/v.mp4"}}, {{"y", {{150, "no_flow/y-150.png"}}}}, {}};
  for (const int64_t step : {1, 2, 3}) {
    full.curves.add("", step, {{"G/total", 1.0 / static_cast<double>(step)}, {"G/gan", 2}});
    no_flow.curves.add("", step + 2, {{"G/total", 1.5}});
  }
  for (const int64_t t : {0, 1, 2}) full.by_frame["mIoU"].add(t, 0.5);
  const std::string page = ablation_page("a <b>", three_seeds(), {full, no_flow});
  EXPECT_THAT(page, HasSubstr("<h1>a &lt;b&gt;</h1>"));
  EXPECT_THAT(page, HasSubstr("src=\"no_flow/v.mp4\"></video><figcaption>no_flow</figcaption>"));
  EXPECT_THAT(page, HasSubstr("<section data-steps=\"[100,150,200]\">")) << "the checkpoints of both";
  EXPECT_THAT(page, HasSubstr("max=\"2\" step=\"1\" value=\"2\"> <output>step 200</output>"));
  EXPECT_THAT(page, HasSubstr("data-files=\"[[100,&quot;full/y-100.png&quot;],[200,&quot;full/y-200.png&quot;]]\" "
                              "src=\"full/y-200.png\"><figcaption>full</figcaption>"));
  EXPECT_THAT(page, HasSubstr("<span class=\"run c0\">full</span> <span class=\"run c1\">no_flow</span>"));
  // Both lines of the total in one figure whose steps are those of both; the other curve has one line.
  const std::string total = page.substr(page.find("aria-label=\"G/total\""));
  const std::string figure = total.substr(0, total.find("</svg>"));
  EXPECT_THAT(figure, HasSubstr("<path class=\"run c0\""));
  EXPECT_THAT(figure, HasSubstr("<path class=\"run c1\""));
  EXPECT_THAT(figure, HasSubstr(">step 5</text>"));
  const std::string accuracy = page.substr(page.find("aria-label=\"mIoU\""));
  EXPECT_THAT(accuracy.substr(0, accuracy.find("</svg>")), HasSubstr(">t = 2</text>"));
  const std::string gan = page.substr(page.find("aria-label=\"G/gan\""));
  EXPECT_THAT(gan.substr(0, gan.find("</svg>")), Not(HasSubstr("run c1")));
}

TEST(AblationTable, RunsBeyondSixAreDashed) {
  EXPECT_EQ(class_of_run(5), "run c5");
  EXPECT_EQ(class_of_run(6), "run c0 dashed");
  EXPECT_EQ(class_of_run(12), "run c0");
}

}  // namespace
}  // namespace weft::report
