#include "tests/conformance/runner.h"

#include "framework/base/error.h"
#include "framework/base/text.h"
#include "tests/conformance/compare.h"
#include "tests/conformance/weight_files.h"

#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <iomanip>
#include <ostream>
#include <set>

namespace weft::conformance {
namespace {

namespace fs = std::filesystem;
using Verdict = Result::Verdict;

constexpr int kNumberWidth = 9;

bool is_fixture(const fs::path& file) {
  return file.extension() == ".safetensors";
}

bool is_case(const fs::path& file) {
  return is_fixture(file) || (file.extension() == ".pth" && fs::exists(file.parent_path() / "expected.json"));
}

const char* word(Verdict verdict) {
  switch (verdict) {
    case Verdict::Pass:
      return "pass";
    case Verdict::Fail:
      return "fail";
    case Verdict::Unsupported:
      return "unsupported";
  }
  return "";
}

std::string short_number(double number) {
  char buffer[40];
  std::snprintf(buffer, sizeof buffer, "%.3g", number);
  return buffer;
}

/// `name  error  tolerance`, in columns.
void print_columns(std::ostream& out, const std::string& name, size_t width, const OutputResult* output) {
  const bool has_numbers = output && output->fault.empty();
  out << std::left << std::setw(static_cast<int>(width)) << name << std::right << "  " << std::setw(kNumberWidth)
      << (has_numbers ? short_number(output->error) : "-") << "  " << std::setw(kNumberWidth)
      << (has_numbers ? short_number(output->tolerance) : "-") << "  ";
}

/// Text of several lines, indented.
void print_message(std::ostream& out, const std::string& message) {
  for (const std::string& line : split(message, '\n')) out << "    " << line << '\n';
}

void print_outputs(std::ostream& out, const Result& result, Options::Detail detail) {
  size_t width = 0;
  for (const OutputResult& output : result.outputs) width = std::max(width, output.name.size());
  for (const OutputResult& output : result.outputs) {
    if (detail == Options::Detail::Files && output.fault.empty()) continue;
    out << "    ";
    print_columns(out, output.name, width, &output);
    out << (output.passes ? "pass" : "fail") << (output.fault.empty() ? "" : "  ") << output.fault << '\n';
  }
}

void print(std::ostream& out, const std::string& file, size_t width, const Result& result, Options::Detail detail) {
  print_columns(out, file, width, worst(result));
  out << word(result.verdict) << '\n';
  if (result.verdict == Verdict::Fail || detail == Options::Detail::Outputs) {
    print_message(out, result.message);
  }
  print_outputs(out, result, detail);
  out.flush();
}

void count(Counts& counts, Verdict verdict) {
  if (verdict == Verdict::Pass) ++counts.passed;
  if (verdict == Verdict::Fail) ++counts.failed;
  if (verdict == Verdict::Unsupported) ++counts.skipped;
}

}  // namespace

std::vector<std::string> find_files(const Options& options) {
  std::set<std::string> files;
  const auto add = [&](const fs::path& file) {
    const bool is_wanted =
        matches(file.filename().string(), options.only) || matches(file.stem().string(), options.only);
    if (is_wanted) files.insert(file.string());
  };
  for (const std::string& path : options.paths) {
    if (!fs::exists(path)) throw Error(Exit::Usage, text(path, ": there is no such file or folder"));
    if (!fs::is_directory(path)) {
      add(path);
      continue;
    }
    for (const auto& found : fs::recursive_directory_iterator(path)) {
      if (found.is_regular_file() && is_case(found.path())) add(found.path());
    }
  }
  if (files.empty()) {
    throw Error(Exit::Usage, "there is nothing to run: no fixture and no weight file was found");
  }
  return {files.begin(), files.end()};
}

Counts run_files(const Cases& cases, const std::vector<std::string>& files, Options::Detail detail, std::ostream& out) {
  size_t width = 0;
  for (const std::string& file : files) width = std::max(width, file.size());
  Counts counts;
  for (const std::string& file : files) {
    const Result result = is_fixture(file) ? run_fixture(cases, file) : run_weight_file(file);
    print(out, file, width, result, detail);
    count(counts, result.verdict);
  }
  out << counts.passed << " passed, " << counts.failed << " failed, " << counts.skipped << " skipped\n";
  return counts;
}

}  // namespace weft::conformance
