#include "framework/spec/record.h"

#include "framework/base/error.h"
#include "framework/base/text.h"

#include <algorithm>

namespace weft {
namespace {

bool is_index(std::string_view part) {
  return !part.empty() && part.find_first_not_of("0123456789") == std::string_view::npos;
}

/// Whether a path of a value is at this field: parts that are stars take an index.
bool is_at(std::string_view field, std::string_view path) {
  for (;;) {
    const size_t field_end = std::min(field.find('/'), field.size()), path_end = std::min(path.find('/'), path.size());
    const std::string_view wanted = field.substr(0, field_end), part = path.substr(0, path_end);
    if (wanted != part && !(wanted == "*" && is_index(part))) return false;
    if (field_end == field.size() || path_end == path.size())
      return field_end == field.size() && path_end == path.size();
    field.remove_prefix(field_end + 1);
    path.remove_prefix(path_end + 1);
  }
}

}  // namespace

const PortSpec* RecordSpec::find(std::string_view path) const {
  const auto found =
      std::find_if(fields.begin(), fields.end(), [&](const PortSpec& field) { return is_at(field.name, path); });
  return found == fields.end() ? nullptr : &*found;
}

std::vector<std::string> RecordSpec::varying_letters() const {
  std::vector<std::string> letters;
  for (const PortSpec& field : fields) {
    const std::string letter = varying_letter(field);
    if (!letter.empty() && std::find(letters.begin(), letters.end(), letter) == letters.end())
      letters.push_back(letter);
  }
  return letters;
}

void RecordSpec::add(const std::string& path, std::string_view declaration) {
  const auto refuse = [&](const auto&... fault) {
    throw Error(Exit::Plugin,
                text("record ", name, ": the field `", path, "` is declared as \"", declaration, "\": ", fault...));
  };
  std::string whole(declaration);
  if (whole.find('[') == std::string::npos) {
    const bool is_optional = whole.ends_with('?');
    if (is_optional) whole.pop_back();
    whole = text("any[", whole, is_optional ? "]?" : "]");
  }
  std::string fault;
  const auto field = parse_port(path, whole, fault);
  if (!field) refuse(fault);
  if (!field->like.empty() || !is_tensor(field->kind)) refuse("a field is a tensor of a kind of its own");
  if (find(path)) refuse("there is a field of this name already");
  const auto& dims = field->shape.dims;
  if (!field->shape.any_rank && (dims.empty() || dims.front().form != DimSpec::Form::Letter ||
                                 dims.front().multiplier != 1 || dims.front().divisor != 1)) {
    refuse("the first size is B, the batch, or another capital letter, the number of items of a sample");
  }
  const bool has_parameter =
      std::any_of(dims.begin(), dims.end(), [](const DimSpec& dim) { return dim.form == DimSpec::Form::Parameter; });
  if (has_parameter) refuse("a record has no parameters; a size is a number, a capital letter or *");
  fields.push_back(*field);
}

std::string varying_letter(const PortSpec& field) {
  if (field.shape.any_rank || field.shape.dims.front().name == "B") return {};
  return field.shape.dims.front().name;
}

Kind record_named(std::string_view name) {
  auto spec = std::make_shared<RecordSpec>();
  spec->name = name;
  return Kind(std::move(spec));
}

}  // namespace weft
