#include "framework/run/node_failure.h"

#include "framework/base/text.h"

#include <c10/util/Exception.h>

#include <new>

namespace weft::run {
namespace {

/// The first paragraph of a message: LibTorch's end with stack traces.
std::string first_paragraph(const std::string& message) {
  return message.substr(0, message.find("\nException raised from"));
}

}  // namespace

Error node_failure(std::exception_ptr thrown, const graph::FlatNode& node, int64_t frame, const std::string& inputs) {
  std::string context = text("in node \"", node.path, "\" (", node.spec->type, "), frame ", frame);
  if (node.place.line > 0) context += text(", ", node.place);
  const auto with_context = [&](Error error) {
    error.within(context);
    return error;
  };
  const std::string given = inputs.empty() ? "" : text("its inputs: ", inputs);
  try {
    std::rethrow_exception(thrown);
  } catch (const Error& error) {
    return with_context(error);
  } catch (const c10::OutOfMemoryError& error) {
    Error failure(Exit::Memory, text("out of memory: ", first_paragraph(error.what_without_backtrace())));
    return with_context(failure.within(given)).hint("a smaller size, or --precision bf16, needs less");
  } catch (const std::bad_alloc&) {
    Error failure(Exit::Memory, "out of memory");
    return with_context(failure.within(given)).hint("a smaller size, or --precision bf16, needs less");
  } catch (const c10::Error& error) {
    const std::string message = first_paragraph(error.what_without_backtrace());
    const bool is_memory = message.find("not enough memory") != std::string::npos;
    return with_context(Error(is_memory ? Exit::Memory : Exit::Failed, message).within(given));
  } catch (const std::exception& error) {
    return with_context(Error(Exit::Failed, first_paragraph(error.what())).within(given));
  }
}

}  // namespace weft::run
