#include "framework/base/error.h"
#include "framework/base/text.h"
#include "plugins/face/landmark_file.h"
#include "plugins/face/landmarks.h"

#include <algorithm>
#include <charconv>
#include <optional>

namespace weft::face {
namespace {

constexpr std::string_view kBlanks = " \t\r";

/// The words of a row: separated by blanks, or by a comma or semicolon with blanks around it.
std::vector<std::string_view> words_of(std::string_view row) {
  std::vector<std::string_view> words;
  const auto skip_blanks = [&] { row.remove_prefix(std::min(row.find_first_not_of(kBlanks), row.size())); };
  for (skip_blanks(); !row.empty(); skip_blanks()) {
    const size_t end = std::min(row.find_first_of(" \t\r,;"), row.size());
    words.push_back(row.substr(0, end));
    row.remove_prefix(end);
    skip_blanks();
    if (row.starts_with(',') || row.starts_with(';')) row.remove_prefix(1);
  }
  return words;
}

std::optional<double> number_of(std::string_view word) {
  double value = 0;
  const auto [end, error] = std::from_chars(word.data(), word.data() + word.size(), value);
  if (error != std::errc() || end != word.data() + word.size()) return {};
  return value;
}

/// A text file while it is read, so that every message names the line.
class Rows {
 public:
  Rows(const std::string& file, std::string_view bytes) : file_(file), bytes_(bytes) {}

  Landmarks read() {
    for (const std::string& row : split(bytes_, '\n')) {
      ++line_;
      const std::vector<std::string_view> words = words_of(row);
      if (words.empty() || words.front().starts_with('#') || is_frame_of_pts(words)) continue;
      read_row(words, row);
    }
    drop_numbers();
    Landmarks landmarks;
    for (const auto& row : rows_)
      landmarks.push_back({checked(row.at(x_), landmarks), checked(row.at(x_ + 1), landmarks)});
    return landmarks;
  }

 private:
  /// `version: 1`, `n_points: 68`, and the braces around the rows.
  bool is_frame_of_pts(const std::vector<std::string_view>& words) {
    if (words.size() == 1 && (words[0] == "{" || words[0] == "}")) return true;
    return rows_.empty() && words.size() <= 2 && words[0].ends_with(':');
  }

  void read_row(const std::vector<std::string_view>& words, std::string_view row) {
    std::vector<double> numbers;
    for (const std::string_view word : words) {
      const auto number = number_of(word);
      if (number) numbers.push_back(*number);
    }
    const bool is_header = rows_.empty() && !has_header_ && numbers.empty() && words.size() > 1;
    if (is_header) return read_header(words);
    const bool is_row = numbers.size() == words.size() && (words.size() == 2 || words.size() == 3);
    if (!is_row || (!rows_.empty() && rows_.front().size() != words.size())) fail(row);
    rows_.push_back(std::move(numbers));
  }

  /// Names of columns: `x,y`, or `id x y`.
  void read_header(const std::vector<std::string_view>& words) {
    has_header_ = true;
    for (size_t i = 0; i + 1 < words.size(); ++i) {
      if (is_called(words[i], "xX") && is_called(words[i + 1], "yY")) named_x_ = i;
    }
  }

  /// Whether a column is called so, also `"x"` and `landmark_x`.
  static bool is_called(std::string_view word, std::string_view letters) {
    const size_t last = word.find_last_not_of('"');
    return last != std::string_view::npos && letters.find(word[last]) != std::string_view::npos;
  }

  /// A first column that counts the landmarks is none of x and y.
  void drop_numbers() {
    if (rows_.empty() || rows_.front().size() < 3) return;
    const double first = rows_.front()[0];
    bool counts = first == 0 || first == 1;
    for (size_t i = 0; i < rows_.size(); ++i) counts = counts && rows_[i][0] == first + static_cast<double>(i);
    x_ = std::min<size_t>(named_x_.value_or(counts ? 1 : 0), 1);
  }

  [[noreturn]] void fail(std::string_view row) const {
    const size_t begin = std::min(row.find_first_not_of(kBlanks), row.size());
    throw Error(Exit::Data, {file_, line_, 0}, text("a row must be `x,y`, but this is \"", row.substr(begin, 40), '"'));
  }

  double checked(double coordinate, const Landmarks& before) const {
    if (is_in_a_picture(coordinate)) return coordinate;
    throw Error(Exit::Data, text(file_, " has ", number_text(coordinate), " in landmark ", before.size(),
                                 ", which is not a position in an image"));
  }

  const std::string& file_;
  std::string_view bytes_;
  int line_ = 0;
  bool has_header_ = false;
  std::optional<size_t> named_x_;
  size_t x_ = 0;  ///< the column; y is the next one
  std::vector<std::vector<double>> rows_;
};

}  // namespace

Landmarks read_landmark_rows(const std::string& file, std::string_view bytes) {
  return Rows(file, bytes).read();
}

}  // namespace weft::face
