#include "cli/data_look.h"

#include "framework/base/text.h"

#include <ATen/core/Tensor.h>

#include <array>

namespace weft::cli {
namespace {

/// The nodes that look at data sets: what a file of pictures is, their plugin knows.
constexpr const char* kLooker = "media.check_data";
constexpr const char* kColourLister = "media.list_colours";

/// @throws Error  (Exit::Usage) when a value is none that the node takes
void check_params(const NodeSpec& spec, const ParamValues& params) {
  for (const auto& [name, value] : params) {
    const ParamSpec* param = spec.find_param(name);
    const std::string fault = param ? range_fault(*param, value) : "";
    if (fault.empty()) continue;
    Error error(Exit::Usage, text("--", name, ": ", fault));
    const auto* word = std::get_if<std::string>(&value);
    throw word ? error.hint(did_you_mean(*word, param->choices)) : error;
  }
}

std::unique_ptr<Node> make_looker(const char* type, const ParamValues& params, Program& program) {
  std::unique_ptr<Node> node = make_reader(type, "pictures", program);
  check_params(*program.plugins().find(type), params);
  node->configure(params);
  return node;
}

/// The next finding; nothing at the end.
std::optional<Finding> next_finding(Node& node, Context& context) {
  std::array<Value, 4> outputs;
  try {
    if (!node.run({}, outputs, context)) return {};
  } catch (const Error& error) {
    // What would be a parameter in a graph is an option here.
    if (error.exit() != Exit::Graph) throw;
    Error of_options(Exit::Usage, error.message());
    for (const std::string& hint : error.hints()) of_options.hint(hint);
    throw of_options;
  }
  const std::string& facts = outputs[3].text();
  return Finding{outputs[0].text(), outputs[1].text(), outputs[2].tensor().item<float>() != 0,
                 facts.empty() ? nlohmann::json() : nlohmann::json::parse(facts)};
}

}  // namespace

std::unique_ptr<Node> make_reader(const std::string& type, const char* reads, Program& program) {
  if (program.plugins().find(type)) return program.plugins().make(type);
  const std::string plugin = type.substr(0, type.find('.')), reason = program.plugins().refusal(plugin);
  throw Error(Exit::Plugin, text("the plugin ", plugin, ", which reads ", reads, ", ",
                                 reason.empty() ? "is not there" : text("could not be used: ", reason)));
}

void look_at_data(const ParamValues& params, Program& program, const std::function<void(const Finding&)>& take) {
  const std::unique_ptr<Node> node = make_looker(kLooker, params, program);
  Context context(kLooker, 1, at::kCPU, at::kFloat, *program.log);
  program.log->status("reading the files …");
  while (const auto finding = next_finding(*node, context)) {
    program.log->status("");
    take(*finding);
    program.log->status("reading the files …");
  }
  program.log->status("");
}

std::string palette_of(const std::string& folder, Program& program) {
  const std::unique_ptr<Node> node = make_looker(kColourLister, {{"path", folder}}, program);
  Context context(kColourLister, 1, at::kCPU, at::kFloat, *program.log);
  std::array<Value, 1> outputs;
  return node->run({}, outputs, context) ? outputs[0].text() : "";
}

}  // namespace weft::cli
