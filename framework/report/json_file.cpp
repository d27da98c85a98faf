#include "framework/report/json_file.h"

#include "framework/base/error.h"
#include "framework/base/text.h"
#include "framework/data/ordinary_file.h"
#include "framework/weights/json_text.h"

#include <nlohmann/json.hpp>

namespace weft::report {

nlohmann::json read_json_file(const std::string& file) {
  constexpr int64_t kMost = 64 << 20;
  return weights::parse_json(file, data::read_small_text(file, kMost));
}

void read_fields(const std::string& file, const std::string& kind, const std::string& way_out,
                 const std::function<void()>& read) {
  try {
    read();
  } catch (const nlohmann::json::exception& error) {
    const bool is_missing = error.id == 403;  // of nlohmann: the key is not there
    throw Error(Exit::Data, Place{file},
                text("is no ", kind, ": ", is_missing ? "a field is missing" : "a field has another type"))
        .hint(way_out);
  }
}

}  // namespace weft::report
