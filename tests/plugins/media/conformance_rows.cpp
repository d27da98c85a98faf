#include "tests/plugins/media/conformance_rows.h"

#include <nlohmann/json.hpp>

#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iterator>

namespace weft::testing {

Rows read_rows(const std::string& name) {
  const char* shared = std::getenv("WEFT_SHARED");
  const std::filesystem::path folder = shared ? shared : std::filesystem::path(WEFT_SOURCE_DIR) / ".." / "shared";
  std::ifstream in(folder / "conformance" / "vid2vid" / (name + ".safetensors"), std::ios::binary);
  const std::string bytes(std::istreambuf_iterator<char>(in), {});
  if (bytes.empty()) return {};
  uint64_t header_size = 0;
  std::memcpy(&header_size, bytes.data(), sizeof header_size);
  const auto header = nlohmann::json::parse(bytes.substr(8, header_size));
  const auto fixture = nlohmann::json::parse(header["__metadata__"]["fixture"].get<std::string>());
  Rows table{fixture["config"]["resize_or_crop"], {}};
  const size_t row_count = header["rows"]["shape"][0], column_count = header["rows"]["shape"][1];
  const char* at = bytes.data() + 8 + header_size + header["rows"]["data_offsets"][0].get<size_t>();
  for (size_t i = 0; i < row_count * column_count; ++i, at += sizeof(float)) {
    float number = 0;
    std::memcpy(&number, at, sizeof number);
    if (i % column_count == 0) table.rows.emplace_back();
    table.rows.back().push_back(static_cast<int64_t>(number));
  }
  return table;
}

}  // namespace weft::testing
