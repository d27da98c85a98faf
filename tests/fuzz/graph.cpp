#include "framework/graph/check.h"
#include "framework/graph/graph_text.h"
#include "framework/testing/node_runner.h"
#include "tests/fuzz/fuzz.h"

void weft::fuzz::read_input(std::string_view input) {
  graph::Diagnostics diagnostics;
  const graph::Checked checked = graph::check(file_of(input), {}, testing::NodeRunner::built_plugins(), diagnostics);
  for (const graph::Diagnostic& one : diagnostics.all()) check_message(one.text());
  if (checked.typed) {
    graph::values_text(checked.graph());
    graph::dot_text(*checked.typed);
  }
  for (const std::optional<graph::Plan>& plan : {checked.run, checked.train}) {
    if (plan) graph::resolved_text(*plan);
  }
}
