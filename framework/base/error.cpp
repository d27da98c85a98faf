#include "framework/base/error.h"

#include "framework/base/text.h"

#include <ostream>
#include <sstream>

namespace weft {

std::ostream& operator<<(std::ostream& out, const Place& place) {
  if (place.file.empty()) return out << "command line";
  out << place.file;
  if (place.line > 0) out << ':' << place.line;
  if (place.column > 0) out << ':' << place.column;
  return out;
}

Error::Error(Exit exit, std::string message) : exit_(exit), message_(std::move(message)) {
  compose();
}

Error::Error(Exit exit, Place place, std::string message)
    : exit_(exit), place_(std::move(place)), message_(std::move(message)) {
  compose();
}

Error::~Error() = default;

Error& Error::hint(std::string hint) {
  if (!hint.empty()) hints_.push_back(std::move(hint));
  compose();
  return *this;
}

Error& Error::within(std::string context) {
  if (!context.empty()) contexts_.push_back(std::move(context));
  compose();
  return *this;
}

void Error::compose() {
  std::ostringstream out;
  out.exceptions(std::ios::badbit);
  if (!place_.file.empty()) out << printable(text(place_)) << ": ";
  out << printable(message_, "\n");  // a message may be a list of lines
  for (const std::string& context : contexts_) out << "\n  " << printable(context, "\n");
  for (const std::string& hint : hints_) out << "\n  " << printable(hint, "\n");
  what_ = out.str();
}

}  // namespace weft
