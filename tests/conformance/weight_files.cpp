#include "tests/conformance/weight_files.h"

#include "framework/base/error.h"
#include "framework/base/text.h"
#include "framework/weights/shape_text.h"
#include "framework/weights/weight_file.h"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <filesystem>
#include <fstream>

namespace weft::conformance {
namespace {

using nlohmann::json;

// Sums in double, in another order than Python's: a few roundings beside the sum of magnitudes.
constexpr double kTolerance = 1e-12;
constexpr const char* kTrace = "pwned";  // what the hostile files would make in the working directory

json expected_of(const std::string& file) {
  const std::filesystem::path list = std::filesystem::path(file).parent_path() / "expected.json";
  std::ifstream in(list);
  if (!in) throw Error(Exit::Data, Place{list.string()}, "cannot be read");
  const json all = json::parse(in);
  const std::string name = std::filesystem::path(file).filename().string();
  if (!all.contains(name)) throw Error(Exit::Data, Place{list.string()}, text("does not list ", name));
  return all[name];
}

/// Python's name of a type: float32.
std::string type_text(at::ScalarType type) {
  switch (type) {
    case at::kHalf:
      return "float16";
    case at::kBFloat16:
      return "bfloat16";
    case at::kFloat:
      return "float32";
    case at::kDouble:
      return "float64";
    case at::kBool:
      return "bool";
    case at::kByte:
      return "uint8";
    default:
      return text("int", 8 * c10::elementSize(type));
  }
}

OutputResult compare(const std::string& name, const at::Tensor& tensor, const json& expected) {
  OutputResult result{name, 0, kTolerance, false, ""};
  const auto shape = expected.at("shape").get<std::vector<int64_t>>();
  const auto type = expected.at("dtype").get<std::string>();
  if (tensor.sizes() != at::IntArrayRef(shape) || type_text(tensor.scalar_type()) != type) {
    result.fault = text("should be ", type, ' ', weights::shape_text(shape), ", but is ",
                        type_text(tensor.scalar_type()), ' ', weights::shape_text(tensor));
    return result;
  }
  const at::Tensor numbers = tensor.to(at::kDouble);
  const double magnitude = std::max(numbers.abs().sum().item<double>(), 1e-300);
  result.error = std::abs(numbers.sum().item<double>() - expected.at("sum").get<double>()) / magnitude;
  result.passes = result.error <= kTolerance;
  return result;
}

Result compare_all(const weights::WeightFile& weights, const json& expected) {
  std::vector<OutputResult> outputs;
  for (const auto& [name, tensor] : weights.tensors) {
    if (expected.contains(name)) {
      outputs.push_back(compare(name, tensor, expected[name]));
    } else {
      outputs.push_back({name, 0, kTolerance, false, "should not be there"});
    }
  }
  for (const auto& [name, row] : expected.items()) {
    const auto has_name = [&, &name = name](const auto& tensor) { return tensor.first == name; };
    if (std::none_of(weights.tensors.begin(), weights.tensors.end(), has_name)) {
      outputs.push_back({name, 0, kTolerance, false, "is missing"});
    }
  }
  return judged(std::move(outputs));
}

Result expect_refusal(const std::string& file) {
  const bool was_there = std::filesystem::exists(kTrace);
  try {
    weights::read_weights(file);
  } catch (const Error& error) {
    const bool was_run = !was_there && std::filesystem::exists(kTrace);
    if (was_run) {
      return {Result::Verdict::Fail, "the file was run: it made `pwned` in the working directory", {}};
    }
    return judged({{"refused", 0, 0, error.exit() == Exit::Data, ""}});
  }
  return {Result::Verdict::Fail, "the file should be refused, but was read", {}};
}

}  // namespace

Result run_weight_file(const std::string& file) {
  try {
    const json expected = expected_of(file);
    return expected.is_string() ? expect_refusal(file) : compare_all(weights::read_weights(file), expected);
  } catch (const std::exception& error) {
    return {Result::Verdict::Fail, error.what(), {}};
  }
}

}  // namespace weft::conformance
