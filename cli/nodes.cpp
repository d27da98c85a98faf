#include "cli/cli.h"
#include "framework/base/text.h"
#include "framework/spec/record.h"

#include <filesystem>
#include <fstream>
#include <iostream>
#include <map>

namespace weft::cli {
namespace {

constexpr size_t kWidth = 100;  // columns of a page

struct Arguments {
  std::string type;
  std::string markdown;
  bool shows_refused = false;
  bool shows_schema = false;
};

std::string traits_of(const NodeSpec& spec) {
  std::vector<std::string> traits;
  if (spec.is_source) traits.emplace_back("source");
  if (spec.is_sink) traits.emplace_back("writer");
  if (spec.is_trainable) traits.emplace_back("has weights");
  if (spec.has_state) traits.emplace_back("has state");
  if (spec.is_still) traits.emplace_back("static value");
  if (spec.is_random) traits.emplace_back("random");
  if (spec.on_host) traits.emplace_back("works on the CPU");
  if (spec.stops_gradients) traits.emplace_back("stops gradients");
  for (const auto& [output, input] : spec.passes) traits.push_back(text("when bypassed, `", input, "` passes through"));
  return join(traits, "; ");
}

std::string arity_of(const PortSpec& port) {
  return port.arity == PortSpec::Arity::Many       ? "one or more"
         : port.arity == PortSpec::Arity::Optional ? "optional"
                                                   : "";
}

std::string default_of(const ParamSpec& param) {
  if (param.required) return "must be given";
  return param.default_value ? toml_text(*param.default_value) : "not set";
}

/// Each parameter on a line, with its meaning and range below: these are sentences and would widen a table.
std::string params_text(const NodeSpec& spec) {
  Columns heads;
  for (const ParamSpec& param : spec.params) heads.add({param.name, describe(param.type), default_of(param)});
  const std::vector<std::string> lines = split(heads.text("  "), '\n');
  std::string out;
  for (size_t i = 0; i < spec.params.size(); ++i) {
    const ParamSpec& param = spec.params[i];
    const std::string range = param.range_text();
    out += text(lines[i], '\n', wrap(range.empty() ? param.about : text(param.about, " (", range, ')'), kWidth, 6));
  }
  return out;
}

/// The types of records at the ports of nodes, by name.
using Records = std::map<std::string, std::shared_ptr<const RecordSpec>>;

void add_records(const NodeSpec& spec, Records& records) {
  for (const auto* ports : {&spec.inputs, &spec.outputs}) {
    for (const PortSpec& port : *ports) {
      if (port.kind.record()) records.emplace(port.kind.record()->name, port.kind.record());
    }
  }
}

std::string page(const RecordSpec& record) {
  std::string out = text("\nrecord ", record.name, '\n');
  if (!record.about.empty()) out += wrap(record.about, kWidth, 2);
  Columns fields;
  for (const PortSpec& field : record.fields) fields.add({field.name, field.declaration(), arity_of(field)});
  return out + fields.text("  ");
}

std::string page(const NodeSpec& spec) {
  std::string out = text(spec.type, "    (plugin ", spec.plugin, ")\n\n", wrap(spec.about, kWidth, 2));
  if (const std::string traits = traits_of(spec); !traits.empty()) out += text("\n  ", traits, '\n');
  Columns inputs, outputs;
  for (const PortSpec& port : spec.inputs) inputs.add({port.name, port.declaration(), arity_of(port)});
  for (const PortSpec& port : spec.outputs) outputs.add({port.name, port.declaration()});
  if (!spec.inputs.empty()) out += text("\ninputs\n", inputs.text("  "));
  if (!spec.outputs.empty()) out += text("\noutputs\n", outputs.text("  "));
  Records records;
  add_records(spec, records);
  for (const auto& [name, record] : records) out += page(*record);
  if (!spec.params.empty()) out += text("\nparameters\n", params_text(spec));
  return out;
}

/// Vertical bars would end a cell.
std::string cell(std::string plain) {
  for (size_t at = plain.find('|'); at != std::string::npos; at = plain.find('|', at + 2)) plain.insert(at, 1, '\\');
  return plain;
}

std::string markdown(const NodeSpec& spec) {
  std::string out = text("## ", spec.type, "\n\n", spec.about, ".\n");
  if (const std::string traits = traits_of(spec); !traits.empty()) out += text("\n*", traits, "*\n");
  if (!spec.inputs.empty() || !spec.outputs.empty()) {
    out += "\n| port | value | |\n|---|---|---|\n";
    for (const PortSpec& port : spec.inputs)
      out += text("| in `", port.name, "` | `", port.declaration(), "` | ", arity_of(port), " |\n");
    for (const PortSpec& port : spec.outputs) out += text("| out `", port.name, "` | `", port.declaration(), "` | |\n");
  }
  if (!spec.params.empty()) {
    out += "\n| parameter | type | default | meaning |\n|---|---|---|---|\n";
    for (const ParamSpec& param : spec.params) {
      const std::string range = param.range_text();
      out += text("| `", param.name, "` | ", describe(param.type), range.empty() ? "" : text(", ", cell(range)), " | ",
                  param.required || !param.default_value ? default_of(param) : text('`', cell(default_of(param)), '`'),
                  " | ", cell(param.about), " |\n");
    }
  }
  return out;
}

std::string markdown(const RecordSpec& record) {
  std::string out = text("## Record ", record.name, '\n');
  if (!record.about.empty()) out += text('\n', record.about, ".\n");
  out += "\n| field | value | |\n|---|---|---|\n";
  for (const PortSpec& field : record.fields)
    out += text("| `", field.name, "` | `", field.declaration(), "` | ", arity_of(field), " |\n");
  return out;
}

/// One page a family, as docs/nodes has them.
Exit write_markdown(const std::string& folder, const plugin::Plugins& plugins) {
  std::map<std::string, std::string> pages;
  std::map<std::string, Records> records;
  for (const std::string& type : plugins.types()) {
    const std::string family = type.substr(0, type.find('.'));
    std::string& content = pages[family];
    if (content.empty())
      content = text("# ", family, "\n\nMade by `weft nodes --markdown DIR`; what is written here by hand is lost.\n");
    content += text('\n', markdown(*plugins.find(type)));
    add_records(*plugins.find(type), records[family]);
  }
  for (const auto& [family, used] : records) {
    for (const auto& [name, record] : used) pages[family] += text('\n', markdown(*record));
  }
  std::error_code error;
  std::filesystem::create_directories(folder, error);
  for (const auto& [family, content] : pages) {
    const std::string file = text(folder, '/', family, ".md");
    std::ofstream out(file);
    out << content;
    out.close();
    if (!out) throw Error(Exit::Failed, text(file, " cannot be written"));
  }
  return Exit::Done;
}

Exit list_refused(const plugin::Plugins& plugins) {
  plugins.types();
  if (plugins.refused().empty()) std::cout << "no plugin was refused\n";
  for (const plugin::Refused& refused : plugins.refused())
    std::cout << refused.file << "\n  " << refused.reason << '\n';
  return Exit::Done;
}

/// What stands before the first colon or semicolon: enough to choose from a list.
std::string in_short(const std::string& about) {
  return about.substr(0, std::min(about.find("; "), about.find(": ")));
}

/// @param types  all, or those of a family
Exit list(const std::vector<std::string>& types, const plugin::Plugins& plugins) {
  Columns columns;
  for (const std::string& type : types) columns.add({type, in_short(plugins.find(type)->about)});
  std::cout << columns.text();
  std::cerr << "`weft nodes TYPE` tells more\n";
  if (!plugins.refused().empty()) {
    std::cerr << count_text(static_cast<int64_t>(plugins.refused().size()), "plugin")
              << " refused: weft nodes --refused\n";
  }
  return Exit::Done;
}

/// The node types of a family, such as "flow"; empty where there is no such family.
std::vector<std::string> family_of(const std::string& name, const plugin::Plugins& plugins) {
  std::vector<std::string> types = plugins.types();
  std::erase_if(types, [&](const std::string& type) { return !type.starts_with(name + '.'); });
  return types;
}

Exit show(const Arguments& arguments, Program& program) {
  const plugin::Plugins& plugins = program.plugins();
  if (arguments.shows_refused) return list_refused(plugins);
  if (arguments.shows_schema) {
    std::cout << schema_text(plugins);
    return Exit::Done;
  }
  if (!arguments.markdown.empty()) return write_markdown(arguments.markdown, plugins);
  if (arguments.type.empty()) return list(plugins.types(), plugins);
  const std::vector<std::string> family = family_of(arguments.type, plugins);
  if (!family.empty()) return list(family, plugins);
  const NodeSpec* spec = plugins.find(arguments.type);
  if (!spec) {
    const std::string refusal = plugins.refusal(arguments.type.substr(0, arguments.type.find('.')));
    const std::string meant = did_you_mean(arguments.type, plugins.types());
    throw Error(refusal.empty() ? Exit::Usage : Exit::Plugin, text("there is no node type ", arguments.type))
        .hint(!refusal.empty() ? refusal
              : !meant.empty() ? meant
                               : plugins.refusal(""));
  }
  std::cout << page(*spec);
  return Exit::Done;
}

}  // namespace

void add_nodes_verb(CLI::App& app, Program& program) {
  CLI::App* verb =
      app.add_subcommand("nodes", "Lists the node types, all or those of a family, or shows the page of one");
  auto arguments = std::make_shared<Arguments>();
  verb->add_option("type", arguments->type, "A node type, such as flow.warp, or a family, such as flow");
  verb->add_option("--markdown", arguments->markdown, "Writes a page for each family to this folder")->type_name("DIR");
  verb->add_flag("--refused", arguments->shows_refused, "Lists the plugins that could not be loaded, and why");
  verb->add_flag("--schema", arguments->shows_schema, "Prints the JSON schema of graph files, for editors");
  verb->callback(
      [arguments, &program] { program.action = [arguments, &program] { return show(*arguments, program); }; });
}

}  // namespace weft::cli
