#pragma once

#include "framework/base/error.h"

#include <functional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace weft::graph {

/// One row of the table of faults: `weft explain E301` prints it.
struct Explanation {
  std::string_view code;
  std::string_view title;
  std::string_view about;    ///< what it means and what to do
  std::string_view example;  ///< a wrong and a right line
};

const std::vector<Explanation>& explanations();
/// @returns nullptr when there is no such code
const Explanation* explain(std::string_view code);

/// A fault of a graph: a code that can be looked up, a place, what is wrong, and a way out.
struct Diagnostic {
  std::string code;  ///< E… is an error, W… a warning
  Place place;
  std::string message;
  std::string hint;     ///< one way out; may be empty
  std::string context;  ///< where in the graph, when the place is in a file that is used more than once

  bool is_error() const { return code.front() == 'E'; }
  /// `file:26:12: error E203: …`, the hint behind it on the same line when it is short, else below; printable.
  std::string text() const;
};

/// A fault that ends the reading of a file: an Error that knows its diagnostic.
class GraphError : public Error {
 public:
  GraphError(std::string_view code, const Place& place, std::string message, std::string hint = {});

  const Diagnostic& diagnostic() const { return diagnostic_; }

 private:
  Diagnostic diagnostic_;
};

/// Collects faults. The same fault at the same place counts once, however often the file is used.
class Diagnostics {
 public:
  /// A hint that takes a search; it is made for the first faults only, since a file may have very many.
  using HintMaker = std::function<std::string()>;

  void error(std::string_view code, const Place& place, std::string message, std::string hint = {});
  void error(std::string_view code, const Place& place, std::string message, const HintMaker& make_hint);
  void warn(std::string_view code, const Place& place, std::string message, std::string hint = {});

  /// What is added from now on belongs to this part of the graph: "F.coarse, used at street.toml:31".
  /// @returns what it was before
  std::string set_context(std::string context) { return std::exchange(context_, std::move(context)); }

  const std::vector<Diagnostic>& all() const { return all_; }
  size_t errors() const;
  size_t warnings() const { return all_.size() - errors(); }
  bool has_errors() const { return errors() > 0; }
  /// What a command returns for these errors: Exit::Plugin when all of them are refused plugins, else Exit::Graph.
  Exit exit() const;

  enum class Which { All, Errors, Warnings };
  /// What is printed: the text of each, of errors and of warnings the first ones, and how many more there are.
  std::vector<std::string> lines(Which which) const;
  /// Whether the same fault is among these.
  bool contains(const Diagnostic& diagnostic) const;

  /// In the order of the files, so that a report does not depend on how the check goes about it.
  void sort();
  /// Adds the faults of a variant or stage that are not among these already.
  void add_from(const Diagnostics& others, const std::string& context);
  /// Adds a thrown one, in the context that is set now.
  void add(const GraphError& error);
  /// Adds one that was made elsewhere, with its own context.
  void add(Diagnostic diagnostic);
  /// @throws Error  (exit()) with lines(Which::Errors), when there are any
  void throw_errors() const;

 private:
  std::string context_;
  std::vector<Diagnostic> all_;
  std::set<std::string> known_;  ///< code, place and message of each
};

}  // namespace weft::graph
