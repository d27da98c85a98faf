#pragma once

#include "framework/spec/dim.h"
#include "framework/spec/kind.h"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace weft {

/// One dimension as a declaration writes it: `3`, `H`, `H/2`, `2*H`, `features` (a parameter), `*` (any size).
struct DimSpec {
  enum class Form { Number, Letter, Parameter, Any };

  Form form = Form::Any;
  std::string name;        ///< of a letter or a parameter
  int64_t number = 0;      ///< of a number
  int64_t multiplier = 1;  ///< of a letter
  int64_t divisor = 1;     ///< of a letter

  bool operator==(const DimSpec&) const = default;
};

/// `[B,3,H,W]`, or `[...]` for any number of dimensions.
struct ShapeSpec {
  bool any_rank = false;
  std::vector<DimSpec> dims;
};

/// An input or output of a node.
struct PortSpec {
  enum class Arity { One, Optional, Many };

  std::string name;
  Kind kind = Kind::Any;
  std::string like;  ///< an output with the kind (and, under `[...]`, the shape) of this input
  ShapeSpec shape;
  Arity arity = Arity::One;

  /// The declaration without the name: `image[B,3,H,W]`.
  std::string declaration() const;
};

/// Reads `kind[dims]`, `like x[dims]`, or `kind[dims]?`, which makes the port optional.
///
/// Dimensions: a number, a capital letter with `/n` or `n*`, the name of an integer parameter, or `*`.
/// Scalars, texts and records have no dimensions. A single word that is no kind is the name of a record, `judgement`.
/// @returns nothing when it is not of that form; `fault` then says why.
std::optional<PortSpec> parse_port(std::string_view name, std::string_view declaration, std::string& fault);

/// The same for declarations in code, where a fault is the author's.
/// @throws Error  with the fault
PortSpec port_or_throw(std::string_view name, std::string_view declaration, PortSpec::Arity arity);

}  // namespace weft
