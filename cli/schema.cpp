#include "cli/cli.h"
#include "framework/base/text.h"
#include "framework/graph/settings.h"

#include <nlohmann/json.hpp>

namespace weft::cli {
namespace {

using nlohmann::ordered_json;

constexpr const char* kParameter = "^\\$[^$]";  // "$name" stands for a parameter of the file

ordered_json described(ordered_json schema, const std::string& about) {
  if (!about.empty()) schema["description"] = about;
  return schema;
}

ordered_json a_text(const std::string& about) {
  return described({{"type", "string"}}, about);
}

ordered_json list_of(ordered_json item) {
  return {{"type", "array"}, {"items", std::move(item)}};
}

ordered_json base(const std::string& about) {
  ordered_json list = list_of(a_text(""));
  list["minItems"] = 1;
  return described({{"anyOf", {a_text(""), list}}}, about + ", or a list of files: each changes those before it");
}

ordered_json table_of(ordered_json value, const std::string& about) {
  return described({{"type", "object"}, {"additionalProperties", std::move(value)}}, about);
}

/// `value`, or "$name".
ordered_json or_parameter(ordered_json value) {
  return {{"anyOf", {std::move(value), {{"type", "string"}, {"pattern", kParameter}}}}};
}

ordered_json number(const char* type, const ParamSpec& param) {
  ordered_json schema = {{"type", type}};
  if (param.min) schema[param.above_min ? "exclusiveMinimum" : "minimum"] = *param.min;
  if (param.max) schema[param.below_max ? "exclusiveMaximum" : "maximum"] = *param.max;
  return schema;
}

ordered_json words(const ParamSpec& param) {
  if (param.choices.empty()) return {{"type", "string"}};
  return {{"enum", param.choices}};
}

ordered_json items(ordered_json item, const ParamSpec& param) {
  ordered_json schema = list_of(or_parameter(std::move(item)));
  if (param.allowed_counts.empty()) return schema;
  schema["minItems"] = *std::min_element(param.allowed_counts.begin(), param.allowed_counts.end());
  schema["maxItems"] = *std::max_element(param.allowed_counts.begin(), param.allowed_counts.end());
  return schema;
}

ordered_json value_of(const ParamSpec& param) {
  switch (param.type) {
    case ParamType::Boolean:
      return {{"type", "boolean"}};
    case ParamType::Integer:
      return number("integer", param);
    case ParamType::Real:
      return number("number", param);
    case ParamType::Fraction:
      return {{"anyOf", {number("number", param), {{"type", "string"}, {"pattern", "^[0-9]+(/[0-9]+)?$"}}}}};
    case ParamType::Text:
    case ParamType::Path:
      return words(param);
    case ParamType::Integers:
      return items(number("integer", param), param);
    case ParamType::Reals:
      return items(number("number", param), param);
    case ParamType::Texts:
      return items(words(param), param);
  }
  return true;
}

/// What TOML has for the default; nothing where there is none.
ordered_json default_of(const ParamSpec& param) {
  return std::visit([](const auto& held) -> ordered_json { return held; }, *param.default_value);
}

ordered_json parameter(const ParamSpec& param) {
  const std::string about = param.required ? text(param.about, "; must be given") : param.about;
  ordered_json schema = described(or_parameter(value_of(param)), about);
  if (param.default_value) schema["default"] = default_of(param);
  return schema;
}

ordered_json expression() {
  return {{"$ref", "#/$defs/expression"}};
}

ordered_json expressions() {
  return {{"anyOf", {expression(), list_of(expression())}}};
}

/// `in = "x"`, `in = ["x", "y"]`, or a table of ports.
ordered_json inputs(const std::vector<PortSpec>& ports) {
  ordered_json table = {{"type", "object"}, {"properties", ordered_json::object()}, {"additionalProperties", false}};
  for (const PortSpec& port : ports) {
    const char* arity = port.arity == PortSpec::Arity::Many       ? ", one or more"
                        : port.arity == PortSpec::Arity::Optional ? ", optional"
                                                                  : "";
    table["properties"][port.name] =
        described(port.arity == PortSpec::Arity::Many ? expressions() : expression(), text(port.declaration(), arity));
  }
  return {{"anyOf", {expression(), list_of(expression()), table}}};
}

ordered_json reserved_keys() {
  ordered_json keys;
  keys["use"] = a_text("a node type such as \"flow.warp\", or a graph file such as \"./scale.toml\"");
  keys["in"] = {{"anyOf", {expression(), list_of(expression()), table_of(expressions(), "")}}};
  keys["in"]["description"] = "the inputs of the node: one reference, or a table of references by input";
  keys["about"] = a_text("the purpose of the node");
  const auto times = [](const std::string& about) {
    return described(or_parameter({{"type", "integer"}, {"minimum", 1}}), about);
  };
  keys["every"] = times("runs the node at every n-th of the times at which it could run");
  keys["multiple"] = times("runs the node only at multiples of n, counted from the first generated frame");
  keys["fold"] =
      described({{"const", "chunk"}}, "runs the node once for a chunk, with its frames in the batch dimension");
  keys["recompute"] = described({{"type", "boolean"}},
                                "in training, discards the intermediate values and recomputes them for the gradients");
  keys["share"] = a_text("makes the node a second call of this node's network");
  return keys;
}

/// The keys of a node of one type.
ordered_json node_of(const NodeSpec& spec) {
  ordered_json properties;
  const ordered_json reserved = reserved_keys();
  for (const auto& [key, schema] : reserved.items()) properties[key] = true;
  if (!spec.inputs.empty()) properties["in"] = inputs(spec.inputs);
  for (const ParamSpec& param : spec.params) properties[param.name] = parameter(param);
  return {{"description", spec.about}, {"properties", properties}, {"additionalProperties", false}};
}

/// Any node; the type in `use` decides on the other keys.
ordered_json node(const NodeCatalogue& catalogue) {
  ordered_json schema = {{"type", "object"}, {"properties", reserved_keys()}};
  ordered_json named = ordered_json::array();
  ordered_json cases = ordered_json::array();
  for (const std::string& type : catalogue.types()) {
    named.push_back({{"const", type}, {"description", catalogue.find(type)->about}});
    ordered_json is_this;
    is_this["properties"]["use"]["const"] = type;
    is_this["required"] = {"use"};
    cases.push_back({{"if", is_this}, {"then", {{"$ref", "#/$defs/" + type}}}});
  }
  named.push_back({{"type", "string"}, {"pattern", "\\.toml$"}, {"description", "a graph file"}});
  named.push_back({{"type", "string"}, {"pattern", kParameter}, {"description", "a parameter of this file"}});
  schema["properties"]["use"].erase("type");
  schema["properties"]["use"]["anyOf"] = named;
  schema["allOf"] = cases;
  return schema;
}

/// A table of settings, such as [run].
ordered_json settings(const std::vector<ParamSpec>& specs) {
  ordered_json schema = {{"type", "object"}, {"properties", ordered_json::object()}, {"additionalProperties", false}};
  for (const ParamSpec& spec : specs) schema["properties"][spec.name] = parameter(spec);
  return schema;
}

ordered_json update() {
  ordered_json schema = settings(graph::update_settings());
  schema["properties"]["of"] = described(list_of(a_text("")), "paths of the networks that change");
  schema["properties"]["loss"] = table_of(or_parameter({{"type", "number"}}), "scalars and their weights");
  return schema;
}

ordered_json weights() {
  ordered_json longer = {{"type", "object"}, {"required", {"file"}}, {"additionalProperties", false}};
  longer["properties"]["file"] = a_text("the file, \"random\" or \"fill\"");
  longer["properties"]["prefix"] = a_text("loads only the keys that begin with this prefix, and removes it from them");
  longer["properties"]["optional"] = described(
      list_of({{"type", "string"}}), "patterns of keys that may be missing, or may be unknown to the network");
  longer["properties"]["only"] =
      described({{"const", "matching"}}, "loads the tensors that fit in key and shape; the other ones are random");
  return {{"anyOf", {a_text("a file, \"random\" or \"fill\""), longer}}};
}

ordered_json graph_parameter() {
  const ordered_json plain = {{"type", {"boolean", "integer", "number", "string", "array"}}};
  ordered_json longer = {{"type", "object"}, {"additionalProperties", false}};
  longer["properties"]["default"] = described(plain, "default value; a parameter without one must be set");
  longer["properties"]["min"] = {{"type", "number"}};
  longer["properties"]["max"] = {{"type", "number"}};
  longer["properties"]["above"] = a_text("another parameter of the file, or a sum, which must be smaller");
  longer["properties"]["choices"] = list_of({{"type", "string"}});
  longer["properties"]["about"] = a_text("what it means");
  return {{"anyOf", {plain, longer}}};
}

/// Keys that change a graph: those of variants, stages, and files with `base`.
ordered_json changes() {
  ordered_json keys;
  keys["set"] = described({{"type", "object"}}, "sets anything by path, as in set.node.F.use");
  keys["set"]["properties"]["node"] = table_of({{"$ref", "#/$defs/node"}}, "keys of nodes, by path");
  keys["swap"] = table_of({{"$ref", "#/$defs/node"}},
                          "another type for a node: `in` is kept unless given anew, parameters are dropped");
  keys["without"] = described(list_of({{"type", "string"}}), "paths of nodes to remove");
  keys["bypass"] = described(list_of({{"type", "string"}}), "paths of nodes to bypass: their input passes through");
  return keys;
}

ordered_json variant(const ordered_json& more) {
  ordered_json schema = {{"type", "object"}, {"properties", changes()}, {"additionalProperties", false}};
  schema["properties"]["about"] = a_text("what it is for");
  schema["properties"].update(more);
  return schema;
}

ordered_json stage() {
  ordered_json more;
  more["name"] = a_text("the name of the stage in reports");
  more["epochs"] = {{"type", "integer"}, {"minimum", 1}};
  more["carry"] = table_of({{"type", "string"}}, "new path = path in the stage before");
  more["optimiser"] = {{"enum", {"keep", "new"}}};
  ordered_json schema = variant(more);
  schema["required"] = {"epochs"};
  return schema;
}

ordered_json sections() {
  ordered_json keys;
  keys["format"] = described({{"const", 1}}, "the version of the format");
  keys["about"] = a_text("a sentence about the file");
  keys["base"] = base("the graph file that this one changes");
  keys["params"] = table_of(graph_parameter(), "the parameters of the graph");
  keys["inputs"] = table_of(a_text("kind[sizes], with ? when it may stay unwired"),
                            "the inputs of the graph when it is used as a node");
  keys["stream"] = table_of(expression(), "names for expressions");
  keys["node"] = table_of({{"$ref", "#/$defs/node"}}, "the nodes, [node.NAME]");
  keys["outputs"] = table_of(expression(), "the outputs of the graph when it is used as a node");
  keys["weights"] = table_of(weights(), "the weight file of each network");
  keys["run"] = described(settings(graph::run_settings()), "settings of a run");
  keys["update"] = table_of(update(), "training: the networks of each optimiser, and their losses");
  keys["stage"] = described(list_of(stage()), "training: stages, one after the other");
  keys["seeds"] = list_of({{"type", "integer"}});
  keys["report"] = list_of({{"type", "string"}});
  const ordered_json measure = a_text("experiments: the graph that measures what was trained");
  keys["measure"] = measure;
  const ordered_json is_default =
      described({{"type", "boolean"}}, "whether weft ablate takes it where --variant names none; true without it");
  keys["variant"] = table_of(variant({{"base", base("the graph file that the variant changes, in place of this one")},
                                      {"measure", measure},
                                      {"default", is_default}}),
                             "experiments: changes to this file, or to another one");
  keys["grid"] = table_of({{"type", "array"}, {"minItems", 1}}, "experiments: paths and the values to try");
  keys.update(changes());
  return keys;
}

}  // namespace

std::string schema_text(const NodeCatalogue& catalogue) {
  ordered_json schema;
  schema["$schema"] = "https://json-schema.org/draft/2020-12/schema";
  schema["title"] = "A graph of weft";
  schema["type"] = "object";
  schema["required"] = {"format"};
  schema["properties"] = sections();
  schema["additionalProperties"] = false;
  schema["$defs"]["expression"] = a_text("a reference such as \"x\", \"w.flow\", \"x[t-2..t-1]\" or \"given else x\"");
  schema["$defs"]["node"] = node(catalogue);
  for (const std::string& type : catalogue.types()) schema["$defs"][type] = node_of(*catalogue.find(type));
  return schema.dump(1) + '\n';
}

}  // namespace weft::cli
