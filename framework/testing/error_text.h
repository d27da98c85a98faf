#pragma once

#include "framework/base/error.h"

#include <string>

namespace weft::testing {

/// All that the weft::Error says with which `action` ends; empty when it ends well.
template <typename Action>
std::string error_text(const Action& action) {
  try {
    action();
  } catch (const Error& error) {
    return error.what();
  }
  return {};
}

}  // namespace weft::testing
