#include "cli/cli.h"
#include "cli/licence.h"
#include "cli/pack_folder.h"
#include "cli/pack_graphs.h"
#include "cli/shell_word.h"
#include "framework/base/text.h"
#include "framework/graph/library.h"
#include "framework/run/session.h"

#include <gnu/libc-version.h>

#include <algorithm>
#include <filesystem>
#include <iostream>
#include <set>

namespace weft::cli {
namespace {

namespace fs = std::filesystem;

struct Arguments {
  GraphArguments graph;
  std::string folder;
  bool with_data = false;
};

/// `--set NAME="$here/PLACE"` of the script, or PLACE in the working directory.
struct Setting {
  std::string name, place;
  bool is_packed = true;
};

/// A parameter of the graph that its user gives: where data comes from.
struct Wanted {
  std::string name, about;
};

/// What the script says and the README lists.
struct Contents {
  std::string graph;               ///< below the folder
  std::vector<std::string> given;  ///< of the command line: `--set` as it was
  std::vector<Setting> settings;
  std::vector<Wanted> wanted;
  std::vector<std::string> without_licence;
};

/// The names that `--set` knows a path by: a parameter of the graph where one has it, else `otherwise`.
std::string setting_of(const graph::Checked& checked, const std::string& path, const std::string& otherwise) {
  const graph::Item* params = checked.resolved.find("params");
  if (!params) return otherwise;
  for (const graph::Item::Entry& param : params->entries) {
    const graph::Item* value = param.value.is_table() ? param.value.find("default") : &param.value;
    if (value && value->is_text() && graph::resolve_path(value->text, value->place) == path)
      return graph::key_text(param.key);
  }
  return otherwise;
}

std::string about_of(const graph::Checked& checked, const std::string& name, const std::string& otherwise) {
  const graph::Item* params = checked.resolved.find("params");
  const graph::Item* param = params ? params->find(name) : nullptr;
  const graph::Item* about = param && param->is_table() ? param->find("about") : nullptr;
  return about ? about->text : otherwise;
}

/// A place below `folder` for a file, named after it, and after its part of the graph where that name is taken.
std::string free_place(const PackFolder& pack, const std::string& folder, const fs::path& file, std::string part) {
  const std::string name = file.filename().string();
  if (!pack.has(fs::path(folder) / name)) return folder + '/' + name;
  std::replace(part.begin(), part.end(), '.', '-');
  return text(folder, '/', part, '-', name);
}

void pack_weights(const run::Session& session, PackFolder& pack, Contents& contents) {
  for (const run::WeightGroup& group : session.weights()) {
    const graph::WeightSource& source = *group.source;
    if (!source.is_file()) continue;
    const std::string place = free_place(pack, "weights", source.file, source.path);
    pack.copy(source.file, place);
    const std::string otherwise = text("weights.", graph::key_text(source.path));
    contents.settings.push_back({setting_of(session.checked(), source.file, otherwise), place});
  }
}

/// Data is packed when asked for; videos are written where the script is called.
void settle_paths(const run::Session& session, bool with_data, PackFolder& pack, Contents& contents) {
  for (const graph::Step& step : session.plan().steps) {
    const graph::FlatNode& node = session.plan().graph.nodes[static_cast<size_t>(step.node)];
    for (const ParamSpec& param : node.spec->params) {
      const auto value = node.params.find(param.name);
      if (param.type != ParamType::Path || value == node.params.end()) continue;
      const auto* path = std::get_if<std::string>(&value->second);
      if (!path || path->empty() || *path == "-") continue;
      const std::string name = setting_of(session.checked(), *path, text(node.path, '.', param.name));
      if (node.spec->is_sink) {
        contents.settings.push_back({name, fs::path(*path).filename().string(), false});
      } else if (with_data) {
        const std::string place = free_place(pack, "data", *path, node.path);
        pack.copy(*path, place);
        contents.settings.push_back({name, place});
      } else {
        contents.wanted.push_back({name, about_of(session.checked(), name, param.about)});
      }
    }
  }
}

/// Those of all nodes in the file, of losses too: the copy is checked as a whole before it runs.
void pack_plugins(const run::Session& session, const plugin::Plugins& plugins, PackFolder& pack) {
  std::set<std::string> needed;
  for (const graph::FlatNode& node : session.checked().graph().nodes)
    if (node.spec) needed.insert(node.spec->plugin);
  for (const plugin::Found& found : plugins.found()) {
    if (needed.contains(found.stamp.plugin)) pack.copy(found.file, "weft/plugins" / fs::path(found.file).filename());
  }
}

void pack_program(PackFolder& pack, Contents& contents) {
  pack.copy(fs::canonical("/proc/self/exe"), "weft/weft");
  std::vector<fs::path> libraries = loaded_libraries();
  std::erase_if(libraries, [](const fs::path& library) { return library.filename().string().starts_with("weft_"); });
  const std::vector<Licence> licences = licences_of(libraries);
  for (size_t i = 0; i < libraries.size(); ++i) {
    const std::string name = libraries[i].filename().string();
    pack.copy(fs::canonical(libraries[i]), fs::path("weft/lib") / name);
    if (name.starts_with("libweft_")) continue;
    if (licences[i].files.empty()) contents.without_licence.push_back(name);
    for (const fs::path& file : licences[i].files) {
      const fs::path place = fs::path("licences") / licences[i].package / file.filename();
      if (!pack.has(place)) pack.copy(fs::canonical(file), place);
    }
  }
  pack.write("licences/weft/LICENSE", kLicence);
}

/// Settings of the command line; those that name a packed graph file name its place.
void settle_settings(const Arguments& arguments, const PackedGraphs& graphs, Contents& contents) {
  for (const std::string& setting : arguments.graph.settings) {
    const size_t equals = setting.find('=');
    std::string value = equals == std::string::npos ? "" : setting.substr(equals + 1);
    std::erase_if(value, [](char c) { return c == '"' || c == '\''; });
    const std::string place = value.empty() ? "" : graphs.place_of(value);
    if (place.empty()) {
      contents.given.push_back(setting);
    } else {
      contents.settings.push_back({setting.substr(0, equals), place});
    }
  }
}

/// The settings of the folder as `--set` has them, for files that lie in `pack` while it is made.
std::vector<std::string> settings_in(const PackFolder& pack, const Contents& contents) {
  std::vector<std::string> settings = contents.given;
  for (const Setting& setting : contents.settings)
    settings.push_back(
        text(setting.name, '=', setting.is_packed ? pack.path_of(setting.place).string() : setting.place));
  return settings;
}

std::string script(const Contents& contents) {
  std::string out =
      "#!/bin/sh\n"
      "# Runs the graph of this folder; what is given is added, as in ./run --set out=film.mp4 --device cuda\n"
      "here=$(cd \"$(dirname \"$0\")\" && pwd) || exit 1\n"
      "LD_LIBRARY_PATH=$here/weft/lib${LD_LIBRARY_PATH:+:$LD_LIBRARY_PATH}\n"
      "export LD_LIBRARY_PATH\n";
  out += text("exec \"$here/weft/weft\" run \"$here\"/", shell_quoted(contents.graph));
  for (const std::string& setting : contents.given) out += text(" \\\n  --set ", shell_quoted(setting));
  for (const Setting& setting : contents.settings) {
    out += text(" \\\n  --set ", shell_quoted(setting.name + '='), setting.is_packed ? "\"$here\"/" : "",
                shell_quoted(setting.place));
  }
  return out + " \\\n  \"$@\"\n";
}

std::string readme(const graph::Checked& checked, const Contents& contents) {
  std::string out = text(checked.graph().instances.front().about, "\n\n    ./run", contents.wanted.empty() ? "" : " …",
                         "\n\nruns it on Linux, x86-64, with glibc ", gnu_get_libc_version(),
                         " or newer; nothing else need be installed. ./run --help lists the options.\n");
  if (!contents.wanted.empty()) out += "\nIt wants\n\n";
  for (const Wanted& wanted : contents.wanted) out += text("    --set ", wanted.name, "=…    ", wanted.about, '\n');
  for (const Setting& setting : contents.settings) {
    if (!setting.is_packed)
      out += text("\nIt writes ", setting.place, " in the working directory; --set ", setting.name,
                  "=… puts it elsewhere.\n");
  }
  out +=
      "\nlicences/ holds the terms of the libraries in weft/lib, a folder for each package. Some may ask for more "
      "than\n"
      "a copy of them when this folder is passed on: libx264, where it is here, is under the GPL.\n";
  if (!contents.without_licence.empty())
    out += text("No terms were found for: ", join(contents.without_licence), ".\n");
  return out;
}

Exit pack_graph(const Arguments& arguments, Program& program) {
  PackFolder pack(arguments.folder);
  graph::CheckOptions options = arguments.graph.options();
  options.with_stages = options.with_variants = false;
  // Loads the weights, so that a folder that is made also runs.
  graph::Checked checked = read_checked(arguments.graph, options, program);
  if (const graph::Item* variants = checked.resolved.find("variant"))
    throw Error(Exit::Graph, variants->place, "the file is an ablation, and a folder runs one graph")
        .hint("pack a file that has one of the variants: `base`, and the changes of that variant");
  const run::Session session(std::move(checked), program.plugins(), {}, *program.log);
  Contents contents;
  const PackedGraphs graphs(session.checked(), arguments.graph.file, pack);
  contents.graph = graphs.graph();
  settle_settings(arguments, graphs, contents);
  pack_weights(session, pack, contents);
  settle_paths(session, arguments.with_data, pack, contents);
  pack_plugins(session, program.plugins(), pack);
  pack_program(pack, contents);
  GraphArguments copy = arguments.graph;
  copy.settings = settings_in(pack, contents);
  graph::CheckOptions of_copy = copy.options();
  of_copy.with_stages = of_copy.with_variants = false;
  graphs.check(of_copy, program.plugins(), pack);
  pack.write("run", script(contents), true);
  pack.write("README.txt", readme(session.checked(), contents));
  const int64_t bytes = pack.finish();
  program.log->note(text(arguments.folder, ": ", bytes_text(bytes), "; ", (fs::path(arguments.folder) / "run").string(),
                         " runs it, README.txt says more"));
  for (const Wanted& wanted : contents.wanted)
    program.log->note(text("  not in it: ", wanted.name, " (", wanted.about, "); --data packs it too"));
  return Exit::Done;
}

}  // namespace

void add_pack_verb(CLI::App& app, Program& program) {
  CLI::App* verb =
      app.add_subcommand("pack", "Makes a folder with a graph, its weights and weft, which runs on another machine");
  auto arguments = std::make_shared<Arguments>();
  arguments->graph.add_to(*verb);
  verb->add_option("-o,--output", arguments->folder, "The folder to write")->required()->type_name("DIR");
  verb->add_flag("--data", arguments->with_data, "Also packs the files and folders that the sources read");
  verb->callback(
      [arguments, &program] { program.action = [arguments, &program] { return pack_graph(*arguments, program); }; });
}

}  // namespace weft::cli
