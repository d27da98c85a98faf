#include "tests/conformance/compare.h"

#include "framework/base/error.h"
#include "framework/base/text.h"

#include <ATen/TensorOperators.h>
#include <ATen/ops/scalar_tensor.h>
#include <ATen/ops/where.h>

#include <algorithm>
#include <limits>
#include <stdexcept>

namespace weft::conformance {
namespace {

constexpr double kInfinity = std::numeric_limits<double>::infinity();

double number(const at::Tensor& tensor) {
  return tensor.item<double>();
}

/// How far mean and mean magnitude of a whole output are from the original's, where the file keeps only some
/// numbers of it: neither can differ by more than the largest difference of two numbers.
///
/// Sums in another order than the original's: differences below kRounding of the magnitude say nothing.
double difference_of_means(const Fixture& fixture, const std::string& output, const at::Tensor& computed) {
  constexpr double kRounding = 1e-12;
  const nlohmann::json& outputs = fixture.description().value("outputs", nlohmann::json::object());
  if (!outputs.contains(output) || outputs[output].value("flat_stride", 1) == 1) return 0;
  const at::Tensor numbers = computed.to(at::kDouble);
  const double magnitude = outputs[output].at("absmean").get<double>();
  const double difference = std::max(std::abs(number(numbers.mean()) - outputs[output].at("mean").get<double>()),
                                     std::abs(number(numbers.abs().mean()) - magnitude));
  return std::max(0.0, difference - kRounding * magnitude);
}

OutputResult compare(const Case& area, const Fixture& fixture, const Tensors& computed, const std::string& output) {
  const Tolerance tolerance = area.tolerance(fixture, output);
  OutputResult result{output, kInfinity, tolerance.bound, false, ""};
  const auto found = computed.find(output);
  if (found == computed.end() || !found->second.defined()) {
    result.fault = "was not computed";
    return result;
  }
  try {
    const at::Tensor picked = fixture.picked(output, found->second);
    result.error = measure(tolerance.measure, fixture.stored(output).flatten(), picked);
    if (tolerance.measure != Tolerance::Measure::Fraction) {
      result.error = std::max(result.error, difference_of_means(fixture, output, found->second));
    }
    result.passes = result.error <= tolerance.bound;
  } catch (const std::exception& error) {
    result.fault = error.what();
  }
  return result;
}

/// Errors as shares of their tolerances, for ordering.
double share(const OutputResult& output) {
  if (!output.fault.empty()) return kInfinity;
  return output.error == 0 ? 0 : output.error / output.tolerance;
}

}  // namespace

double measure(Tolerance::Measure measure, const at::Tensor& stored, const at::Tensor& computed) {
  if (stored.numel() == 0) return 0;
  const at::Tensor a = stored.to(at::kDouble), b = computed.to(at::kCPU, at::kDouble);
  const at::Tensor same = (a == b).logical_or(a.isnan().logical_and(b.isnan()));
  if (measure == Tolerance::Measure::Fraction) {
    const double present = number((a != 0).logical_or(b != 0).sum());
    return present == 0 ? 0 : number(same.logical_not().sum()) / present;
  }
  const at::Tensor difference =
      at::where(same, at::scalar_tensor(0.0, a.options()), (a - b).abs().nan_to_num(kInfinity, kInfinity));
  return number(measure == Tolerance::Measure::Mean ? difference.mean() : difference.max());
}

const OutputResult* worst(const Result& result) {
  const auto found = std::max_element(result.outputs.begin(), result.outputs.end(),
                                      [](const auto& a, const auto& b) { return share(a) < share(b); });
  return found == result.outputs.end() ? nullptr : &*found;
}

Result judged(std::vector<OutputResult> outputs) {
  const bool passes = std::all_of(outputs.begin(), outputs.end(), [](const auto& output) { return output.passes; });
  return {passes ? Result::Verdict::Pass : Result::Verdict::Fail, "", std::move(outputs)};
}

Result run_fixture(const Cases& cases, const std::string& file) {
  try {
    const Fixture fixture(file);
    const auto found = cases.find(fixture.module());
    if (found == cases.end() || (found->second.is_for && !found->second.is_for(fixture))) {
      return {Result::Verdict::Unsupported, text("there is no case for \"", fixture.module(), '"'), {}};
    }
    const Tensors computed = found->second.compute(fixture);
    if (fixture.output_names().empty()) {
      return {Result::Verdict::Fail, "the file has no outputs to compare", {}};
    }
    std::vector<OutputResult> outputs;
    for (const std::string& output : fixture.output_names()) {
      outputs.push_back(compare(found->second, fixture, computed, output));
    }
    return judged(std::move(outputs));
  } catch (const Error& error) {
    return {Result::Verdict::Fail, error.what(), {}};
  } catch (const std::out_of_range&) {
    return {
        Result::Verdict::Fail, "the runner does not take this configuration: it wants an entry that is not there", {}};
  } catch (const std::exception& error) {
    return {Result::Verdict::Fail, text("the runner does not take this configuration: ", error.what()), {}};
  }
}

}  // namespace weft::conformance
