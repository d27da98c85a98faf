#include "framework/graph/diagnostics.h"

#include "framework/base/text.h"

#include <algorithm>
#include <tuple>

namespace weft::graph {

std::string Diagnostic::text() const {
  std::string line = weft::text(place, ": ", is_error() ? "error " : "warning ", code, ": ", message);
  if (!context.empty()) line += weft::text("  (", context, ')');
  if (!hint.empty()) line += weft::text(line.size() + hint.size() < 150 ? "      " : "\n    ", hint);
  return line;
}

void Diagnostics::add(Diagnostic diagnostic) {
  const std::string key = weft::text(diagnostic.code, ' ', diagnostic.place, ' ', diagnostic.message);
  if (known_.insert(key).second) all_.push_back(std::move(diagnostic));
}

void Diagnostics::error(std::string_view code, const Place& place, std::string message, std::string hint) {
  add({std::string(code), place, std::move(message), std::move(hint), context_});
}

void Diagnostics::warn(std::string_view code, const Place& place, std::string message, std::string hint) {
  add({std::string(code), place, std::move(message), std::move(hint), context_});
}

size_t Diagnostics::errors() const {
  return static_cast<size_t>(std::count_if(all_.begin(), all_.end(), [](const auto& one) { return one.is_error(); }));
}

Exit Diagnostics::exit() const {
  const bool is_about_plugins =
      std::all_of(all_.begin(), all_.end(), [](const auto& one) { return !one.is_error() || one.code == "E202"; });
  return is_about_plugins ? Exit::Plugin : Exit::Graph;
}

void Diagnostics::sort() {
  const auto key = [](const Diagnostic& one) {
    return std::tie(one.place.file, one.place.line, one.place.column, one.code, one.message);
  };
  std::stable_sort(all_.begin(), all_.end(), [&](const auto& a, const auto& b) { return key(a) < key(b); });
}

void Diagnostics::add_from(const Diagnostics& others, const std::string& context) {
  for (Diagnostic diagnostic : others.all_) {
    if (!context.empty()) {
      diagnostic.context = diagnostic.context.empty() ? context : weft::text(context, ", ", diagnostic.context);
    }
    add(std::move(diagnostic));
  }
}

void Diagnostics::throw_errors() const {
  std::vector<std::string> lines;
  for (const Diagnostic& one : all_) {
    if (one.is_error()) lines.push_back(one.text());
  }
  if (!lines.empty()) throw Error(exit(), join(lines, "\n"));
}

}  // namespace weft::graph
