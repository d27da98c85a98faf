#include "cli/ablation_cell.h"
#include "cli/ablation_plan.h"
#include "cli/ablation_report.h"
#include "cli/cli.h"
#include "cli/jobs.h"
#include "cli/running.h"
#include "framework/base/text.h"
#include "framework/run/folder_lock.h"

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <iostream>
#include <map>
#include <mutex>
#include <set>
#include <thread>
#include <utility>

namespace weft::cli {
namespace {

namespace fs = std::filesystem;
using State = AblationCell::State;

constexpr std::chrono::milliseconds kBetweenLooks{200};  // at a training that another variant waits for

struct Arguments {
  GraphArguments graph;
  RunningArguments running;
  std::string folder;
  std::vector<std::string> variants;
  int64_t jobs = 1;
  bool is_dry = false;
};

class Ablation {
 public:
  Ablation(const Arguments& arguments, Program& program)
      : arguments_(arguments),
        program_(program),
        plan_(arguments.graph, arguments.folder, arguments.variants, program) {}

  Exit run() {
    if (arguments_.is_dry) return list();
    listen_to_signals();
    fs::create_directories(plan_.folder());
    const run::FolderLock lock(plan_.folder().string());
    carry_out_all();
    const bool is_whole = write_report();
    if (stop_signal().load() != 0) {
      program_.log->note("stopped; the same command goes on");
      return static_cast<Exit>(128 + stop_signal().load());
    }
    return is_whole ? Exit::Done : Exit::Failed;
  }

 private:
  Exit list() const {
    static const char* const kWords[] = {"to do", "to be gone on with", "to be measured", "done"};
    for (const AblationCell& cell : plan_.cells())
      std::cout << cell.row << ", seed " << cell.seed << ": " << kWords[static_cast<size_t>(cell.state())]
                << (cell.trainer ? text(" (trained as ", cell.trainer->row, ')') : "") << '\n';
    const std::optional<double> left = seconds_left(plan_.cells());
    if (!left)
      program_.log->note("no run has ended yet, by which the time could be estimated");
    else
      program_.log->note(text("about ", duration_text(*left / static_cast<double>(arguments_.jobs)),
                              " to go, by the time that finished runs took"));
    return Exit::Done;
  }

  /// A second variant begins when it is known what the first takes, and there is memory for one more.
  void carry_out_all() {
    const auto work = [this](size_t number) {
      const AblationCell& cell = plan_.cells()[number];
      try {
        carry_out(cell, text('[', number + 1, " of ", plan_.cells().size(), "] ", cell.row, ", seed ", cell.seed));
      } catch (const std::exception& error) {
        note_failure(cell, error.what());  // for those that wait for its training
        throw;
      }
      const std::lock_guard lock(mutex_);
      settle(cell);
    };
    run_jobs({plan_.cells().size(), arguments_.jobs, work, [] { return stop_signal().load() != 0; },
              [this](bool must_be) { return takes_room(must_be); }});
  }

  bool takes_room(bool must_be) {
    const std::lock_guard lock(mutex_);
    const bool begins = must_be || (room_ > 0 && available_bytes() > (growing_ + 1) * room_);
    if (begins) ++growing_;
    return begins;
  }

  /// Memory that a variant has had for a minute shows in what is available. Later stages may want several times as much, which
  /// is known when a run has ended.
  void note_minute(const AblationCell& cell, int64_t peak_bytes) {
    const std::lock_guard lock(mutex_);
    if (!has_ended_) room_ = std::max(room_, 4 * peak_bytes);
    settle(cell);
  }

  void note_end(const AblationCell& cell, int64_t peak_bytes) {
    const std::lock_guard lock(mutex_);
    const int64_t room = peak_bytes + peak_bytes / 4;
    room_ = std::exchange(has_ended_, true) ? std::max(room_, room) : room;
    settle(cell);
  }

  /// Under the lock.
  void settle(const AblationCell& cell) {
    if (settled_.insert(&cell).second) --growing_;
  }

  /// Trains and measures one variant with one seed, as far as that is not done. What fails is noted.
  void carry_out(const AblationCell& cell, const std::string& title) {
    State state = cell.state();
    if (state == State::Done) return program_.log->note(title + ": done before");
    if (state == State::Missing) {
      cell.move_aside();
      fs::create_directories(cell.folder);
      cell.remember(state = State::Begun);
    }
    if (cell.trainer) {
      if (!waits_for_training(cell, title)) return;
    } else if (plan_.trains(cell.row) && state == State::Begun) {
      program_.log->note(title + ": training");
      if (!has_run(train_command(cell), cell)) return;
      cell.remember(State::Trained);
    }
    program_.log->note(title + ": measuring");
    if (has_run(eval_command(cell), cell)) cell.remember(State::Done);
  }

  /// Waits until an earlier one has trained. @returns whether that went well
  bool waits_for_training(const AblationCell& cell, const std::string& title) {
    {
      const std::lock_guard lock(mutex_);  // it has no memory yet
      settle(cell);
    }
    while (cell.trainer->state() < State::Trained) {
      if (stop_signal().load() != 0) return false;
      {
        const std::lock_guard lock(mutex_);
        if (failures_.contains(cell.trainer)) {
          failures_[&cell] = text("its training is that of ", cell.trainer->row, ", which failed");
          return false;
        }
      }
      std::this_thread::sleep_for(kBetweenLooks);
    }
    program_.log->note(text(title, ": trained as ", cell.trainer->row));
    return true;
  }

  /// @returns whether it ended well; a failure is noted, a stop is not one
  bool has_run(const std::vector<std::string>& command, const AblationCell& cell) {
    const auto begin = std::chrono::steady_clock::now();
    const Ended ended =
        run_program(command, cell.log(), stop_signal(), [&](int64_t peak_bytes) { note_minute(cell, peak_bytes); });
    cell.add_seconds(std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count());
    note_end(cell, ended.peak_bytes);
    if (ended.code == 0 || stop_signal().load() != 0) return ended.code == 0;
    const std::string why = text("exit code ", ended.code, ", ", cell.last_words());
    program_.log->note(text("  failed: ", why, "  (", cell.log(), ')'));
    note_failure(cell, why);
    return false;
  }

  void note_failure(const AblationCell& cell, const std::string& why) {
    const std::lock_guard lock(mutex_);
    failures_[&cell] = why;
  }

  void add_common(std::vector<std::string>& command) const {
    command.insert(command.end(), {"--device", arguments_.running.device});
    int threads = arguments_.running.threads;
    if (threads == 0 && arguments_.jobs > 1)
      threads = static_cast<int>(std::max<int64_t>(1, std::thread::hardware_concurrency() / arguments_.jobs));
    if (threads > 0) command.insert(command.end(), {"--threads", text(threads)});
  }

  std::vector<std::string> command_on_file(const char* verb, const AblationCell& cell) const {
    std::vector<std::string> command = {"weft", "-q", verb, arguments_.graph.file, "--variant", cell.row};
    for (const std::string& setting : arguments_.graph.settings) command.insert(command.end(), {"--set", setting});
    return command;
  }

  std::vector<std::string> train_command(const AblationCell& cell) const {
    std::vector<std::string> command = command_on_file("train", cell);
    command.insert(command.end(), {"--seed", text(cell.seed), "--run-folder", cell.folder.string()});
    const fs::path checkpoints = trained_folder(cell, arguments_.graph.file) / "checkpoints";
    std::error_code error;
    const fs::directory_iterator first(checkpoints, error);
    if (!error && first != fs::directory_iterator()) command.insert(command.end(), {"--resume", "last"});
    add_common(command);
    return command;
  }

  std::vector<std::string> eval_command(const AblationCell& cell) {
    std::vector<std::string> command;
    const graph::Plan& plan = plan_.measuring(cell);
    if (cell.measure.empty()) {
      command = command_on_file("eval", cell);
      command.insert(command.end(), {"--set", text("run.seed=", cell.seed)});
    } else {
      command = {"weft", "-q", "eval", cell.measure};
      for (const std::string& setting : trained_weights(cell, plan)) command.insert(command.end(), {"--set", setting});
    }
    for (const std::string& setting : outputs_below(cell, plan)) command.insert(command.end(), {"--set", setting});
    command.insert(command.end(), {"--run-folder", (cell.folder / "eval").string(), "--force"});
    add_common(command);
    return command;
  }

  /// Settings that have the measuring graph load what was trained, by equal paths of [weights].
  std::vector<std::string> trained_weights(const AblationCell& cell, const graph::Plan& plan) const {
    const fs::path trained = trained_folder(cell, arguments_.graph.file) / "weights";
    std::vector<std::string> settings;
    for (const graph::WeightSource& weights : plan.graph.weights) {
      const fs::path file = trained / (weights.path + ".safetensors");
      if (fs::exists(file))
        settings.push_back(text("weights.", graph::key_text(weights.path), "=\"", fs::absolute(file).string(), '"'));
    }
    if (settings.empty() && plan_.trains(cell.row))
      throw Error(Exit::Graph,
                  text("no [weights] of ", cell.measure, " have the names of trained ones in ", trained.string()))
          .hint("name them alike in both graphs");
    return settings;
  }

  /// Settings that put what the measuring graph writes below the folder of the cell.
  static std::vector<std::string> outputs_below(const AblationCell& cell, const graph::Plan& plan) {
    std::vector<std::string> settings;
    for (const graph::Step& step : plan.steps) {
      const graph::FlatNode& node = plan.graph.node(step.node);
      const auto path = node.params.find("path");
      if (!node.spec->is_sink || path == node.params.end()) continue;
      const auto* file = std::get_if<std::string>(&path->second);
      if (!file || file->empty() || *file == "-") continue;
      const fs::path place =
          fs::absolute(cell.folder / "clips" / text(node.path, '-', fs::path(*file).filename().string()));
      settings.push_back(text(node.path, ".path=\"", place.string(), '"'));
    }
    return settings;
  }

  /// The table has the chosen variants, and the others that were measured before. @returns whether nothing is missing in it
  bool write_report() {
    std::vector<AblationCell> cells;
    std::vector<std::string> rows;
    for (const std::string& row : plan_.rows()) {
      const size_t before = cells.size();
      for (const AblationCell& cell : plan_.cells())
        if (cell.row == row) cells.push_back(cell);
      for (const AblationCell& other : plan_.others())
        if (other.row == row && other.state() == State::Done) cells.push_back(other);
      if (cells.size() > before) rows.push_back(row);
    }
    report::AblationTable table(rows, plan_.columns());
    for (const auto& [cell, why] : failures_) table.add_failure(cell->row, cell->seed, why);
    write_ablation_report({plan_.folder(), arguments_.graph.file, plan_.first_seed()}, cells, table);
    for (const std::string& line : table.left_out()) program_.log->warn("left out of the table: " + line);
    for (const std::string& column : table.without_numbers())
      program_.log->warn(
          text("`report`: no metric is called \"", column, "\"; there are ", join(table.measured_columns())));
    std::cout << table.markdown();
    program_.log->note(
        text("  ", plan_.folder().string(), "  (table.md, table.tex, table.csv, table.json, report.html)"));
    return failures_.empty() && table.left_out().empty();
  }

  const Arguments& arguments_;
  Program& program_;
  AblationPlan plan_;
  std::mutex mutex_;                                     ///< of what follows, while runs go on
  std::map<const AblationCell*, std::string> failures_;  ///< in the order of the cells
  std::set<const AblationCell*> settled_;                ///< variants whose memory is known
  int64_t growing_ = 0;                                  ///< begun ones whose memory is not
  int64_t room_ = 0;                                     ///< bytes of memory that one more may want
  bool has_ended_ = false;                               ///< a run, so that it is known what one wants
};

}  // namespace

void add_ablate_verb(CLI::App& app, Program& program) {
  CLI::App* verb = app.add_subcommand(
      "ablate", "Trains and measures the variants of a graph, with several seeds, and makes one table of them");
  auto arguments = std::make_shared<Arguments>();
  arguments->graph.add_to(*verb);
  verb->add_option("-o,--output", arguments->folder,
                   "The folder of all runs and of the table; default: runs/NAME-ablation")
      ->type_name("FOLDER");
  arguments->running.add_device_to(*verb);
  verb->add_option("--variant", arguments->variants,
                   "Only these variants and grid points, also those with default = false; may be given several times")
      ->type_name("NAME")
      ->allow_extra_args(false);
  verb->add_option("--jobs", arguments->jobs, "Variants that run at a time, as far as there is memory for them")
      ->check(whole_number_from(1))
      ->capture_default_str()
      ->type_name("N");
  verb->add_flag("--dry-run", arguments->is_dry, "Checks all variants, lists what is to do, and estimates its time");
  verb->callback([arguments, &program] {
    program.action = [arguments, &program] { return Ablation(*arguments, program).run(); };
  });
}

}  // namespace weft::cli
