#pragma once

#include <cstdint>
#include <sstream>
#include <string>
#include <string_view>
#include <vector>

namespace weft {

/// The parts one after the other, as `<<` writes them.
template <typename... Parts>
std::string text(const Parts&... parts) {
  std::ostringstream out;
  out.exceptions(std::ios::badbit);  // without this a lack of memory would only cut the text off
  (out << ... << parts);
  return out.str();
}

/// `a, b, c`.
std::string join(const std::vector<std::string>& parts, std::string_view between = ", ");

/// `"a", "b" or "c"`; at most `most` names, then how many more there are.
std::string quoted_list(const std::vector<std::string>& names, std::string_view last = "or", size_t most = 8);

/// `text` as one line that a terminal can show: control characters, line ends, marks that turn the direction of the text
/// or cannot be seen, and bytes that are not UTF-8 are written as escapes: \n, \u001B, \u202E, \xFF. Names that come
/// from files go through it before they are printed.
/// @param kept  characters that stay as they are, such as the line ends of a message of several lines
std::string printable(std::string_view text, std::string_view kept = {});

/// `text`, or its beginning and end when it is longer than `most` bytes, with the number of those left out between them.
std::string shortened(std::string_view text, size_t most);

/// The shortest decimal text that reads back as the same number: 0.001, 2e-4, 17.
std::string number_text(double number);

/// 1536 -> "1.5 kB", 3'200'000'000 -> "3.2 GB" (powers of 1000).
std::string bytes_text(int64_t bytes);

/// Seconds as a person reads them: "0.42 s", "3:07", "2:15:00".
std::string duration_text(double seconds);

/// `count` and the noun, with an s unless there is one: "1 frame", "2 frames".
std::string count_text(int64_t count, std::string_view noun);

/// The candidate with the smallest edit distance to `name`; empty when this distance is above a third of the length. Names of
/// more than 64 bytes have no candidate: nobody mistypes such a name as a whole.
std::string nearest(std::string_view name, const std::vector<std::string>& candidates);

/// "did you mean \"x\"?" for the nearest candidate, or empty.
std::string did_you_mean(std::string_view name, const std::vector<std::string>& candidates);

/// ASCII letters become small; all else stays.
std::string lower_case(std::string word);

/// Orders file names as people do: frame2 before frame10. Equal numbers with more zeros come later.
bool natural_less(std::string_view a, std::string_view b);

/// Whether `name` fits `pattern`, where each `*` is any run of characters and all else is itself.
bool matches(std::string_view name, std::string_view pattern);

/// Whether a dotted path fits a pattern: `*` is any run of characters within a segment, `**` any number of segments.
bool path_matches(std::string_view path, std::string_view pattern);

/// The parts of `joined` between separators; an empty text has none.
std::vector<std::string> split(std::string_view joined, char separator);

/// Breaks `paragraph` into lines of at most `width` columns, each begun with `indent` blanks.
std::string wrap(std::string_view paragraph, size_t width = 100, size_t indent = 0);

}  // namespace weft
