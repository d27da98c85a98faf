#include "framework/graph/toml_guard.h"

#include "framework/base/text.h"

#include <algorithm>
#include <vector>

namespace weft::graph {
namespace {

/// Real keys, such as set.update.G.loss.match, have a few.
constexpr size_t kMostKeyParts = 16;
/// Lists and tables in values. toml++ has a limit of its own, but counts values alone; keys with dots in each of them
/// would make a tree that is 16 times as deep.
constexpr size_t kDeepestValue = 64;

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

bool is_ascii(char c) {
  return static_cast<unsigned char>(c) < 0x80;
}

bool begins_key(char c) {
  return is_digit(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || c == '-' || c == '"' ||
         c == '\'';
}

/// A number has a minus at its beginning and in its exponent alone, and never a colon.
bool looks_like_date(std::string_view word) {
  for (size_t at = 1; at < word.size(); ++at) {
    const bool is_of_exponent = word[at - 1] == 'e' || word[at - 1] == 'E';
    if (word[at] == ':' || (word[at] == '-' && !is_of_exponent)) return true;
  }
  return false;
}

/// Goes through a text as toml++ does, statement by statement, as far as the two see the same.
class Guard {
 public:
  explicit Guard(std::string_view source) : source_(source) {}

  std::optional<TomlFault> run() {
    if (source_.starts_with("\xEF\xBB\xBF")) at_ = 3;
    while (at_ < source_.size() && !fault_) read();
    return std::move(fault_);
  }

 private:
  static constexpr const char* kPlainHint = "a text stands in straight quotes: \"text\"";

  void fail(size_t offset, std::string message, std::string hint = {}) {
    if (!fault_) fault_ = TomlFault{offset, std::move(message), std::move(hint)};
  }
  char peek(size_t further = 0) const { return at_ + further < source_.size() ? source_[at_ + further] : '\0'; }
  void skip_blanks() { at_ = std::min(source_.find_first_not_of(" \t", at_), source_.size()); }

  /// Reads one thing: a character of the structure, a string, a comment or a word.
  void read() {
    const char c = source_[at_];
    if (c == '#') {
      at_ = std::min(source_.find('\n', at_), source_.size());
    } else if (c == '"' || c == '\'') {
      read_string();
    } else if (c == '\n') {
      ++at_;
      dots_ = 0;
      if (open_.empty()) is_at_statement_ = true, is_value_ = false;
    } else if (c == '[' && is_at_statement_) {
      read_header();
    } else if (std::string_view("[]{}").find(c) != std::string_view::npos) {
      read_bracket(c);
    } else if (c == '=' || c == ',') {
      ++at_;
      dots_ = 0;
      is_value_ = c == '=' || (!open_.empty() && open_.back() == '[');
    } else if (c == '.' && !is_value_) {
      if (++dots_ == kMostKeyParts) fail(at_, text("a key has more than ", kMostKeyParts, " parts"));
      ++at_;
    } else if (c == ' ' || c == '\t' || c == '\r' || !is_ascii(c)) {
      if (!is_ascii(c)) refuse_character();
      ++at_;
    } else {
      is_at_statement_ = false;
      read_word();
    }
  }

  /// Names the character, as people know it where they are likely to have meant it.
  void refuse_character() {
    const std::string_view rest = source_.substr(at_);
    const auto begins = [&](std::string_view one) { return rest.starts_with(one); };
    if (begins("\u201C") || begins("\u201D") || begins("\u201E") || begins("\u2018") || begins("\u2019"))
      return fail(at_, text("a typographic quote, ", rest.substr(0, 3), ", begins no text"), kPlainHint);
    const size_t end = std::min(rest.find_first_of(std::string_view(" \t\r\n=[]{}\"'#,.\0", 15)), rest.size());
    const std::string shown = printable(shortened(rest.substr(0, end), 40));
    if (shown.starts_with("\\x")) {  // no UTF-8: toml++ says so
      at_ = source_.size();
      return;
    }
    fail(at_, text("\"", shown, "\" cannot stand here: outside of quotes and comments there are only ASCII characters"),
         kPlainHint);
  }

  void read_header() {
    ++at_;
    if (peek() == '[') ++at_;
    skip_blanks();
    is_at_statement_ = is_value_ = false;
    dots_ = 0;
    if (at_ < source_.size() && !begins_key(peek()) && peek() != ']' && is_ascii(peek()))
      fail(at_, "the name of a table is expected here", "a table is begun with [NAME]");
  }

  void read_bracket(char c) {
    is_at_statement_ = false;
    if (c == '[' || c == '{') {
      if (open_.size() == kDeepestValue)
        return fail(at_, text("lists and tables lie in each other more than ", kDeepestValue, " deep"));
      open_.push_back(c);
      is_value_ = c == '[';
    } else {
      const bool is_list = !open_.empty() && open_.back() == '[';
      if (c == '}' && is_list) return fail(at_, "a list is closed with ], not with }");
      if (!open_.empty()) open_.pop_back();
      is_value_ = true;
    }
    dots_ = 0;
    ++at_;
  }

  /// A key, a number, true, false, or something that toml++ refuses.
  void read_word() {
    const size_t begin = at_;
    // What begins like a number goes on to what ends values.
    const bool is_number = is_value_ && (is_digit(peek()) || peek() == '+' || peek() == '-');
    at_ = std::min(source_.find_first_of(is_number ? " \t\r\n]},#" : " \t\r\n=[]{}\"'#,.", at_), source_.size());
    const std::string_view word = source_.substr(begin, at_ - begin);
    const auto other = std::find_if_not(word.begin(), word.end(), is_ascii);
    at_ = begin + static_cast<size_t>(other - word.begin());
    if (at_ == begin) ++at_;
    // toml++ reads on behind a date, where it takes for granted what need not be there; no value of a graph is one.
    if (is_number && looks_like_date(word))
      fail(begin, "dates and times are no values of a graph file", "a text stands in quotes");
  }

  void read_string() {
    is_at_statement_ = false;
    const size_t begin = at_;
    const char quote = source_[at_];
    const bool is_long = source_.substr(at_, 3) == std::string(3, quote);
    at_ = end_of_string(at_);
    if (is_long && quote == '"') check_line_ends(begin + 3, at_);
  }

  /// Where a string that begins at `at` ends: behind its quotes, or at the end of the line where they are missing.
  size_t end_of_string(size_t at) const {
    const char quote = source_[at];
    const bool is_long = source_.substr(at, 3) == std::string(3, quote);
    for (at += is_long ? 3 : 1; at < source_.size(); ++at) {
      if (source_[at] == '\\' && quote == '"') {
        ++at;
      } else if (source_[at] == '\n' && !is_long) {
        return at;
      } else if (source_[at] == quote && !is_long) {
        return at + 1;
      } else if (is_long && source_.substr(at, 3) == std::string(3, quote)) {
        // Up to two quotes of the text may stand before those that end it.
        return std::min({source_.find_first_not_of(quote, at), at + 5, source_.size()});
      }
    }
    return source_.size();
  }

  /// Behind a backslash, and behind the blanks that one at the end of a line takes away, toml++ asks of a character
  /// whether it is a blank; for many that are not ASCII it has no answer.
  void check_line_ends(size_t begin, size_t end) {
    for (size_t at = begin; at < end; ++at) {
      if (source_[at] != '\\') continue;
      ++at;
      const size_t next = std::min(source_.find_first_not_of(" \t\r\n", at), end);
      const bool skips_line = source_.substr(at, next - at).find('\n') != std::string_view::npos;
      if (next < end && !is_ascii(source_[next]))
        return fail(next, "behind a backslash only ASCII characters can stand",
                    "begin the line with another character");
      if (skips_line) at = next - 1;
    }
  }

  std::string_view source_;
  std::optional<TomlFault> fault_;
  size_t at_ = 0;
  size_t dots_ = 0;              ///< of the key that is being read
  std::vector<char> open_;       ///< brackets of the value that is being read
  bool is_at_statement_ = true;  ///< nothing but blanks was read on this line
  bool is_value_ = false;        ///< what comes is a value, not a key
};

}  // namespace

std::optional<TomlFault> find_toml_fault(std::string_view source) {
  return Guard(source).run();
}

}  // namespace weft::graph
