#include "framework/graph/graph_file.h"

#include "framework/base/text.h"

#include <algorithm>
#include <functional>
#include <map>
#include <set>

namespace weft::graph {
namespace {

/// Names become parts of paths, and paths stand in messages, files and columns.
constexpr size_t kLongestName = 100;
constexpr size_t kMostPorts = 1000;   ///< of [inputs] and of [outputs]
constexpr size_t kMostTerms = 64;     ///< of a choice
constexpr size_t kMostSources = 256;  ///< of a variadic input

bool expect_type(const Item& item, Item::Type type, std::string_view what, Diagnostics& diagnostics) {
  if (item.is(type)) return true;
  Item wanted;
  wanted.type = type;
  diagnostics.error("E106", item.place, text(what, " must be ", wanted.describe(), ", not ", item.describe()));
  return false;
}

std::string read_text(const Item& root, std::string_view key, Diagnostics& diagnostics) {
  const Item* item = root.find(key);
  if (!item || !expect_type(*item, Item::Type::Text, text('`', key, '`'), diagnostics)) return {};
  return item->text;
}

/// Calls `read` for each entry of a section that must be a table.
void for_each_entry(const Item& root, std::string_view section, Diagnostics& diagnostics,
                    const std::function<void(const Item::Entry&)>& read) {
  const Item* table = root.find(section);
  if (!table || !expect_type(*table, Item::Type::Table, text('[', section, ']'), diagnostics)) return;
  const bool has_ports = section == "inputs" || section == "outputs";
  if (has_ports && table->entries.size() > kMostPorts)
    return diagnostics.error("E110", table->place, text('[', section, "] has more than ", kMostPorts, " rows"));
  for (const Item::Entry& entry : table->entries) read(entry);
}

std::optional<ParamType> type_of(const ParamValue& value) {
  static constexpr ParamType kTypes[] = {ParamType::Boolean,  ParamType::Integer, ParamType::Real, ParamType::Text,
                                         ParamType::Integers, ParamType::Reals,   ParamType::Texts};
  return kTypes[value.index()];
}

void read_long_form(const Item& table, ParamDeclaration& param, Diagnostics& diagnostics) {
  static const std::vector<std::string> keys = {"default", "min", "max", "above", "choices", "about"};
  const auto number = [&](const Item& item) -> std::optional<double> {
    if (item.is(Item::Type::Integer)) return static_cast<double>(item.integer);
    if (item.is(Item::Type::Real)) return item.real;
    diagnostics.error("E106", item.place, text("a bound must be a number, not ", item.describe()));
    return {};
  };
  for (const auto& [key, place, value] : table.entries) {
    if (key == "default") {
      param.initial = value;
    } else if (key == "min") {
      param.spec.min = number(value);
    } else if (key == "max") {
      param.spec.max = number(value);
    } else if (key == "above") {
      if (expect_type(value, Item::Type::Text, "`above`", diagnostics)) param.above = value;
    } else if (key == "about") {
      if (expect_type(value, Item::Type::Text, "`about`", diagnostics)) param.spec.about = value.text;
    } else if (key == "choices") {
      const auto words = value.param_value();
      if (words && std::holds_alternative<std::vector<std::string>>(*words)) {
        param.spec.choices = std::get<std::vector<std::string>>(*words);
      } else {
        diagnostics.error("E106", value.place, "`choices` must be a list of texts");
      }
    } else {
      diagnostics.error("E105", place, text("a parameter has no key `", key, '`'), did_you_mean(key, keys));
    }
  }
}

ParamDeclaration read_param(const Item::Entry& entry, Diagnostics& diagnostics) {
  ParamDeclaration param;
  param.spec.name = entry.key;
  param.place = entry.place;
  if (entry.value.is_table()) {
    read_long_form(entry.value, param, diagnostics);
  } else {
    param.initial = entry.value;
  }
  const auto value = param.initial ? param.initial->param_value() : std::nullopt;
  if (param.initial && !value) {
    diagnostics.error("E106", param.initial->place,
                      text("the parameter `", entry.key, "` cannot be ", param.initial->describe(),
                           " of this form; a parameter is a number, a text, true or false, or a list of one of these"));
    param.initial.reset();
  }
  param.has_type = value.has_value();
  if (value) param.spec.type = *type_of(*value);
  param.spec.required = !param.initial;
  return param;
}

void read_inputs(const Item& root, GraphFile& file, Diagnostics& diagnostics) {
  for_each_entry(root, "inputs", diagnostics, [&](const Item::Entry& entry) {
    std::string fault;
    if (!expect_type(entry.value, Item::Type::Text, text("the input `", entry.key, '`'), diagnostics)) {
      file.broken_inputs.push_back(entry.key);
      return;
    }
    const auto port = parse_port(entry.key, entry.value.text, fault);
    if (port && port->like.empty() && port->kind != Kind::Any) {
      file.inputs.push_back({*port, entry.place});
      return;
    }
    file.broken_inputs.push_back(entry.key);
    if (port) {
      diagnostics.error("E106", entry.value.place,
                        "an input of a graph has a kind of its own: `any` and `like` are for nodes in code");
    } else {
      diagnostics.error("E106", entry.value.place, fault);
    }
  });
}

std::vector<StreamDeclaration> read_streams(const Item& root, std::string_view section, Diagnostics& diagnostics) {
  std::vector<StreamDeclaration> streams;
  for_each_entry(root, section, diagnostics, [&](const Item::Entry& entry) {
    const auto reference = read_reference(entry.value, diagnostics);
    // A stream that cannot be read still has its name, so that its readers are not reported too.
    streams.push_back({entry.key, entry.place, reference.value_or(Reference{entry.value, {}})});
  });
  return streams;
}

void check_names(const Item& root, const GraphFile& file, Diagnostics& diagnostics) {
  std::map<std::string, Place> taken;
  const auto take = [&](const std::string& name, const Place& place, std::string_view what) {
    const std::string fault = name_fault(name);
    if (!fault.empty())
      return diagnostics.error("E108", place, text("`", name, "` cannot be the name of ", what, ": ", fault));
    const auto [before, is_new] = taken.emplace(name, place);
    if (!is_new) {
      diagnostics.error("E109", place, text("the name `", name, "` is taken: see line ", before->second.line),
                        "inputs, streams and nodes of a file share one namespace");
    }
  };
  for (const auto& param : file.params) {
    const std::string fault = name_fault(param.spec.name);
    if (!fault.empty())
      diagnostics.error("E108", param.place,
                        text("`", param.spec.name, "` cannot be the name of a parameter: ", fault));
  }
  for (const auto& input : file.inputs) take(input.port.name, input.place, "an input");
  for (const auto& stream : file.streams) take(stream.name, stream.place, "a stream");
  const Item* nodes = root.find("node");
  if (!nodes || !nodes->is_table()) return;
  for (const Item::Entry& entry : nodes->entries) {
    // A name with dots or stars is a change to nodes inside, not a node.
    if (entry.key.find_first_of(".*") == std::string::npos) take(entry.key, entry.place, "a node");
  }
}

void check_head(const Item& root, Diagnostics& diagnostics) {
  for (const Item::Entry& entry : root.entries) {
    if (std::find(section_names().begin(), section_names().end(), entry.key) == section_names().end()) {
      diagnostics.error("E105", entry.place, text("a graph file has no key or table `", entry.key, '`'),
                        [&] { return did_you_mean(entry.key, section_names()); });
    }
  }
  const Item* format = root.find("format");
  if (!format) {
    diagnostics.error("E103", root.place, "`format` is missing", "begin the file with `format = 1`");
  } else if (!format->is(Item::Type::Integer) || format->integer != 1) {
    diagnostics.error("E103", format->place, text("this version of weft reads format 1, not ", format->toml()));
  }
}

bool add_source(const Item& item, WireDeclaration& wire, Diagnostics& diagnostics) {
  auto reference = read_reference(item, diagnostics);
  if (reference) wire.sources.push_back(std::move(*reference));
  return reference.has_value();
}

void read_wire(const std::string& port, const Place& place, const Item& value, NodeDeclaration& node,
               Diagnostics& diagnostics) {
  WireDeclaration wire{port, place, {}, value.is(Item::Type::Array)};
  bool is_good = true;
  if (wire.is_list && value.items.size() > kMostSources) {
    diagnostics.error("E110", value.place, text("an input has more than ", kMostSources, " sources"));
    is_good = false;
  } else if (wire.is_list) {
    for (const Item& item : value.items) is_good = add_source(item, wire, diagnostics) && is_good;
  } else {
    is_good = add_source(value, wire, diagnostics);
  }
  // A wire that cannot be read still counts as wired.
  if (!is_good && wire.sources.empty()) wire.sources.push_back({value, {}});
  node.wires.push_back(std::move(wire));
}

}  // namespace

const std::vector<std::string>& section_names() {
  static const std::vector<std::string> names = {
      "format", "about", "base",   "params",  "inputs", "stream",  "node", "outputs", "weights", "run",   "update",
      "stage",  "seeds", "report", "variant", "grid",   "measure", "set",  "swap",    "without", "bypass"};
  return names;
}

std::string name_fault(std::string_view name) {
  static const std::set<std::string_view> words = {"t", "zeros", "else", "before"};
  if (words.contains(name)) return "it is a word of the reference language";
  const auto is_letter = [](char c) { return c == '_' || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); };
  const auto is_inner = [&](char c) { return is_letter(c) || (c >= '0' && c <= '9'); };
  if (name.empty()) return "it is empty";
  if (name.size() > kLongestName) return text("it is longer than ", kLongestName, " bytes");
  if (!is_letter(name.front()) || !std::all_of(name.begin(), name.end(), is_inner)) {
    return "names have letters, digits and _, and begin with a letter";
  }
  return {};
}

std::optional<Reference> read_reference(const Item& item, Diagnostics& diagnostics) {
  if (!item.is_text()) {
    diagnostics.error("E106", item.place,
                      text("a reference must be a text such as \"labels\" or \"x[t-1]\", not ", item.describe()));
    return {};
  }
  SyntaxFault fault;
  auto expression = parse_expression(item.text, fault);
  if (expression && expression->terms.size() > kMostTerms) {
    diagnostics.error("E110", item.place, text("a choice has more than ", kMostTerms, " terms"));
    return {};
  }
  if (expression) return Reference{item, std::move(*expression)};
  diagnostics.error("E301", item.place_in_text(fault.offset), text("in \"", item.text, "\": ", fault.message));
  return {};
}

NodeDeclaration read_node(const std::string& name, const Place& place, const Item& table, Diagnostics& diagnostics) {
  NodeDeclaration node;
  node.name = name;
  node.place = place;
  for (const auto& [key, key_place, value] : table.entries) {
    if (key == "use") {
      node.use = value;
    } else if (key == "share") {
      node.share = value;
    } else if (key == "every") {
      node.every = value;
    } else if (key == "multiple") {
      node.multiple = value;
    } else if (key == "fold") {
      node.fold = value;
    } else if (key == "recompute") {
      node.recompute = value;
    } else if (key == "about") {
      expect_type(value, Item::Type::Text, "`about`", diagnostics);
    } else if (key != "in") {
      node.params.push_back({key, key_place, value});
    } else if (value.is_table()) {
      for (const auto& [port, port_place, source] : value.entries)
        read_wire(port, port_place, source, node, diagnostics);
    } else {
      read_wire("", key_place, value, node, diagnostics);
    }
  }
  return node;
}

GraphFile read_graph_file(const Item& root, const std::string& file_name, Diagnostics& diagnostics) {
  GraphFile file;
  file.file = file_name;
  check_head(root, diagnostics);
  file.about = read_text(root, "about", diagnostics);
  for_each_entry(root, "params", diagnostics,
                 [&](const Item::Entry& entry) { file.params.push_back(read_param(entry, diagnostics)); });
  read_inputs(root, file, diagnostics);
  file.streams = read_streams(root, "stream", diagnostics);
  file.outputs = read_streams(root, "outputs", diagnostics);
  check_names(root, file, diagnostics);
  return file;
}

const ParamDeclaration* GraphFile::find_param(std::string_view name) const {
  const auto found =
      std::find_if(params.begin(), params.end(), [&](const auto& param) { return param.spec.name == name; });
  return found == params.end() ? nullptr : &*found;
}

const InputDeclaration* GraphFile::find_input(std::string_view name) const {
  const auto found =
      std::find_if(inputs.begin(), inputs.end(), [&](const auto& input) { return input.port.name == name; });
  return found == inputs.end() ? nullptr : &*found;
}

std::vector<std::string> GraphFile::param_names() const {
  std::vector<std::string> names;
  for (const auto& param : params) names.push_back(param.spec.name);
  return names;
}

std::vector<std::string> GraphFile::input_names() const {
  std::vector<std::string> names;
  for (const auto& input : inputs) names.push_back(input.port.name);
  return names;
}

std::vector<std::string> GraphFile::output_names() const {
  std::vector<std::string> names;
  for (const auto& output : outputs) names.push_back(output.name);
  return names;
}

}  // namespace weft::graph
