#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace weft::graph {

/// A whole number that may depend on parameters: `3`, `L`, `L - 1`, `seen + 2`.
struct Bound {
  struct Part {
    int sign = 1;
    std::string parameter;  ///< empty: the part is `number`
    int64_t number = 0;
    size_t offset = 0;  ///< in the text
  };
  std::vector<Part> parts;  ///< their sum
};

/// `[t-2..t:2]`: which frames of a stream a term reads.
struct TimeWindow {
  Bound first;  ///< relative to t
  Bound last;
  Bound step;
  bool is_range = false;  ///< `..` was written: the value gets a time dimension
};

/// `ref`, `ref[window]`, `… before bound`, or `zeros`.
struct Term {
  bool is_zeros = false;
  std::string name;    ///< of a node, stream or input
  std::string output;  ///< after the dot; may be empty
  std::optional<TimeWindow> window;
  std::optional<Bound> before;
  size_t offset = 0;  ///< in the text
  size_t length = 0;
};

/// At each t the first term that is present: `given else blend`.
struct Expression {
  std::vector<Term> terms;
};

/// What is wrong with a text that should be an expression.
struct SyntaxFault {
  size_t offset = 0;
  std::string message;
};

/// Reads the reference language of docs/graph-format.md:
///
///   expr = term { " else " term }
///   term = ref [ "[" time [ ".." time [ ":" step ] ] "]" ] [ " before " bound ] | "zeros"
///   time = "t" { ("+"|"-") (integer | parameter) }       bound = (integer | parameter) { ("+"|"-") … }
std::optional<Expression> parse_expression(std::string_view source, SyntaxFault& fault);

/// Reads a `bound` alone.
std::optional<Bound> parse_bound(std::string_view source, SyntaxFault& fault);

}  // namespace weft::graph
