#pragma once

#include "framework/graph/part.h"

#include <optional>

namespace weft::graph {

/// Resolves the expressions of one use of a file: names to nodes and streams, bounds to numbers. What cannot be resolved
/// is reported and leaves Unknown terms, so that the checks that follow do not report it again.
class Resolver {
 public:
  Resolver(const Declarations& declared, const Part& part, Diagnostics& diagnostics)
      : declared_(declared), part_(part), diagnostics_(diagnostics) {}

  FlatExpression resolve(const Reference& reference) const;
  /// @param flat  has its place and text
  /// @returns false when the term was taken out by `without`
  bool resolve_term(const Reference& reference, const Term& term, FlatTerm& flat) const;

 private:
  bool resolve_name(const Reference& reference, const Term& term, FlatTerm& flat) const;
  bool resolve_output(const Reference& reference, const Term& term, const Name& name, FlatTerm& flat) const;
  void resolve_window(const Reference& reference, const Term& term, FlatTerm& flat) const;
  std::optional<int64_t> value_of(const Reference& reference, const Bound& bound) const;
  /// @returns false
  template <typename Hint>
  bool fail(std::string_view code, const Reference& reference, const FlatTerm& flat, const std::string& message,
            const Hint& hint) const;

  const Declarations& declared_;
  const Part& part_;
  Diagnostics& diagnostics_;
};

}  // namespace weft::graph
