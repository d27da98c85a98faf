#pragma once

#include "framework/base/log.h"
#include "framework/graph/plan.h"
#include "framework/run/folder_lock.h"
#include "framework/run/session.h"

#include <fstream>
#include <future>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

namespace weft::run {

/// A plugin that a run used.
struct UsedPlugin {
  std::string name, version, file;
};

/// What a run leaves beside its output, in `runs/NAME/TIME/`: graph.toml (resolved, with all defaults), lock.toml
/// (plugins, weights, LibTorch, device, seed) and log.jsonl. `runs/NAME/last` points to it.
class RunFolder {
 public:
  /// @param parent  such as "runs"
  /// @param name    of the graph
  /// @throws Error  when the folder cannot be made
  RunFolder(const std::string& parent, const std::string& name);
  /// Opens the folder of an earlier run, to go on with it. Nothing in it changes yet.
  /// @throws Error  when another process works in it, or it cannot be written
  explicit RunFolder(const std::string& path);
  ~RunFolder();

  const std::string& path() const { return path_; }

  /// Goes on with the log of the earlier run, and takes away what processes that were killed left half written.
  /// @param log_bytes  how much of log.jsonl stays
  /// @returns how many bytes of that are not there
  /// @throws Error  when the log cannot be written
  int64_t go_on(int64_t log_bytes);

  /// Writes graph.toml.
  void keep_graph(const graph::Plan& plan);
  /// Writes lock.toml, in a thread of its own: large weights take seconds to read.
  void keep_lock(const graph::Plan& plan, const std::string& device, const std::vector<UsedPlugin>& plugins);
  /// Adds a line to log.jsonl. When that fails, finish() says so: what the line is about may matter more.
  void log(const std::string& level, const std::string& line);
  void log_end(const Summary& summary, const std::string& failure);
  /// Waits for lock.toml.
  /// @throws Error  when it or a line of the log could not be written
  void finish();
  /// Adds a line of JSON to log.jsonl as it is.
  /// @throws Error  (Exit::Failed) when it cannot be written
  void add_record(const std::string& json);
  /// How long log.jsonl is now.
  int64_t log_bytes();

 private:
  void open_log();
  void write_file(const std::string& name, const std::string& content) const;
  void add_line(const std::string& line);
  void check_log() const;

  std::string path_;
  std::unique_ptr<FolderLock> lock_;
  std::mutex mutex_;
  std::ofstream log_;
  std::future<void> locking_;
};

}  // namespace weft::run
