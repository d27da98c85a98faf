#pragma once

#include "framework/node/archive.h"
#include "framework/node/value.h"

#include <optional>
#include <string>

namespace weft::run {

/// Adds a value to named tensors: `name` for a tensor, `name/frame/0` … for a window, `name/real/0/score` … for a
/// record, whose counts are `name/N`, and `name/text` for a text. A one-hot map by its ids is `name/ids`, with the numbers of
/// channels in `name/channels` and one number of the map's type in `name/type`; in a window it is a map.
void save_value(const std::string& name, const Value& value, Archive::Entries& entries);

/// The value of this name; empty when there is none.
/// @param kind  that of its stream, which says what record it is
/// @throws Error  (Exit::Failed, Exit::Data) when it is a record or a one-hot map whose tensors do not fit it
Value load_value(const std::string& name, const std::optional<Kind>& kind, const Archive::Entries& entries);

}  // namespace weft::run
