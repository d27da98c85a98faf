#include "cli/cli.h"
#include "framework/base/text.h"
#include "framework/graph/settings.h"
#include "framework/run/device.h"
#include "framework/testing/node_trials.h"

#include <algorithm>
#include <iostream>

namespace weft::cli {
namespace {

using testing::NodeTrials;
using testing::Trial;

struct Arguments {
  std::string file;
  std::vector<std::string> only;
  std::vector<std::string> settings;
};

/// Loads the one plugin as a run would: the stamp first, then the library.
std::unique_ptr<plugin::Plugins> load(const std::string& file) {
  auto plugins = std::make_unique<plugin::Plugins>(std::vector<std::string>{});
  plugins->add_file(file);
  plugins->types();
  if (!plugins->refused().empty()) {
    const plugin::Refused& refused = plugins->refused().front();
    throw Error(Exit::Plugin, text(refused.file, ": ", refused.reason));
  }
  return plugins;
}

std::vector<std::string> chosen_types(const Arguments& arguments, const plugin::Plugins& plugins) {
  const std::vector<std::string> types = plugins.types();
  if (types.empty())
    throw Error(Exit::Plugin, text(arguments.file, ": the plugin has no nodes"))
        .hint("WEFT_PLUGIN(\"name\", \"1.0.0\", registry) { registry.add<Node>(\"name.node\"); }");
  for (const std::string& type : arguments.only) {
    if (!plugins.find(type))
      throw Error(Exit::Usage, text(arguments.file, " has no node type ", type)).hint(did_you_mean(type, types));
  }
  return arguments.only.empty() ? types : arguments.only;
}

/// Reads `family.node.parameter=value`: for the language of graphs a path of a node `family` with a key `node`.
void read_setting(const std::string& setting, const plugin::Plugins& plugins,
                  std::map<std::string, ParamValues>& params) {
  const Error form(Exit::Usage, text("--set ", setting, ": write --set family.node.parameter=value"));
  const graph::Overlay overlay = graph::read_setting(setting);
  if (overlay.nodes.empty()) throw form;
  const graph::NodeChange& family = overlay.nodes.front();
  const graph::Item::Entry& node = family.table.entries.front();
  if (!node.value.is_table()) throw form;
  const NodeSpec* spec = plugins.find(text(family.pattern, '.', node.key));
  const graph::Item::Entry& entry = node.value.entries.front();
  if (!spec)
    throw Error(Exit::Usage, text("--set ", setting, ": there is no node type ", family.pattern, '.', node.key))
        .hint(did_you_mean(text(family.pattern, '.', node.key), plugins.types()));
  const ParamSpec* param = spec->find_param(entry.key);
  if (!param)
    throw Error(Exit::Usage, text("--set ", setting, ": ", spec->type, " has no parameter `", entry.key, '`'))
        .hint(did_you_mean(entry.key, spec->param_names()));
  graph::Diagnostics faults;
  const auto value = graph::read_param_value(*param, entry.value, entry.place, spec->type, faults);
  faults.throw_errors();
  params[spec->type][entry.key] = *value;
}

std::optional<at::Device> find_gpu(Log& log) {
  try {
    return run::open_device("cuda");
  } catch (const Error& absent) {
    log.detail(absent.message());
    return {};
  }
}

/// One line a node: a column for each question.
std::string table_of(const std::vector<NodeTrials>& all) {
  Columns columns;
  const auto tried = std::find_if(all.begin(), all.end(), [](const NodeTrials& one) { return one.trials.size() > 1; });
  std::vector<std::string> head = {"node"};
  if (tried != all.end()) {
    for (const Trial& trial : tried->trials) head.push_back(trial.name);
    columns.add(head);
  }
  std::string not_tried;
  for (const NodeTrials& one : all) {
    if (!one.not_tried.empty()) {
      not_tried += text(one.type, "  not tried: ", one.not_tried, '\n');
      continue;
    }
    std::vector<std::string> row = {one.type};
    for (const Trial& trial : one.trials) row.push_back(trial.word);
    columns.add(row);
  }
  return columns.text() + not_tried;
}

Exit check(const Arguments& arguments, Program& program) {
  const std::optional<at::Device> gpu = find_gpu(*program.log);
  const std::unique_ptr<plugin::Plugins> plugins = load(arguments.file);
  const std::vector<std::string> types = chosen_types(arguments, *plugins);
  std::map<std::string, ParamValues> params;
  for (const std::string& setting : arguments.settings) read_setting(setting, *plugins, params);
  std::vector<NodeTrials> all;
  for (const std::string& type : types) {
    program.log->detail(text("trying ", type));
    const auto chosen = params.find(type);
    all.push_back(testing::try_node(type, *plugins, {chosen == params.end() ? ParamValues() : chosen->second, gpu}));
    if (!all.back().changed.empty()) program.log->detail(text("  with ", all.back().changed));
  }
  std::cout << table_of(all);
  const auto failed = std::count_if(all.begin(), all.end(), [](const NodeTrials& one) { return one.has_failed(); });
  for (const NodeTrials& one : all) {
    for (const Trial& trial : one.trials) {
      if (trial.outcome == Trial::Outcome::Failed)
        std::cout << '\n' << one.type << ", " << trial.name << ": " << trial.fault << "\n  " << trial.way_out << '\n';
    }
  }
  const auto tried = std::count_if(all.begin(), all.end(), [](const NodeTrials& one) { return one.not_tried.empty(); });
  std::cerr << arguments.file << ": " << count_text(tried, "node") << " tried, "
            << (failed == 0 ? "none failed" : text(failed, " failed")) << '\n';
  return failed == 0 ? Exit::Done : Exit::Plugin;
}

}  // namespace

void add_plugin_verb(CLI::App& app, Program& program) {
  CLI::App* verb = app.add_subcommand("plugin", "Tests the nodes of a plugin");
  verb->require_subcommand(1);
  CLI::App* check_verb = verb->add_subcommand("check",
                                              "Loads a plugin and tests each of its nodes with random inputs: sizes, "
                                              "unchanged inputs, seeds, reset, state, gradients, GPU against CPU");
  auto arguments = std::make_shared<Arguments>();
  check_verb->add_option("file", arguments->file, "The plugin, such as build/plugins/weft_mylab.so")->required();
  check_verb->add_option("--only", arguments->only, "Only this node type; may be given several times")
      ->type_name("TYPE")
      ->allow_extra_args(false);
  check_verb
      ->add_option("--set", arguments->settings,
                   "A parameter for the trials, as in mylab.tint.strength=0.2; may be given several times")
      ->type_name("TYPE.PARAM=VALUE")
      ->allow_extra_args(false);
  check_verb->callback(
      [arguments, &program] { program.action = [arguments, &program] { return check(*arguments, program); }; });
}

}  // namespace weft::cli
