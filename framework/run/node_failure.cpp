#include "framework/run/node_failure.h"

#include "framework/base/text.h"

#include <c10/util/Exception.h>

#include <cstdlib>
#include <new>
#include <string_view>

namespace weft::run {
namespace {

/// The first paragraph of a message: LibTorch's end with stack traces.
std::string first_paragraph(const std::string& message) {
  return message.substr(0, message.find("\nException raised from"));
}

/// What a library says, without stack traces.
std::string message_of(const std::exception& thrown) {
  const auto* of_libtorch = dynamic_cast<const c10::Error*>(&thrown);
  return first_paragraph(of_libtorch ? of_libtorch->what_without_backtrace() : thrown.what());
}

/// How much was asked for, where LibTorch says so.
std::string amount_in(const std::string& message) {
  constexpr std::string_view kBefore = "tried to allocate ";
  const size_t at = message.find(kBefore);
  const int64_t bytes = at == std::string::npos ? 0 : std::atoll(message.c_str() + at + kBefore.size());
  return bytes > 0 ? text(": ", bytes_text(bytes), " were asked for") : "";
}

}  // namespace

std::optional<Error> memory_failure(const std::exception& thrown) {
  const std::string message = message_of(thrown);
  const bool is_of_gpu = dynamic_cast<const c10::OutOfMemoryError*>(&thrown) != nullptr;
  // On a CPU LibTorch throws the same as for all else.
  const bool is_of_cpu = message.find("can't allocate memory") != std::string::npos ||
                         message.find("not enough memory") != std::string::npos;
  if (!is_of_gpu && !is_of_cpu && !dynamic_cast<const std::bad_alloc*>(&thrown)) return {};
  const std::string more = is_of_gpu ? text(": ", message) : amount_in(message);
  return Error(Exit::Memory, text("out of memory", more)).hint("a smaller size, or --precision bf16, needs less");
}

Error node_failure(std::exception_ptr thrown, const graph::FlatNode& node, int64_t frame, const std::string& inputs) {
  std::string context = text("in node \"", node.path, "\" (", node.spec->type, "), frame ", frame);
  if (node.place.line > 0) context += text(", ", node.place);
  const std::string given = inputs.empty() ? "" : text("its inputs: ", inputs);
  const auto with_context = [&](Error error) { return error.within(given).within(context); };
  try {
    std::rethrow_exception(thrown);
  } catch (const Error& error) {
    return with_context(error);
  } catch (const std::exception& error) {
    return with_context(memory_failure(error).value_or(Error(Exit::Failed, message_of(error))));
  }
}

}  // namespace weft::run
