#include "framework/report/report.h"
#include "tests/fuzz/fuzz.h"

void weft::fuzz::read_input(std::string_view input) {
  report::Curves curves;
  curves.read_log(file_of(input));
  report::Report report;
  report.curves = &curves;
  report::html_of(report);
}
