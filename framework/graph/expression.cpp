#include "framework/graph/expression.h"

#include "framework/base/text.h"

#include <charconv>

namespace weft::graph {
namespace {

bool is_name_start(char c) {
  return c == '_' || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

/// A recursive descent over one line; the first fault stops it.
class Parser {
 public:
  Parser(std::string_view source, SyntaxFault& fault) : source_(source), fault_(fault) {}

  std::optional<Expression> parse() {
    Expression expression;
    do {
      auto term = parse_term();
      if (!term) return {};
      expression.terms.push_back(std::move(*term));
    } while (take_word("else"));
    if (at_ < source_.size()) {
      const bool is_ascii = static_cast<unsigned char>(source_[at_]) < 0x80;
      return fail(text("\"", source_.substr(at_), "\" cannot stand here; ",
                       is_ascii ? "write `a else b`" : "names have letters, digits and _"));
    }
    return expression;
  }

  std::optional<Bound> parse_bound() {
    auto sum = bound(false);
    if (sum && at_ < source_.size()) return fail(text("\"", source_.substr(at_), "\" cannot stand here; write a sum"));
    return sum;
  }

 private:
  std::optional<Term> parse_term() {
    skip_blanks();
    Term term;
    term.offset = at_;
    const std::string name = take_name();
    if (name.empty()) return fail(at_ < source_.size() ? "a name is expected here" : "a name is missing at the end");
    if (name == "else" || name == "before") return fail_at(term.offset, text("a name is missing before `", name, '`'));
    if (name == "zeros") {
      term.is_zeros = true;
    } else {
      term.name = name;
      if (take('.')) {
        term.output = take_name();
        if (term.output.empty()) return fail("the name of an output is missing after the dot");
        if (peek('.')) return fail("a reference is `node` or `node.output`; deeper paths are not visible from outside");
      }
      skip_blanks();
      if (peek('[')) {
        term.window = parse_window();
        if (!term.window) return {};
      }
    }
    if (take_word("before")) {
      term.before = bound(false);
      if (!term.before) return {};
    }
    term.length = at_ - term.offset;
    return term;
  }

  std::optional<TimeWindow> parse_window() {
    take('[');
    TimeWindow window;
    auto first = bound(true);
    if (!first) return {};
    window.first = window.last = *first;
    window.step.parts.push_back({1, "", 1, at_});
    if (take('.')) {
      if (!take('.')) return fail("a window is written with two dots, as in [t-2..t]");
      window.is_range = true;
      auto last = bound(true);
      if (!last) return {};
      window.last = *last;
      if (take(':')) {
        auto step = bound(false);
        if (!step) return {};
        window.step = *step;
      }
    }
    if (!take(']')) return fail("the closing ] is missing");
    return window;
  }

  /// A sum; of times the leading `t` is taken off.
  std::optional<Bound> bound(bool is_time) {
    skip_blanks();
    Bound bound;
    if (is_time) {
      const size_t begin = at_;
      if (take_name() != "t") return fail_at(begin, "a time is relative to t, as in [t-1] or [t-2..t]");
    } else if (!parse_part(1, bound)) {
      return {};
    }
    for (;;) {
      skip_blanks();
      const int sign = peek('+') ? 1 : peek('-') ? -1 : 0;
      if (sign == 0) return bound;
      ++at_;
      if (!parse_part(sign, bound)) return {};
    }
  }

  bool parse_part(int sign, Bound& bound) {
    skip_blanks();
    Bound::Part part{sign, "", 0, at_};
    if (at_ < source_.size() && is_digit(source_[at_])) {
      const auto [end, error] = std::from_chars(source_.data() + at_, source_.data() + source_.size(), part.number);
      if (error != std::errc() || part.number > 1'000'000'000) {
        fail("this number is too large");
        return false;
      }
      at_ = static_cast<size_t>(end - source_.data());
    } else {
      part.parameter = take_name();
      if (part.parameter.empty()) {
        fail("a whole number or the name of a parameter is expected here");
        return false;
      }
    }
    bound.parts.push_back(part);
    return true;
  }

  void skip_blanks() {
    while (at_ < source_.size() && source_[at_] == ' ') ++at_;
  }
  bool peek(char c) const { return at_ < source_.size() && source_[at_] == c; }
  bool take(char c) {
    skip_blanks();
    if (!peek(c)) return false;
    ++at_;
    return true;
  }
  std::string take_name() {
    skip_blanks();
    if (at_ >= source_.size() || !is_name_start(source_[at_])) return {};
    const size_t begin = at_;
    while (at_ < source_.size() && (is_name_start(source_[at_]) || is_digit(source_[at_]))) ++at_;
    return std::string(source_.substr(begin, at_ - begin));
  }
  bool take_word(std::string_view word) {
    skip_blanks();
    const size_t begin = at_;
    if (take_name() == word) return true;
    at_ = begin;
    return false;
  }

  std::nullopt_t fail(std::string message) { return fail_at(at_, std::move(message)); }
  std::nullopt_t fail_at(size_t offset, std::string message) {
    fault_ = {offset, std::move(message)};
    return std::nullopt;
  }

  std::string_view source_;
  SyntaxFault& fault_;
  size_t at_ = 0;
};

}  // namespace

std::optional<Expression> parse_expression(std::string_view source, SyntaxFault& fault) {
  return Parser(source, fault).parse();
}

std::optional<Bound> parse_bound(std::string_view source, SyntaxFault& fault) {
  return Parser(source, fault).parse_bound();
}

}  // namespace weft::graph
