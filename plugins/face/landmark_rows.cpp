#include "framework/base/error.h"
#include "framework/base/text.h"
#include "plugins/face/landmark_file.h"
#include "plugins/face/landmarks.h"

#include <algorithm>
#include <cctype>
#include <charconv>
#include <cmath>
#include <optional>
#include <utility>

namespace weft::face {
namespace {

constexpr std::string_view kBlanks = " \t\r";
constexpr size_t kMostColumns = 3;

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
    if (!rows_.empty()) find_columns();
    Landmarks landmarks;
    for (const auto& row : rows_) landmarks.push_back({checked(row.at(x_), landmarks), checked(row.at(y_), landmarks)});
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
    if (rows_.empty() && !named_x_ && numbers.empty() && read_header(words)) return;
    const bool is_row = numbers.size() == words.size() && (words.size() == 2 || words.size() == 3);
    if (!is_row || (!rows_.empty() && rows_.front().size() != words.size())) fail(row);
    rows_.push_back(std::move(numbers));
  }

  /// Names of columns: `x,y`, or `id x y`. @returns whether x and y are among them
  bool read_header(const std::vector<std::string_view>& words) {
    std::optional<size_t> x, y;
    for (size_t i = 0; i < words.size() && words.size() <= kMostColumns; ++i) {
      if (!x && is_called(words[i], 'x')) x = i;
      if (!y && is_called(words[i], 'y')) y = i;
    }
    if (!x || !y) return false;
    named_x_ = *x;
    named_y_ = *y;
    return true;
  }

  /// Whether a column is called `x`, also `X`, `"x"`, `landmark_x` and `landmarkX`, but not `index`.
  static bool is_called(std::string_view word, char letter) {
    const size_t last = word.find_last_not_of('"');
    if (last == std::string_view::npos || std::tolower(static_cast<unsigned char>(word[last])) != letter) return false;
    const auto before = static_cast<unsigned char>(last == 0 ? ' ' : word[last - 1]);
    return word[last] == letter ? std::isalpha(before) == 0 : std::isupper(before) == 0;
  }

  /// Which columns are x and y; a first column that numbers the landmarks is none of them, and gives their order.
  void find_columns() {
    const bool is_first_free = named_x_ ? *named_x_ != 0 && *named_y_ != 0 : rows_.front().size() == kMostColumns;
    const bool is_numbered = is_first_free && sorts_by_number();
    x_ = named_x_ ? *named_x_ : is_numbered ? 1 : 0;
    y_ = named_y_ ? *named_y_ : x_ + 1;
    if (std::max(x_, y_) >= rows_.front().size()) {
      throw Error(Exit::Data, text(file_, " has ", count_text(static_cast<int64_t>(rows_.front().size()), "column"),
                                   " below names of more"));
    }
  }

  /// Sorts the rows where their first column has whole numbers without a gap, in any order. @returns whether it has
  bool sorts_by_number() {
    const auto is_whole = [](const auto& row) { return std::floor(row[0]) == row[0]; };
    if (rows_.size() < 2 || !std::all_of(rows_.begin(), rows_.end(), is_whole)) return false;
    std::vector<std::vector<double>> sorted = rows_;
    std::sort(sorted.begin(), sorted.end(), [](const auto& a, const auto& b) { return a[0] < b[0]; });
    const double first = sorted.front()[0];
    for (size_t i = 0; i < sorted.size(); ++i)
      if (sorted[i][0] != first + static_cast<double>(i)) return false;
    rows_ = std::move(sorted);
    return true;
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
  std::optional<size_t> named_x_, named_y_;
  size_t x_ = 0, y_ = 1;  ///< columns
  std::vector<std::vector<double>> rows_;
};

}  // namespace

Landmarks read_landmark_rows(const std::string& file, std::string_view bytes) {
  return Rows(file, bytes).read();
}

}  // namespace weft::face
