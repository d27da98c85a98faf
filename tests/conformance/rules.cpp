#include "tests/conformance/rules.h"

#include "framework/base/error.h"
#include "framework/base/text.h"

#include <map>
#include <regex>

namespace weft::conformance {
namespace {

constexpr const char* kNumber = "([-+]?[0-9.]+(?:e[-+]?[0-9]+)?)";

[[noreturn]] void refuse(const Fixture& fixture, const std::string& key, const std::string& wanted) {
  throw Error(Exit::Data, Place{fixture.file()}, text("its rule for \"", key, "\" has no ", wanted));
}

}  // namespace

double number_after(const Fixture& fixture, const std::string& key, const std::string& pattern) {
  const auto rule = fixture.config().at(key).get<std::string>();
  std::smatch match;
  if (!std::regex_search(rule, match, std::regex(pattern + " *" + kNumber))) refuse(fixture, key, pattern);
  return std::stod(match[1]);
}

double factor_before(const Fixture& fixture, const std::string& key, const std::string& what) {
  const auto rule = fixture.config().at(key).get<std::string>();
  const size_t place = rule.find(what);
  if (place == std::string::npos) refuse(fixture, key, what);
  const std::string before = rule.substr(0, place);
  std::smatch match;
  return std::regex_search(before, match, std::regex(std::string(kNumber) + " *\\* *$")) ? std::stod(match[1]) : 1;
}

std::string kind_of_gan(const nlohmann::json& config) {
  static const std::map<std::string, std::string> kinds = {
      {"ls", "least_squares"}, {"hinge", "hinge"}, {"original", "vanilla"}, {"w", "wasserstein"}};
  const std::string mode = config.value("gan_mode", "ls");
  const auto found = kinds.find(mode);
  if (found == kinds.end()) throw Error(Exit::Data, text("there is no `gan_mode` \"", mode, '"'));
  return found->second;
}

}  // namespace weft::conformance
