#pragma once

#include <string>
#include <string_view>

namespace weft::train {

/// `plain` as the text of an element or the value of an attribute in HTML and XML. Characters that neither may hold, and
/// bytes that are no UTF-8, become U+FFFD.
std::string escaped(std::string_view plain);

/// RFC 4648, with padding.
std::string base64(std::string_view bytes);

/// A number with four significant digits: 0.01234, 1.5e-07, 12.
std::string short_number(double number);

/// A place in a drawing, with at most two decimals.
std::string coordinate(double number);

}  // namespace weft::train
