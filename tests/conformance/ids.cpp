#include "tests/conformance/ids.h"

#include "framework/base/error.h"
#include "framework/base/text.h"

#include <ATen/TensorOperators.h>
#include <ATen/ops/floor.h>

#include <regex>

namespace weft::conformance {
namespace {

/// The numbers that the groups of a pattern match.
std::vector<int64_t> numbers(const std::string& words, const std::string& pattern) {
  std::smatch match;
  if (!std::regex_search(words, match, std::regex(pattern)))
    throw Error(Exit::Data, text("\"", words, "\" has nothing like ", pattern));
  std::vector<int64_t> found;
  for (size_t group = 1; group < match.size(); ++group) found.push_back(std::stoll(match[group]));
  return found;
}

}  // namespace

int64_t ids_of_rule(const std::string& rule) {
  return numbers(rule, R"(/2\*(\d+))").front();
}

at::Tensor ids_by_rule(const Fixture& fixture, const std::string& input, const std::string& rule, int64_t height,
                       int64_t width) {
  const at::Tensor coarse = fixture.input(input);
  const at::Tensor ids = at::floor((coarse + 1) / 2 * static_cast<double>(ids_of_rule(rule))).to(at::kLong);
  return ids.repeat_interleave(height / ids.size(-2), -2).repeat_interleave(width / ids.size(-1), -1);
}

at::Tensor ids_by_rule(const Fixture& fixture, const std::string& input, const std::string& rule) {
  const std::vector<int64_t> cell = numbers(rule, R"((?:blocks|repeated) (\d+)x(\d+))");
  const at::Tensor coarse = fixture.input(input);
  return ids_by_rule(fixture, input, rule, coarse.size(-2) * cell[0], coarse.size(-1) * cell[1]);
}

int64_t number_behind(const std::string& words, const std::string& word) {
  return numbers(words, word + R"( (\d+))").front();
}

void fill(testing::NodeRunner& node, const Tensors& params) {
  for (const auto& [key, parameter] : node.module().tensors()) parameter->set(params.at(key).clone());
}

}  // namespace weft::conformance
