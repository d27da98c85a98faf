#include "cli/cli.h"
#include "framework/base/text.h"
#include "framework/graph/graph_text.h"

#include <sys/wait.h>

#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iostream>

namespace weft::cli {
namespace {

struct Arguments {
  GraphArguments graph;
  std::string output;
};

std::string format_of(const std::string& output) {
  const size_t dot = output.rfind('.');
  const std::string ending = dot == std::string::npos ? "" : output.substr(dot + 1);
  if (ending == "svg" || ending == "png" || ending == "pdf" || ending == "dot") return ending;
  throw Error(Exit::Usage, text("-o ", output, ": the name must end in .svg, .png, .pdf or .dot"));
}

/// Has `dot` write the drawing into a file.
void render(const std::string& dot, const std::string& format, const std::string& output) {
  if (std::system("command -v dot >/dev/null 2>&1") != 0) {
    throw Error(Exit::Failed, "Graphviz' program `dot` is not installed")
        .hint("apt-get install graphviz, or write the drawing's source: -o graph.dot");
  }
  // The file name goes through the environment, so that the shell takes no part of it for a command.
  setenv("WEFT_GRAPH_OUTPUT", output.c_str(), 1);
  FILE* pipe = popen(text("dot -T", format, " -o \"$WEFT_GRAPH_OUTPUT\" 2>/dev/null").c_str(), "w");
  if (!pipe) throw Error(Exit::Failed, "Graphviz' program `dot` cannot be started");
  std::fwrite(dot.data(), 1, dot.size(), pipe);
  const int status = pclose(pipe);
  if (!WIFEXITED(status) || WEXITSTATUS(status) != 0)
    throw Error(Exit::Failed, text(output, " cannot be written by `dot`; is there such a folder?"));
}

/// Through a file, so that what becomes of standard output is seen here.
void print_svg(const std::string& dot) {
  std::string folder = std::filesystem::temp_directory_path() / "weft-graph-XXXXXX";
  if (!mkdtemp(folder.data())) throw Error(Exit::Failed, text(folder, " cannot be made"));
  const std::string file = folder + "/graph.svg";
  try {
    render(dot, "svg", file);
    std::cout << std::ifstream(file, std::ios::binary).rdbuf();
  } catch (const Error&) {
    std::filesystem::remove_all(folder);
    throw;
  }
  std::filesystem::remove_all(folder);
}

Exit draw(const Arguments& arguments, Program& program) {
  graph::CheckOptions options = arguments.graph.options();
  options.with_stages = options.with_variants = false;
  const graph::Checked checked = read_checked(arguments.graph, options, program);
  const std::string dot = graph::dot_text(*checked.typed);
  if (arguments.output == "-") {
    print_svg(dot);
    return Exit::Done;
  }
  arguments.graph.refuse_as_output(arguments.output);
  const std::string format = format_of(arguments.output);
  if (format == "dot") {
    std::ofstream out(arguments.output);
    out << dot;
    out.close();
    if (!out) throw Error(Exit::Failed, text(arguments.output, " cannot be written"));
  } else {
    render(dot, format, arguments.output);
  }
  program.log->note(text("drawn: ", arguments.output));
  return Exit::Done;
}

}  // namespace

void add_graph_verb(CLI::App& app, Program& program) {
  CLI::App* verb = app.add_subcommand("graph", "Draws a graph: kinds and delays on the edges, graph files as boxes");
  auto arguments = std::make_shared<Arguments>();
  arguments->graph.add_to(*verb);
  arguments->graph.add_variant_to(*verb);
  arguments->graph.add_inputs_to(*verb);
  verb->add_option("-o,--output", arguments->output, "FILE.svg, .png, .pdf or .dot; without it SVG goes to stdout")
      ->type_name("FILE");
  verb->callback([arguments, &program] {
    if (arguments->output.empty()) arguments->output = "-";
    program.action = [arguments, &program] { return draw(*arguments, program); };
  });
}

}  // namespace weft::cli
