#include "plugins/image/polygon_file.h"

#include "framework/base/error.h"
#include "framework/base/text.h"
#include "framework/data/ordinary_file.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <sstream>

namespace weft::image {
namespace {

constexpr int64_t kMostBytes = 16 << 20;
constexpr size_t kFewestPoints = 3, kMostPoints = 10'000, kLongestWord = 40;
constexpr double kFarthest = 1e6;

/// A row with its place, for messages.
struct Row {
  const std::string& file;
  int line;
  PolygonKey key;

  Error fault(const std::string& what) const {
    return Error(Exit::Data, text(file, ", line ", line, ": ", what))
        .hint("a row is a time and at least three points: t x1 y1 x2 y2 x3 y3");
  }

  double number(const std::string& word) const {
    double value = 0;
    const char* const end = word.data() + word.size();
    const auto [rest, code] = std::from_chars(word.data(), end, value);
    const std::string shown = printable(shortened(word, kLongestWord));
    if (rest != end || code == std::errc::invalid_argument) throw fault(text('"', shown, "\" is not a number"));
    // A number that is too large or too small for a double has an error code of its own.
    const bool is_near = code == std::errc() && std::isfinite(value) && std::abs(value) <= kFarthest;
    if (!is_near) throw fault(text(shown, " is not a number from -1000000 to 1000000"));
    return value;
  }

  void read(const std::vector<std::string>& words) {
    key.time = number(words[0]);
    if (words.size() % 2 == 0) throw fault("the last point has an x, but no y");
    if (words.size() / 2 > kMostPoints) throw fault(text("has more than ", kMostPoints, " points"));
    for (size_t i = 1; i < words.size(); i += 2) key.polygon.push_back({number(words[i]), number(words[i + 1])});
    if (key.polygon.size() >= kFewestPoints) return;
    throw fault(text("has ", count_text(static_cast<int64_t>(key.polygon.size()), "point"),
                     ", but a polygon has at least ", kFewestPoints));
  }

  /// Refuses a row that does not fit those before it.
  void check_after(const Row& first, const Row& last) const {
    if (key.time <= last.key.time) {
      throw fault(text("the time ", number_text(key.time), " is not later than ", number_text(last.key.time),
                       " of line ", last.line));
    }
    if (key.polygon.size() == first.key.polygon.size()) return;
    throw fault(text("has ", key.polygon.size(), " points, but line ", first.line, " has ", first.key.polygon.size(),
                     "; points move from row to row, so all rows have equally many"));
  }
};

std::vector<std::string> words_of(std::string line) {
  std::replace(line.begin(), line.end(), ',', ' ');
  std::istringstream in(line);
  std::vector<std::string> words;
  for (std::string word; in >> word;) words.push_back(word);
  return words;
}

}  // namespace

std::vector<PolygonKey> read_polygon_file(const std::string& file) {
  std::istringstream lines(data::read_small_text(file, kMostBytes));
  std::vector<Row> rows;
  std::string line;
  for (int number = 1; std::getline(lines, line); ++number) {
    const std::vector<std::string> words = words_of(line);
    if (words.empty() || words[0].starts_with('#')) continue;
    Row row{file, number, {}};
    row.read(words);
    if (!rows.empty()) row.check_after(rows.front(), rows.back());
    rows.push_back(std::move(row));
  }
  if (rows.empty()) {
    throw Error(Exit::Data, text(file, " has no rows `t x1 y1 x2 y2 x3 y3`"))
        .hint("write one row for each key frame, such as 0 10 10 50 10 30 40");
  }
  std::vector<PolygonKey> keys;
  for (Row& row : rows) keys.push_back(std::move(row.key));
  return keys;
}

Polygon polygon_at(const std::vector<PolygonKey>& keys, double time) {
  const auto next = std::find_if(keys.begin(), keys.end(), [&](const PolygonKey& key) { return key.time > time; });
  if (next == keys.begin()) return next->polygon;
  const PolygonKey& last = *(next - 1);
  if (next == keys.end()) return last.polygon;
  const double share = (time - last.time) / (next->time - last.time);
  Polygon polygon = last.polygon;
  for (size_t i = 0; i < polygon.size(); ++i) {
    for (const size_t axis : {0, 1}) polygon[i][axis] += share * (next->polygon[i][axis] - polygon[i][axis]);
  }
  return polygon;
}

}  // namespace weft::image
