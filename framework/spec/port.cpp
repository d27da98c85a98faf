#include "framework/spec/port.h"

#include "framework/base/error.h"
#include "framework/base/text.h"
#include "framework/spec/record.h"

#include <algorithm>
#include <charconv>

namespace weft {
namespace {

std::string_view trim(std::string_view s) {
  const size_t begin = s.find_first_not_of(' ');
  if (begin == std::string_view::npos) return {};
  return s.substr(begin, s.find_last_not_of(' ') - begin + 1);
}

std::optional<int64_t> number_of(std::string_view s) {
  int64_t number = 0;
  const auto [end, error] = std::from_chars(s.data(), s.data() + s.size(), number);
  if (s.empty() || error != std::errc() || end != s.data() + s.size() || number <= 0) return {};
  return number;
}

bool is_letter(std::string_view s) {
  return s.size() == 1 && s[0] >= 'A' && s[0] <= 'Z';
}

bool is_identifier(std::string_view s) {
  const auto inner = [](char c) { return c == '_' || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9'); };
  return !s.empty() && s[0] >= 'a' && s[0] <= 'z' && std::all_of(s.begin(), s.end(), inner);
}

std::optional<DimSpec> parse_dim(std::string_view s) {
  DimSpec dim;
  if (s == "*") return dim;
  if (const auto number = number_of(s)) {
    dim.form = DimSpec::Form::Number;
    dim.number = *number;
    return dim;
  }
  if (const size_t star = s.find('*'); star != std::string_view::npos) {
    const auto factor = number_of(trim(s.substr(0, star)));
    if (!factor) return {};
    dim.multiplier = *factor;
    s = trim(s.substr(star + 1));
  }
  if (const size_t slash = s.find('/'); slash != std::string_view::npos) {
    const auto divisor = number_of(trim(s.substr(slash + 1)));
    if (!divisor) return {};
    dim.divisor = *divisor;
    s = trim(s.substr(0, slash));
  }
  if (!is_letter(s) && !is_identifier(s)) return {};
  dim.form = is_letter(s) ? DimSpec::Form::Letter : DimSpec::Form::Parameter;
  dim.name = s;
  return dim;
}

std::string text_of(const DimSpec& dim) {
  switch (dim.form) {
    case DimSpec::Form::Any:
      return "*";
    case DimSpec::Form::Number:
      return text(dim.number);
    default:
      return text(dim.multiplier != 1 ? text(dim.multiplier, '*') : "", dim.name,
                  dim.divisor != 1 ? text('/', dim.divisor) : "");
  }
}

bool has_dims(const Kind& kind) {
  return kind != Kind::Scalar && is_tensor(kind);
}

/// The kind of this name. A single word that is no kind, and not nearly one, is the name of a record.
std::optional<Kind> kind_named(std::string_view word, bool has_sizes, std::string& fault) {
  std::vector<std::string> names;
  for (const KindInfo& row : all_kinds()) {
    if (row.kind == Kind::Record) continue;
    if (row.name == word) return row.kind;
    names.emplace_back(row.name);
  }
  const std::string meant = nearest(word, names);
  if (meant.empty() && !has_sizes && word != name_of(Kind::Record) && is_identifier(word)) return record_named(word);
  fault = text("there is no kind \"", word, "\"",
               meant.empty() ? "; the kinds are " + join(names) : "; did you mean \"" + meant + "\"?");
  return {};
}

bool parse_shape(std::string_view inside, ShapeSpec& shape, std::string& fault) {
  if (trim(inside) == "...") {
    shape.any_rank = true;
    return true;
  }
  for (const std::string& part : split(inside, ',')) {
    const auto dim = parse_dim(trim(part));
    if (!dim) {
      fault = text("\"", trim(part), "\" is not a size: a size is a number, a capital letter such as H or H/2, or *");
      return false;
    }
    shape.dims.push_back(*dim);
  }
  return true;
}

}  // namespace

std::string PortSpec::declaration() const {
  std::string declared = like.empty() ? std::string(name_of(kind)) : text("like ", like);
  if (shape.any_rank) {
    declared += "[...]";
  } else if (!shape.dims.empty()) {
    std::vector<std::string> sizes;
    for (const DimSpec& dim : shape.dims) sizes.push_back(text_of(dim));
    declared += text('[', join(sizes, ","), ']');
  }
  return declared;
}

std::optional<PortSpec> parse_port(std::string_view name, std::string_view declaration, std::string& fault) {
  PortSpec port;
  port.name = name;
  std::string_view rest = trim(declaration);
  if (rest.ends_with('?')) {
    port.arity = PortSpec::Arity::Optional;
    rest = trim(rest.substr(0, rest.size() - 1));
  }
  const size_t bracket = rest.find('[');
  const std::string_view word = trim(rest.substr(0, bracket));
  if (word.starts_with("like ")) {
    port.like = trim(word.substr(5));
  } else {
    const auto kind = kind_named(word, bracket != std::string_view::npos, fault);
    if (!kind) return {};
    port.kind = *kind;
  }
  if (bracket == std::string_view::npos) {
    if (port.like.empty() && !has_dims(port.kind)) return port;
    fault = text("the sizes are missing, as in \"", word, info(port.kind).shape, "\"");
    return {};
  }
  if (!rest.ends_with(']')) {
    fault = "the closing ] is missing";
    return {};
  }
  if (!parse_shape(rest.substr(bracket + 1, rest.size() - bracket - 2), port.shape, fault)) return {};
  return port;
}

PortSpec port_or_throw(std::string_view name, std::string_view declaration, PortSpec::Arity arity) {
  std::string fault;
  auto port = parse_port(name, declaration, fault);
  if (!port) throw Error(Exit::Plugin, text("port `", name, "` is declared as \"", declaration, "\": ", fault));
  if (port->kind == Kind::Record) {
    throw Error(Exit::Plugin, text("port `", name, "`: there is no kind \"", declaration, '"'))
        .hint("a port of a record names its struct: weft::In<\"name\", weft::record<Struct>>");
  }
  if (arity != PortSpec::Arity::One) port->arity = arity;
  return *port;
}

}  // namespace weft
