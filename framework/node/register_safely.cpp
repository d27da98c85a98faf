#include "framework/include/weft/node.h"

#include <exception>

namespace weft::detail {

const char* register_safely(Registry& registry, void (*add_nodes)(Registry&)) noexcept {
  static thread_local std::string fault;
  try {
    add_nodes(registry);
    return nullptr;
  } catch (const std::exception& error) {
    fault = error.what();
  } catch (...) {  // the border of a foreign library: nothing may pass it
    fault = "its registration threw something that is no std::exception";
  }
  return fault.c_str();
}

}  // namespace weft::detail
