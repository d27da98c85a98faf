#include "framework/graph/expression.h"

#include "tests/fuzz/fuzz.h"

void weft::fuzz::read_input(std::string_view input) {
  graph::SyntaxFault fault;
  if (graph::parse_expression(input, fault)) return;
  if (fault.message.empty() || fault.offset > input.size()) fail("a fault has no message, or lies behind the text");
}
