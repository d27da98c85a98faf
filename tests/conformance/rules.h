#pragma once

#include "tests/conformance/fixture.h"

#include <string>

namespace weft::conformance {

/// What a fixture's config says in words: "10*inp('flow')", "inp('vis')>-0.5".

/// The first number after the place where `pattern` (a regular expression) matches in config's text `key`.
/// @throws Error  when it does not match, because the rule has another form
double number_after(const Fixture& fixture, const std::string& key, const std::string& pattern);

/// The factor before `what` in config's text `key`, as in "0.25*inp('y')"; 1 where nothing is multiplied.
/// @throws Error  when `what` does not occur
double factor_before(const Fixture& fixture, const std::string& key, const std::string& what);

/// The `kind` of loss.gan for vid2vid's option `gan_mode`; least squares without it.
/// @throws Error  for a mode that vid2vid does not have
std::string kind_of_gan(const nlohmann::json& config);

}  // namespace weft::conformance
