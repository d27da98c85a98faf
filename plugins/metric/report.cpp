#include "framework/base/csv.h"
#include "framework/base/error.h"
#include "framework/base/text.h"
#include "plugins/metric/results.h"

#include <cmath>
#include <cstdio>
#include <fstream>
#include <map>
#include <vector>

namespace weft::metric {
namespace {

struct WeightedMean {
  double sum = 0, weight = 0;

  void add(double number, double counts) {
    sum += number * counts;
    weight += counts;
  }
  double value() const { return sum / weight; }
};

/// Says the mean of a number over each sequence and over all of them, and writes it to files.
struct Report {
  static constexpr bool on_host = true;
  static constexpr auto about =
      "Reports the mean of a number at the end of each sequence, and at the end of the run the mean and the standard "
      "deviation over all sequences, with the settings of the metric. `path` is a CSV file with the number of every "
      "frame, rows `sequence,frame,value`; `table` and `json` have the means. Memory: one number for each sequence";

  Reporting reporting;
  Path path;
  int64_t start = 0;

  void params(Params& p) {
    reporting.declare(p, "name of the number in the report");
    reporting.declare_by_frame(p, "the mean");
    p("path", path, "the CSV file of all frames; default: none");
    p("start", start, "the first t that counts, such as the number of frames that are given").min(0);
  }

  void run(In<"value", "scalar"> value, Opt<"weight", "scalar"> weight, Context& context) {
    if (context.frame() < start) return;
    const double number = value->item<double>(), counts = weight ? weight->item<double>() : 1;
    check(number, counts, context);
    if (counts > 0) {
      ++frames_;
      mean_.add(number, counts);
      if (reporting.by_frame) by_frame_[context.frame()].add(number, counts);
    }
    if (!path.empty()) write(number, context);
  }

  void reset() {
    mean_ = {};
    frames_ = 0;
  }

  void finish(Context& context) {
    if (!path.empty() && file_.is_open()) {
      file_.flush();
      check_file();
    }
    if (frames_ == 0) return;
    const std::string& sequence = context.sequence();
    sequences_.push_back({sequence, frames_, mean_.value()});
    char mean[40];
    std::snprintf(mean, sizeof mean, "%.4g", sequences_.back().value);
    context.log().note(text(sequence, sequence.empty() ? "" : ": ", reporting.name, ' ', mean, " over ", frames_,
                            frames_ == 1 ? " frame" : " frames"));
  }

  void complete(Context& context) {
    if (sequences_.empty() && context.is_broken_off()) return;
    if (sequences_.empty()) {
      throw Error(Exit::Data, text("there is no value of \"", reporting.name, "\" to report: no frame had one"))
          .hint(start == 0
                    ? "`weft plan` shows at which t the metric runs"
                    : text("it counts from t = ", start, " on, `start`; `weft plan` shows at which t the metric runs"));
    }
    const bool is_alone = sequences_.size() == 1 && reporting.json.empty() && reporting.table.empty();
    if (!is_alone) reporting.publish(findings(context), context);
  }

 private:
  void check(double number, double counts, const Context& context) const {
    if (std::isfinite(number) && counts >= 0 && std::isfinite(counts)) return;
    const char* fault =
        std::isfinite(number) ? "has a weight that is negative or not finite" : "is not a finite number";
    throw Error(Exit::NotFinite, text('"', reporting.name, "\" ", fault, " at frame ", context.frame(),
                                      context.sequence().empty() ? "" : " of sequence ", context.sequence()))
        .hint("--peek of its inputs shows where it begins");
  }

  Findings findings(const Context& context) const {
    double sum = 0, squares = 0;
    int64_t frames = 0;
    for (const SequenceMean& mean : sequences_) {
      sum += mean.value;
      frames += mean.frames;
    }
    const auto n = static_cast<double>(sequences_.size());
    for (const SequenceMean& mean : sequences_) squares += (mean.value - sum / n) * (mean.value - sum / n);
    Number number{reporting.name, sum / n};
    if (sequences_.size() > 1) number.deviation = std::sqrt(squares / (n - 1));
    const auto count = static_cast<int64_t>(sequences_.size());
    return {.metric = reporting.name,
            .method = reporting.method,
            .settings = context.origin("value"),
            .samples = text("mean of ", count_text(count, "sequence"), ", ", count_text(frames, "frame")),
            .numbers = {number},
            .sequences = sequences_,
            .by_frame = curve(),
            .is_broken_off = context.is_broken_off()};
  }

  FrameCurve curve() const {
    FrameCurve curve{reporting.name, {}};
    for (const auto& [t, mean] : by_frame_) curve.points.push_back({t, mean.value()});
    return curve;
  }

  void write(double number, const Context& context) {
    if (!file_.is_open()) {
      file_.open(path);
      file_ << "sequence,frame," << csv_field(reporting.name) << '\n';
    }
    file_ << csv_field(context.sequence()) << ',' << context.frame() << ',' << number_text(number) << '\n';
    check_file();
  }
  void check_file() const {
    if (!file_) throw Error(Exit::Failed, text("cannot write ", path));
  }

  std::ofstream file_;
  WeightedMean mean_;   ///< of the sequence
  int64_t frames_ = 0;  ///< with a weight above 0
  std::vector<SequenceMean> sequences_;
  std::map<int64_t, WeightedMean> by_frame_;
};

}  // namespace

void add_report(Registry& registry) {
  registry.add<Report>("metric.report");
}

}  // namespace weft::metric
