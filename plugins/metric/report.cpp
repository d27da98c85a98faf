#include "framework/base/error.h"
#include "framework/base/text.h"
#include <weft/node.h>

#include <cstdio>
#include <fstream>

namespace weft::metric {
namespace {

/// Says the mean of a number over each sequence, and writes the number of every frame to a file.
struct Report {
  static constexpr bool on_host = true;
  static constexpr auto about =
      "Reports the mean of a number at the end of each sequence; with `path`, writes the number of every frame to a "
      "CSV file with rows `sequence,frame,value`";

  std::string name;
  Path path;

  void params(Params& p) {
    p("name", name, "name of the number in the report").required();
    p("path", path, "the CSV file; default: none");
  }

  void run(In<"value", "scalar"> value, Context& context) {
    const double number = value->item<double>();
    sum_ += number;
    ++frames_;
    if (!path.empty()) write(number, context);
  }

  void reset() { sum_ = 0, frames_ = 0; }

  void finish(Context& context) {
    if (frames_ == 0) return;
    char mean[40];
    std::snprintf(mean, sizeof mean, "%.4g", sum_ / static_cast<double>(frames_));
    const std::string& sequence = context.sequence();
    context.log().note(text(sequence, sequence.empty() ? "" : ": ", name, ' ', mean, " over ", frames_,
                            frames_ == 1 ? " frame" : " frames"));
    file_.flush();
    check_file();
  }

 private:
  void write(double number, const Context& context) {
    if (!file_.is_open()) {
      file_.open(path);
      file_ << "sequence,frame," << name << '\n';
    }
    file_ << context.sequence() << ',' << context.frame() << ',' << number_text(number) << '\n';
    check_file();
  }
  void check_file() const {
    if (!path.empty() && !file_) throw Error(Exit::Failed, text("cannot write ", path));
  }

  std::ofstream file_;
  double sum_ = 0;
  int64_t frames_ = 0;
};

}  // namespace

void add_report(Registry& registry) {
  registry.add<Report>("metric.report");
}

}  // namespace weft::metric
