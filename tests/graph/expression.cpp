#include "framework/graph/expression.h"

#include <gtest/gtest.h>

namespace weft::graph {
namespace {

std::string fault_of(std::string_view source) {
  SyntaxFault fault;
  return parse_expression(source, fault) ? "" : std::to_string(fault.offset) + ": " + fault.message;
}

TEST(Expression, ATermHasNameOutputWindowAndBound) {
  SyntaxFault fault;
  const auto expression = parse_expression("w.flow[t-6..t:3] before n + 1 else zeros", fault);
  ASSERT_TRUE(expression) << fault.message;
  ASSERT_EQ(expression->terms.size(), 2U);
  const Term& term = expression->terms.front();
  EXPECT_EQ(term.name, "w");
  EXPECT_EQ(term.output, "flow");
  ASSERT_TRUE(term.window);
  EXPECT_TRUE(term.window->is_range);
  EXPECT_EQ(term.window->first.parts.front().number, 6);
  EXPECT_EQ(term.window->first.parts.front().sign, -1);
  EXPECT_TRUE(term.window->last.parts.empty());
  EXPECT_EQ(term.window->step.parts.front().number, 3);
  ASSERT_TRUE(term.before);
  EXPECT_EQ(term.before->parts.front().parameter, "n");
  EXPECT_EQ(term.before->parts.back().number, 1);
  EXPECT_TRUE(expression->terms.back().is_zeros);
}

TEST(Expression, OneFrameIsNoRange) {
  SyntaxFault fault;
  const auto expression = parse_expression("x[t-1]", fault);
  ASSERT_TRUE(expression);
  EXPECT_FALSE(expression->terms.front().window->is_range);
}

TEST(Expression, FaultsHaveAnOffsetAndSayWhatIsExpected) {
  EXPECT_EQ(fault_of(""), "0: a name is missing at the end");
  EXPECT_EQ(fault_of("x else"), "6: a name is missing at the end");
  EXPECT_EQ(fault_of("else x"), "0: a name is missing before `else`");
  EXPECT_EQ(fault_of("x[1]"), "2: a time is relative to t, as in [t-1] or [t-2..t]");
  EXPECT_EQ(fault_of("x[t-2.t]"), "6: a window is written with two dots, as in [t-2..t]");
  EXPECT_EQ(fault_of("x[t-1"), "5: the closing ] is missing");
  EXPECT_EQ(fault_of("a.b.c"), "3: a reference is `node` or `node.output`; deeper paths are not visible from outside");
  EXPECT_EQ(fault_of("x before"), "8: a whole number or the name of a parameter is expected here");
  EXPECT_EQ(fault_of("a b"), "2: \"b\" cannot stand here; write `a else b`");
  EXPECT_EQ(fault_of("x[t-99999999999]"), "4: this number is too large");
}

}  // namespace
}  // namespace weft::graph
