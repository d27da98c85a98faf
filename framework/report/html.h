#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace weft::report {

/// `plain` as the text of an element or the value of an attribute in HTML and XML. Characters that neither may hold, and
/// bytes that are no UTF-8, become U+FFFD.
std::string escaped(std::string_view plain);

/// RFC 4648, with padding.
std::string base64(std::string_view bytes);

/// A number with at most four significant digits, as short as it can be written: 0.01234, 4e-4, 12.
std::string short_number(double number);

/// "12.3 %".
std::string percent_text(double percent);

/// 1234567 -> "1 234 567", with narrow blanks that do not break.
std::string grouped(int64_t number);

/// A place in a drawing, with at most two decimals.
std::string coordinate(double number);

}  // namespace weft::report
