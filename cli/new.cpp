#include "cli/cli.h"
#include "cli/new_files.h"
#include "cli/plugin_template.h"
#include "framework/base/text.h"

#include <algorithm>
#include <filesystem>

namespace weft::cli {
namespace {

namespace fs = std::filesystem;

/// The plugin, its family of nodes and its CMake targets are called by this name.
void check_name(const std::string& name, const plugin::Plugins& plugins) {
  const auto is_inner = [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_'; };
  const bool is_word = !name.empty() && name[0] >= 'a' && name[0] <= 'z' && name.size() <= 40 &&
                       std::all_of(name.begin(), name.end(), is_inner);
  if (!is_word)
    throw Error(Exit::Usage, text("a plugin cannot be called \"", name, '"'))
        .hint("a name has up to 40 small letters, digits and _, and begins with a letter, as in mylab");
  for (const plugin::Found& found : plugins.found()) {
    if (found.stamp.plugin == name)
      throw Error(Exit::Usage, text("there is a plugin ", name, " already: ", found.file)).hint("choose another name");
  }
}

/// Writes all files of a new plugin into a folder that must be empty or not there.
Exit make_plugin(const std::string& name, std::string folder, Program& program) {
  check_name(name, program.plugins());
  if (folder.empty()) folder = name;
  check_free(folder);
  for (const auto& [path, content] : plugin_template(name)) write_new(fs::path(folder) / path, content, program);
  program.log->note(text("what to do next: ", (fs::path(folder) / "README.md").string()));
  return Exit::Done;
}

}  // namespace

void add_new_verb(CLI::App& app, Program& program) {
  CLI::App* verb = app.add_subcommand("new", "Writes the files of a new plugin, or graphs for data of your own");
  verb->require_subcommand(1);
  CLI::App* plugin = verb->add_subcommand(
      "plugin", "Writes a plugin with four small nodes: sources, tests, CMake, graphs, a README with the commands");
  struct Arguments {
    std::string name, folder;
  };
  auto arguments = std::make_shared<Arguments>();
  plugin->add_option("name", arguments->name, "The name of the plugin, as in mylab")->required();
  plugin->add_option("-o,--output", arguments->folder, "The folder to write; default: the name")->type_name("FOLDER");
  plugin->callback([arguments, &program] {
    program.action = [arguments, &program] { return make_plugin(arguments->name, arguments->folder, program); };
  });
  add_new_graph_verb(*verb, program);
}

}  // namespace weft::cli
