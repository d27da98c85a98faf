#include "cli/cli.h"
#include "framework/base/text.h"
#include "framework/run/node_failure.h"

#include <climits>
#include <malloc.h>

#include <iostream>
#include <optional>

namespace weft::cli {
namespace {

constexpr const char* kAbout =
    "weft runs video-to-video synthesis as a graph: a TOML file wires nodes from plugins into one pipeline.\n"
    "Exit codes: 0 done, 1 the run failed, 2 usage, 3 the graph is wrong, 4 data or weights, 5 plugin, 6 out of "
    "memory, "
    "130 and 143 stopped by a signal after saving.";

/// Large tensors come and go with every frame. The allocator is told to keep their memory: mapping it anew each
/// time costs about a sixth of a frame.
void keep_freed_memory() {
  mallopt(M_TRIM_THRESHOLD, INT_MAX);
  mallopt(M_MMAP_MAX, 0);
}

Exit carry_out(Program& program) {
  program.log = std::make_unique<Log>(program.log_level);
  const auto fail = [&](Exit exit, const std::string& what) {
    program.log->status("");
    std::cerr << (what.find("error E") == std::string::npos ? "weft: " : "") << what << '\n';
    return exit;
  };
  try {
    return program.action();
  } catch (const Error& error) {
    return fail(error.exit(), error.what());
  } catch (const std::exception& error) {  // of a library, where no node was at work
    const std::optional<Error> failure = run::memory_failure(error);
    return failure ? fail(failure->exit(), failure->what()) : fail(Exit::Failed, error.what());
  }
}

/// What is wrong with the command line. Of verbs the library only says that one is required.
std::string usage_fault(const CLI::App& app, const CLI::ParseError& error) {
  const CLI::App* chosen = &app;
  while (!chosen->get_subcommands().empty()) chosen = chosen->get_subcommands().front();
  if (error.get_name() != "RequiredError" || chosen->get_require_subcommand_min() == 0) return error.what();
  std::vector<std::string> verbs;
  for (const CLI::App* verb : chosen->get_subcommands({})) verbs.push_back(verb->get_name());
  const std::string command = chosen == &app ? "weft" : text("weft ", chosen->get_name());
  for (const std::string& word : app.remaining(/*recurse=*/true)) {
    if (word.starts_with('-')) continue;
    const std::string meant = did_you_mean(word, verbs);
    return text("there is no `", command, ' ', word, '`', meant.empty() ? "; there are " + join(verbs) : "; " + meant);
  }
  return text('`', command, "` wants a verb: ", join(verbs));
}

}  // namespace
}  // namespace weft::cli

int main(int argc, char** argv) {
  using namespace weft::cli;
  keep_freed_memory();
  CLI::App app(kAbout, "weft");
  app.require_subcommand(1);
  app.set_version_flag("--version", "weft " WEFT_VERSION);
  app.get_formatter()->column_width(34);
  Program program;
  app.add_flag_callback(
      "-q,--quiet", [&] { program.log_level = weft::Log::Level::Quiet; }, "Says only what goes wrong");
  app.add_flag_callback(
      "-v,--verbose", [&] { program.log_level = weft::Log::Level::Detailed; }, "Says more");
  app.fallthrough();
  add_run_verb(app, program);
  add_check_verb(app, program);
  add_plan_verb(app, program);
  add_graph_verb(app, program);
  add_nodes_verb(app, program);
  add_weights_verb(app, program);
  add_pack_verb(app, program);
  add_doctor_verb(app, program);
  add_explain_verb(app, program);
  try {
    app.parse(argc, argv);
  } catch (const CLI::Success& success) {  // --help and --version
    return app.exit(success);
  } catch (const CLI::ParseError& error) {
    std::cerr << "weft: " << usage_fault(app, error) << "\n  weft --help and weft VERB --help tell more\n";
    return static_cast<int>(weft::Exit::Usage);
  }
  return static_cast<int>(carry_out(program));
}
