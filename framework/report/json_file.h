#pragma once

#include <nlohmann/json_fwd.hpp>

#include <functional>
#include <string>

namespace weft::report {

/// What a JSON file of a report, a study or its answers holds.
/// @throws Error  (Data) when it cannot be read, has more than 64 MB, or is no JSON
nlohmann::json read_json_file(const std::string& file);

/// Does `read`, which takes fields of such a file by name.
/// @param kind     "report of metrics", as in "is no report of metrics"
/// @param way_out  a hint
/// @throws Error   (Data) when a field is missing or has another type
void read_fields(const std::string& file, const std::string& kind, const std::string& way_out,
                 const std::function<void()>& read);

}  // namespace weft::report
