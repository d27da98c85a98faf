#include "framework/graph/shipped.h"

#include <dlfcn.h>

#include <filesystem>

namespace weft::graph {

namespace fs = std::filesystem;

std::string shipped_graphs() {
  Dl_info own{};
  if (::dladdr(reinterpret_cast<const void*>(&shipped_graphs), &own) == 0 || !own.dli_fname) return {};
  std::error_code error;
  const fs::path libraries = fs::weakly_canonical(fs::absolute(own.dli_fname, error), error).parent_path();
  for (const fs::path& place : {libraries / "../share/weft/graphs", libraries / "../../graphs"}) {
    if (fs::is_directory(place, error)) return place.lexically_normal().string();
  }
  return {};
}

bool is_shipped(const std::string& path) {
  return path.starts_with(kShippedPrefix);
}

}  // namespace weft::graph
