#pragma once

#include "framework/base/error.h"
#include "framework/graph/flat_graph.h"

#include <exception>
#include <string>

namespace weft::run {

/// Makes one Error of whatever was thrown: an Error stays as it is; memory or a thread that could not be had is
/// Exit::Memory; of all else there is what its library says, without stack traces.
Error failure_of(const std::exception_ptr& thrown);

/// The same of what went wrong while a node was made: also which one, and where the graph names it.
Error making_failure(const std::exception_ptr& thrown, const graph::FlatNode& node);

/// Does `work`. What a library throws in it becomes an Error that says what was being done; Errors know that themselves.
template <typename Work>
auto within(const std::string& doing, Work work) -> decltype(work()) {
  try {
    return work();
  } catch (const Error&) {
    throw;
  } catch (const std::exception&) {
    throw failure_of(std::current_exception()).within(doing);
  }
}

/// Makes one Error of what a node threw: its own text, then node, frame, place, and the shapes of its inputs.
Error node_failure(const std::exception_ptr& thrown, const graph::FlatNode& node, int64_t frame,
                   const std::string& inputs);

}  // namespace weft::run
