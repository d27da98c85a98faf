#include "framework/base/csv.h"

namespace weft {

std::string csv_field(const std::string& content) {
  if (content.find_first_of(",\"\n\r") == std::string::npos) return content;
  std::string quoted = "\"";
  for (const char c : content) quoted += c == '"' ? std::string("\"\"") : std::string(1, c);
  return quoted + '"';
}

}  // namespace weft
