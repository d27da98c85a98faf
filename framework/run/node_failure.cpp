#include "framework/run/node_failure.h"

#include "framework/base/memory.h"
#include "framework/base/text.h"

#include <c10/util/Exception.h>

#include <cstdlib>
#include <filesystem>
#include <new>
#include <string_view>
#include <system_error>

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

/// What oneDNN says when it has no memory for its code or its numbers.
bool is_of_onednn(std::string_view message) {
  return message == "could not create a primitive" || message == "could not create a memory object" ||
         message == "could not execute a primitive";
}

/// Whether memory could not be had, or a thread, which most often wants it for its stack.
bool is_of_memory(const std::exception& thrown, const std::string& message) {
  if (dynamic_cast<const std::bad_alloc*>(&thrown) || dynamic_cast<const c10::OutOfMemoryError*>(&thrown)) return true;
  const auto* of_system = dynamic_cast<const std::system_error*>(&thrown);
  if (of_system && (of_system->code() == std::errc::not_enough_memory ||
                    of_system->code() == std::errc::resource_unavailable_try_again))
    return true;
  // On a CPU LibTorch throws the same as for all else.
  return message.find("can't allocate memory") != std::string::npos ||
         message.find("not enough memory") != std::string::npos || is_of_onednn(message) || is_memory_short();
}

Error memory_failure(const std::exception& thrown, const std::string& message) {
  const bool says_all =
      dynamic_cast<const std::bad_alloc*>(&thrown) || message.find("memory: you") != std::string::npos;
  const bool is_of_thread = dynamic_cast<const std::system_error*>(&thrown) != nullptr;
  const std::string more =
      says_all ? amount_in(message) : text(is_of_thread ? ": no thread can be started: " : ": ", message);
  return Error(Exit::Memory, text("out of memory", more)).hint("a smaller size, or --precision bf16, needs less");
}

std::string place_of(const graph::FlatNode& node) {
  return node.place.line > 0 ? text(", ", node.place) : "";
}

}  // namespace

Error failure_of(const std::exception_ptr& thrown) {
  try {
    std::rethrow_exception(thrown);
  } catch (const Error& error) {
    return error;
  } catch (const std::filesystem::filesystem_error& error) {
    if (is_of_memory(error, error.what())) return memory_failure(error, error.what());
    return {Exit::Data, text(error.path1().string().substr(0, 200), ": ", error.code().message())};
  } catch (const std::exception& error) {
    const std::string message = message_of(error);
    return is_of_memory(error, message) ? memory_failure(error, message) : Error(Exit::Failed, message);
  } catch (...) {  // of a plugin, which may throw anything
    return {Exit::Failed, "something was thrown that is no std::exception"};
  }
}

Error making_failure(const std::exception_ptr& thrown, const graph::FlatNode& node) {
  return failure_of(thrown).within(text("in node \"", node.path, "\" (", node.spec->type, ')', place_of(node)));
}

Error node_failure(const std::exception_ptr& thrown, const graph::FlatNode& node, int64_t frame,
                   const std::string& inputs) {
  const std::string context =
      text("in node \"", node.path, "\" (", node.spec->type, "), frame ", frame, place_of(node));
  return failure_of(thrown).within(inputs.empty() ? "" : text("its inputs: ", inputs)).within(context);
}

}  // namespace weft::run
