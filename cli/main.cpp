#include "cli/cli.h"
#include "cli/fetch.h"
#include "cli/running.h"
#include "cli/standard_streams.h"
#include "cli/waiting_threads.h"
#include "framework/base/memory.h"
#include "framework/base/text.h"
#include "framework/run/node_failure.h"

#include <climits>
#include <malloc.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <exception>
#include <iostream>
#include <new>
#include <string_view>
#include <tuple>

namespace weft::cli {
namespace {

constexpr const char* kAbout =
    "weft runs video-to-video synthesis as a graph: a TOML file wires nodes from plugins into one pipeline.\n"
    "Exit codes: 0 done, 1 the run failed, 2 usage, 3 the graph is wrong, 4 data or weights, 5 plugin, 6 out of "
    "memory, 7 a loss is not finite, "
    "129, 130, 138 and 143 stopped by a signal after saving.";

/// Large tensors come and go with every frame. The allocator is told to keep their memory: mapping it anew each
/// time costs about a sixth of a frame.
void keep_freed_memory() {
  mallopt(M_TRIM_THRESHOLD, INT_MAX);
  mallopt(M_MMAP_MAX, 0);
}

/// Says what ended the command.
Exit fail(Program& program, const Error& error) {
  if (program.log) program.log->status("");
  const std::string what = printable(error.what(), "\n");
  std::cerr << Log::shown(text(what.find("error E") == std::string::npos ? "weft: " : "", what)) << '\n';
  return error.exit();
}

/// For an exception that nothing holds, as one of a destructor. It wants no memory, which may be what is missing.
[[noreturn]] void end_at_once() {
  std::string_view why = "weft: out of memory\n";
  Exit exit = Exit::Memory;
  try {
    if (const std::exception_ptr thrown = std::current_exception()) std::rethrow_exception(thrown);
  } catch (const std::bad_alloc&) {
  } catch (...) {  // the border of the process
    why = "weft: an exception came where none can be dealt with\n";
    exit = Exit::Failed;
  }
  std::ignore = ::write(STDERR_FILENO, why.data(), why.size());
  std::_Exit(static_cast<int>(exit));
}

/// LibTorch's libraries end the process with words of their own where the working folder has been removed.
void end_without_folder() {
  std::array<char, PATH_MAX> folder{};
  if (::getcwd(folder.data(), folder.size()) || errno != ENOENT) return;
  constexpr std::string_view kWhy = "weft: the working folder is no longer there\n  change into another one\n";
  std::ignore = ::write(STDERR_FILENO, kWhy.data(), kWhy.size());
  std::_Exit(static_cast<int>(Exit::Failed));
}

/// Runs before the constructors of all libraries, as LibTorch's end the process without a word, or crash, when they get no
/// memory.
void begin(int /*count*/, char** words, char** environment) {
  std::set_terminate(end_at_once);
  if (is_memory_short()) end_at_once();
  end_without_folder();
  let_waiting_threads_sleep(words, environment);
}

[[gnu::section(".preinit_array"), gnu::used]] void (*const kBegin)(int, char**, char**) = begin;

/// "weft weights list".
std::string command_of(const CLI::App& verb) {
  const CLI::App* parent = verb.get_parent();
  return parent ? text(command_of(*parent), ' ', verb.get_name()) : verb.get_name();
}

/// "`weft run` has no option --fast; did you mean …", for words that no verb or option took.
std::string extra_fault(const CLI::App& app, const CLI::App& chosen, const std::vector<std::string>& arguments) {
  const std::string command = command_of(chosen);
  const std::vector<std::string> extras = app.remaining(/*recurse=*/true);
  const std::string word = extras.empty() ? "" : extras.front();
  if (word.starts_with('-')) {
    std::vector<std::string> options;
    for (const CLI::App* one : {&chosen, &app}) {
      for (const CLI::Option* option : one->get_options()) {
        for (const std::string& name : option->get_lnames()) options.push_back("--" + name);
      }
    }
    const std::string meant = nearest(word.substr(0, word.find('=')), options);
    return text('`', command, "` has no option ", word, meant.empty() ? "" : text("; did you mean ", meant, '?'));
  }
  const auto place = std::find(arguments.begin(), arguments.end(), word);
  if (place != arguments.end() && place - arguments.begin() >= 2 && *(place - 2) == "--set" &&
      (place - 1)->find('=') == std::string::npos) {
    return text("--set ", *(place - 1), ' ', word, ": write --set ", *(place - 1), '=', word);
  }
  return text('`', command, "`: unexpected argument ", join(extras, " "));
}

/// "`weft run` wants a `graph` …": an argument without which a verb does nothing.
std::string missing_fault(const CLI::App& chosen, const CLI::ParseError& error) {
  for (const CLI::Option* option : chosen.get_options()) {
    if (!option->get_required() || option->count() > 0) continue;
    const std::string name = option->get_name();
    return text('`', command_of(chosen), "` wants ", option->get_positional() ? text('`', name, '`') : name, ": ",
                option->get_description());
  }
  return error.what();
}

/// What is wrong with the command line. Of verbs the library only says that one is required.
std::string usage_fault(const CLI::App& app, const CLI::ParseError& error, const std::vector<std::string>& arguments) {
  const CLI::App* chosen = &app;
  while (!chosen->get_subcommands().empty()) chosen = chosen->get_subcommands().front();
  if (error.get_exit_code() == static_cast<int>(CLI::ExitCodes::ExtrasError))
    return extra_fault(app, *chosen, arguments);
  if (error.get_name() != "RequiredError") return error.what();
  if (chosen->get_require_subcommand_min() == 0) return missing_fault(*chosen, error);
  std::vector<std::string> verbs;
  for (const CLI::App* verb : chosen->get_subcommands({})) verbs.push_back(verb->get_name());
  const std::string command = command_of(*chosen);
  for (const std::string& word : app.remaining(/*recurse=*/true)) {
    if (word.starts_with('-')) continue;
    const std::string meant = did_you_mean(word, verbs);
    return text("there is no `", command, ' ', word, '`', meant.empty() ? "; there are " + join(verbs) : "; " + meant);
  }
  return text('`', command, "` wants a verb: ", join(verbs));
}

void add_verbs(CLI::App& app, Program& program) {
  app.add_flag_callback(
      "-q,--quiet", [&] { program.log_level = Log::Level::Quiet; }, "Says only what goes wrong");
  app.add_flag_callback(
      "-v,--verbose", [&] { program.log_level = Log::Level::Detailed; }, "Says more");
  app.fallthrough();
  add_run_verb(app, program);
  add_train_verb(app, program);
  add_ablate_verb(app, program);
  add_eval_verb(app, program);
  add_study_verb(app, program);
  add_check_verb(app, program);
  add_plan_verb(app, program);
  add_graph_verb(app, program);
  add_nodes_verb(app, program);
  add_weights_verb(app, program);
  add_data_verb(app, program);
  add_pack_verb(app, program);
  add_doctor_verb(app, program);
  add_explain_verb(app, program);
  add_fetch_verb(app, program);
  add_new_verb(app, program);
  add_plugin_verb(app, program);
  add_completion_verb(app, program);
}

Exit carry_out(Program& program, const std::vector<std::string>& arguments) {
  CLI::App app(kAbout, "weft");
  app.require_subcommand(1);
  app.set_version_flag("--version", "weft " WEFT_VERSION);
  app.get_formatter()->column_width(34);
  add_verbs(app, program);
  // What the completion of a shell asks; its words are those of an unfinished command line.
  if (!arguments.empty() && arguments.front() == "complete") {
    complete(app, {arguments.begin() + 1, arguments.end()}, program);
    return Exit::Done;
  }
  try {
    app.parse(std::vector<std::string>(arguments.rbegin(), arguments.rend()));
  } catch (const CLI::Success& success) {  // --help and --version
    app.exit(success);
    return Exit::Done;
  } catch (const CLI::ParseError& error) {
    std::cerr << Log::shown(printable("weft: " + usage_fault(app, error, arguments), "\n"))
              << "\n  weft --help and weft VERB --help tell more\n";
    return Exit::Usage;
  }
  program.log = std::make_unique<Log>(program.log_level);
  return program.action();
}

}  // namespace
}  // namespace weft::cli

int main(int argc, char** argv) {
  using namespace weft::cli;
  open_closed_descriptors();
  // A full disk or a closed pipe is an error of the write, with a message.
  for (const int signal : {SIGXFSZ, SIGPIPE}) std::signal(signal, SIG_IGN);
  meet_exits_of_libraries();
  keep_freed_memory();
  Program program;
  StandardOutput output;
  weft::Exit exit = weft::Exit::Done;
  try {
    exit = carry_out(program, {argv + 1, argv + argc});
    output.finish();
  } catch (...) {  // the border of the process: whatever it was becomes one message and an exit code
    exit = fail(program, weft::run::failure_of(std::current_exception()));
  }
  // Not by return: threads that wait for a source must not see what they work in go.
  std::_Exit(static_cast<int>(exit));
}
