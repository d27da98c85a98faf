#include "framework/graph/diagnostics.h"

#include "framework/base/text.h"

#include <algorithm>
#include <tuple>

namespace weft::graph {
namespace {

constexpr size_t kMostShown = 20;     ///< errors, and warnings, that are printed
constexpr size_t kMostHints = 100;    ///< faults for which a hint is searched
constexpr size_t kLongestText = 500;  ///< bytes of a message, a hint or a context, which may quote the file

std::string key_of(const Diagnostic& one) {
  return weft::text(one.code, ' ', one.place, ' ', one.message);
}

}  // namespace

std::string Diagnostic::text() const {
  std::string line =
      weft::text(printable(weft::text(place)), ": ", is_error() ? "error " : "warning ", code, ": ", message);
  if (!context.empty()) line += weft::text("  (", context, ')');
  if (!hint.empty()) line += weft::text(line.size() + hint.size() < 150 ? "      " : "\n    ", hint);
  return line;
}

GraphError::GraphError(std::string_view code, const Place& place, std::string message, std::string hint)
    : Error(Exit::Graph, place, weft::text("error ", code, ": ", message)),
      diagnostic_{std::string(code), place, std::move(message), std::move(hint), {}} {
  this->hint(diagnostic_.hint);
}

void Diagnostics::add(const GraphError& error) {
  const Diagnostic& one = error.diagnostic();
  this->error(one.code, one.place, one.message, one.hint);
}

void Diagnostics::add(Diagnostic diagnostic) {
  for (std::string* part : {&diagnostic.message, &diagnostic.hint, &diagnostic.context})
    *part = printable(shortened(*part, kLongestText));
  if (known_.insert(key_of(diagnostic)).second) all_.push_back(std::move(diagnostic));
}

bool Diagnostics::contains(const Diagnostic& diagnostic) const {
  return known_.contains(key_of(diagnostic));
}

void Diagnostics::error(std::string_view code, const Place& place, std::string message, std::string hint) {
  add({std::string(code), place, std::move(message), std::move(hint), context_});
}

void Diagnostics::error(std::string_view code, const Place& place, std::string message, const HintMaker& make_hint) {
  error(code, place, std::move(message), all_.size() < kMostHints ? make_hint() : std::string());
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

std::vector<std::string> Diagnostics::lines(Which which) const {
  std::vector<std::string> lines;
  size_t found[2] = {0, 0};
  for (const Diagnostic& one : all_) {
    if (which != Which::All && one.is_error() != (which == Which::Errors)) continue;
    if (++found[one.is_error() ? 1 : 0] <= kMostShown) lines.push_back(one.text());
  }
  for (const bool is_error : {true, false}) {
    const size_t count = found[is_error ? 1 : 0];
    if (count <= kMostShown) continue;
    lines.push_back(weft::text("and ", count - kMostShown, " more ", is_error ? "errors" : "warnings", ": the first ",
                               kMostShown, " are shown; `weft check --format json` lists all"));
  }
  return lines;
}

void Diagnostics::throw_errors() const {
  if (has_errors()) throw Error(exit(), join(lines(Which::Errors), "\n"));
}

}  // namespace weft::graph
