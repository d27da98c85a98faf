#include "framework/data/tables.h"

#include <charconv>

namespace weft::data {
namespace {

bool is_key_character(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '-';
}

/// Goes through the text, character by character.
class Reader {
 public:
  Reader(std::string_view toml, std::string file) : rest_(toml) { place_ = {std::move(file), 1, 1}; }

  Tables read() {
    Tables tables;
    std::string table;
    tables[table];
    for (skip_space(); !rest_.empty(); skip_space()) {
      if (take('[')) {
        table = name();
        want(']');
        if (!tables.try_emplace(table).second) fail(text("the table [", table, "] is given twice"));
      } else {
        const Place place = place_;
        const std::string key = name();
        skip_blanks();
        want('=');
        skip_blanks();
        if (!tables[table].try_emplace(key, TableValue{value(), place}).second)
          fail(text('`', key, "` is given twice"));
      }
      end_line();
    }
    return tables;
  }

 private:
  [[noreturn]] void fail(const std::string& what) const { throw Error(Exit::Data, place_, what); }

  char peek() const { return rest_.empty() ? '\n' : rest_.front(); }
  char advance() {
    const char c = rest_.front();
    rest_.remove_prefix(1);
    ++place_.column;
    if (c == '\n') {
      ++place_.line;
      place_.column = 1;
    }
    return c;
  }
  bool take(char c) {
    if (rest_.empty() || rest_.front() != c) return false;
    advance();
    return true;
  }
  void want(char c) {
    if (!take(c)) fail(text("a ", c, " is expected here"));
  }
  void skip_blanks() {
    while (!rest_.empty() && (rest_.front() == ' ' || rest_.front() == '\t' || rest_.front() == '\r')) advance();
  }
  void skip_comment() {
    skip_blanks();
    if (peek() != '#') return;
    while (!rest_.empty() && rest_.front() != '\n') advance();
  }
  /// Blanks, ends of lines, comments.
  void skip_space() {
    for (skip_comment(); !rest_.empty() && rest_.front() == '\n'; skip_comment()) advance();
  }
  void end_line() {
    skip_comment();
    if (!rest_.empty() && !take('\n')) fail("the line should end here");
  }

  /// `labels` or `remap.training_ids`.
  std::string name() {
    std::string name;
    while (is_key_character(peek()) || (peek() == '.' && !name.empty())) name += advance();
    if (name.empty()) fail("a name is expected here: letters, digits, _ and -");
    return name;
  }

  decltype(TableValue::value) value() {
    if (peek() == '"') return quoted();
    if (peek() == '[') return array();
    if (peek() != 't' && peek() != 'f') return number();
    const std::string word = name();
    if (word != "true" && word != "false") fail(text("there is no value ", word));
    return word == "true";
  }

  std::string quoted() {
    std::string content;
    for (want('"'); peek() != '"';) {
      if (peek() == '\n' || peek() == '\\') fail("a text ends with a \" on its line and has no \\");
      content += advance();
    }
    advance();
    return content;
  }

  int64_t number() {
    std::string digits;
    while (peek() == '-' || (peek() >= '0' && peek() <= '9')) digits += advance();
    int64_t number = 0;
    const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), number);
    if (digits.empty() || error != std::errc() || end != digits.data() + digits.size())
      fail("a value is expected here: a text in \"\", a whole number, true, false, or pairs [[7, 0], [8, 1]]");
    return number;
  }

  /// Of texts or of pairs; without anything it is one of pairs.
  decltype(TableValue::value) array() {
    want('[');
    skip_space();
    if (peek() == '"') return items<std::string>([&] { return quoted(); });
    return items<std::pair<int64_t, int64_t>>([&] { return pair(); });
  }

  /// What follows the [ of an array.
  template <typename Item, typename Read>
  std::vector<Item> items(const Read& read) {
    std::vector<Item> items;
    for (; !take(']'); skip_space()) {
      items.push_back(read());
      skip_space();
      if (!take(',') && peek() != ']') fail("a , or a ] is expected here");
    }
    return items;
  }

  std::pair<int64_t, int64_t> pair() {
    want('[');
    skip_space();
    const int64_t from = number();
    skip_space();
    want(',');
    skip_space();
    const int64_t to = number();
    skip_space();
    want(']');
    return {from, to};
  }

  std::string_view rest_;
  Place place_;
};

}  // namespace

Tables read_tables(std::string_view toml, const std::string& file) {
  return Reader(toml, file).read();
}

void Table::end() const {
  const auto* rest = first();
  if (!rest) return;
  throw Error(Exit::Data, rest->second.place,
              text(name_.empty() ? what_ : text('[', name_, ']'), " has no `", rest->first, '`'))
      .hint(text("there are ", join(known_)));
}

}  // namespace weft::data
