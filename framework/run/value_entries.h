#pragma once

#include "framework/node/archive.h"
#include "framework/node/value.h"

#include <string>

namespace weft::run {

/// Adds a value to named tensors: `name` for a tensor, `name/frame/0` … for a window, `name/real/0/score` … for a
/// judgement, `name/text` for a text.
void save_value(const std::string& name, const Value& value, Archive::Entries& entries);

/// The value of this name; empty when there is none.
Value load_value(const std::string& name, const Archive::Entries& entries);

}  // namespace weft::run
