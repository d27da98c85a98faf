#include "framework/engines/model_file.h"

#include "framework/base/error.h"
#include "framework/base/text.h"

#include <c10/util/Exception.h>

#include <algorithm>
#include <filesystem>

namespace weft::engines {

void check_exists(const std::string& path) {
  std::error_code error;
  if (!std::filesystem::is_regular_file(path, error))
    throw Error(Exit::Data, text(path, ": there is no such model file"));
}

std::string short_text(const std::exception& fault) {
  const auto* of_torch = dynamic_cast<const c10::Error*>(&fault);
  std::string out = of_torch ? of_torch->what_without_backtrace() : fault.what();
  out.resize(std::min<size_t>(out.size(), 400));
  for (char& c : out) c = c >= ' ' && c != 127 ? c : ' ';
  return out;
}

}  // namespace weft::engines
