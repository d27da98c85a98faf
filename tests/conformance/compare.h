#pragma once

#include "tests/conformance/cases.h"

#include <string>
#include <vector>

namespace weft::conformance {

/// How one output, or one tensor of a weight file, compares with what is stored.
struct OutputResult {
  std::string name;
  double error = 0;
  double tolerance = 0;
  bool passes = false;
  std::string fault;  ///< why there is no error to compare, such as a missing output
};

/// What a file's line says.
struct Result {
  enum class Verdict { Pass, Fail, Unsupported };

  Verdict verdict = Verdict::Pass;
  std::string message;                ///< of a failure that is not a number
  std::vector<OutputResult> outputs;  ///< all that were compared
};

/// Runs the fixture's case and compares every stored output.
Result run_fixture(const Cases& cases, const std::string& file);

/// The output whose error is largest beside its tolerance; nullptr when there is none.
const OutputResult* worst(const Result& result);

/// Sets the verdict from the outputs.
Result judged(std::vector<OutputResult> outputs);

/// The difference of two tensors of one shape; infinite where only one of two numbers is a number. Equal
/// numbers differ by nothing, infinities and NaN included.
double measure(Tolerance::Measure measure, const at::Tensor& stored, const at::Tensor& computed);

}  // namespace weft::conformance
