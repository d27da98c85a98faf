#include "framework/run/run_folder.h"

#include "framework/base/error.h"
#include "framework/base/seed.h"
#include "framework/base/text.h"
#include "framework/graph/graph_text.h"
#include "framework/graph/item.h"
#include "framework/run/precision.h"
#include "framework/weights/json_text.h"

#include <ATen/Parallel.h>
#include <torch/headeronly/version.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdio>
#include <ctime>
#include <filesystem>

namespace weft::run {

using weights::json_number;
using weights::json_quoted;
namespace {

namespace fs = std::filesystem;

std::string local_time(const char* format) {
  const std::time_t now = std::time(nullptr);
  std::tm parts{};
  localtime_r(&now, &parts);
  char buffer[40];
  std::strftime(buffer, sizeof buffer, format, &parts);
  return buffer;
}

std::string quoted(const std::string& plain) {
  return toml_text(ParamValue(plain));
}

/// Size and CRC-32 of a file, to see later whether it is the same one.
std::string fingerprint(const std::string& file) {
  std::ifstream in(file, std::ios::binary);
  std::vector<char> block(1 << 20);
  uint32_t crc = 0;
  int64_t size = 0;
  while (in) {
    in.read(block.data(), static_cast<std::streamsize>(block.size()));
    crc = crc32({block.data(), static_cast<size_t>(in.gcount())}, crc);
    size += in.gcount();
  }
  char text_of[40];
  std::snprintf(text_of, sizeof text_of, "%08x", crc);
  return text("{ bytes = ", size, ", crc32 = \"", text_of, "\" }");
}

/// Makes a link at `place`, in one step: a run that is killed leaves the link before or the new one.
void point_to(const fs::path& target, const fs::path& place) {
  std::error_code error;
  if (fs::is_directory(fs::symlink_status(place, error))) {
    throw Error(Exit::Failed, text(place.string(), " is a folder, where the link to the newest run belongs"))
        .hint("rename it, as it would be taken for the newest run; `cp -a` copies links as links");
  }
  const fs::path fresh = place.string() + text(".partial-", ::getpid());
  fs::create_directory_symlink(target, fresh, error);
  if (!error) fs::rename(fresh, place, error);  // a convenience; some file systems have no links
}

/// What a process that was killed had begun beside its place, as AtomicFile names it.
void remove_partial(const fs::path& folder) {
  std::error_code error;
  for (const auto& entry : fs::directory_iterator(folder, error)) {
    const std::string name = entry.path().filename();
    const size_t mark = name.rfind(".partial-");
    if (mark == std::string::npos || name.find_first_not_of("0123456789", mark + 9) != std::string::npos) continue;
    std::error_code stays;  // it is in nobody's way
    fs::remove_all(entry.path(), stays);
  }
}

bool ends_within_a_line(const fs::path& file) {
  std::ifstream in(file, std::ios::binary | std::ios::ate);
  return in.tellg() > 0 && in.seekg(-1, std::ios::end).get() != '\n';
}

}  // namespace

RunFolder::RunFolder(const std::string& parent, const std::string& name) {
  const fs::path of_graph = fs::path(parent) / name;
  const std::string time = local_time("%Y-%m-%d_%H-%M-%S");
  std::error_code error;
  fs::create_directories(of_graph, error);
  bool is_made = false;
  for (int attempt = 1; !is_made && !error; ++attempt) {
    path_ = (of_graph / (attempt == 1 ? time : text(time, '-', attempt))).string();
    is_made = fs::create_directory(path_, error);
  }
  if (error) {
    throw Error(Exit::Failed, text("the run folder ", of_graph.string(), " cannot be made: ", error.message()))
        .hint("--run-folder DIR puts it elsewhere, --run-folder none leaves it out");
  }
  lock_ = std::make_unique<FolderLock>(path_);
  point_to(fs::path(path_).filename(), of_graph / "last");
  open_log();
  log("start", local_time("%Y-%m-%dT%H:%M:%S%z"));
}

RunFolder::RunFolder(const std::string& path) : path_(path), lock_(std::make_unique<FolderLock>(path)) {}

int64_t RunFolder::go_on(int64_t log_bytes) {
  const fs::path file = fs::path(path_) / "log.jsonl";
  std::error_code error;
  const auto length = static_cast<int64_t>(fs::file_size(file, error));
  if (!error && length > log_bytes) fs::resize_file(file, static_cast<uintmax_t>(log_bytes), error);
  if (error) throw Error(Exit::Failed, Place{file.string()}, text("cannot be gone on with: ", error.message()));
  for (const char* folder : {"", "checkpoints", "weights", "weights-best"}) remove_partial(fs::path(path_) / folder);
  const bool is_torn = ends_within_a_line(file);
  open_log();
  if (is_torn) log_ << '\n';
  log("resume", local_time("%Y-%m-%dT%H:%M:%S%z"));
  return std::max<int64_t>(log_bytes - length, 0);
}

void RunFolder::open_log() {
  log_.open(fs::path(path_) / "log.jsonl", std::ios::app);
  if (!log_) throw Error(Exit::Failed, text(path_, "/log.jsonl cannot be opened for writing"));
}

RunFolder::~RunFolder() = default;

void RunFolder::write_file(const std::string& name, const std::string& content) const {
  std::ofstream out(fs::path(path_) / name);
  out << content;
  out.close();
  if (!out) throw Error(Exit::Failed, text(path_, '/', name, " cannot be written; is the disk full?"));
}

void RunFolder::keep_graph(const graph::Plan& plan) {
  write_file("graph.toml", graph::resolved_text(plan));
}

void RunFolder::keep_lock(const graph::Plan& plan, const std::string& device, const std::vector<UsedPlugin>& plugins) {
  std::string lock =
      text("weft = \"" WEFT_VERSION "\"\nlibtorch = \"" TORCH_VERSION "\"\ndevice = ", quoted(device),
           "\nthreads = ", at::get_num_threads(), "\nseed = ", plan.graph.run.seed, "\nprecision = ", '"',
           name_of_precision(precision_of(plan.graph, at::Device(device))), '"', "\n\n[plugins]\n");
  for (const UsedPlugin& plugin : plugins) {
    lock += text(graph::key_text(plugin.name), " = { version = ", quoted(plugin.version),
                 ", file = ", quoted(plugin.file), " }\n");
  }
  std::vector<graph::WeightSource> weights = plan.graph.weights;
  locking_ = std::async(std::launch::async, [this, lock = std::move(lock), weights = std::move(weights)]() mutable {
    lock += "\n[weights]\n";
    for (const graph::WeightSource& source : weights) {
      lock += text(graph::key_text(source.path), source.is_file() ? text(" = { file = ", quoted(source.file),
                                                                         ", found = ", fingerprint(source.file), " }\n")
                                                                  : text(" = ", quoted(source.file), '\n'));
    }
    write_file("lock.toml", lock);
  });
}

void RunFolder::log(const std::string& level, const std::string& line) {
  add_line(text("{\"time\": ", json_quoted(local_time("%H:%M:%S")), ", \"level\": ", json_quoted(level),
                ", \"text\": ", json_quoted(line), "}"));
}

void RunFolder::add_line(const std::string& line) {
  const std::lock_guard lock(mutex_);
  log_ << line << std::endl;
}

void RunFolder::check_log() const {
  if (!log_) throw Error(Exit::Failed, text(path_, "/log.jsonl cannot be written; is the disk full?"));
}

void RunFolder::finish() {
  if (locking_.valid()) locking_.get();
  const std::lock_guard lock(mutex_);
  check_log();
}

void RunFolder::add_record(const std::string& json) {
  add_line(json);
  check_log();
}

int64_t RunFolder::log_bytes() {
  const std::lock_guard lock(mutex_);
  log_.flush();
  std::error_code error;
  const auto length = fs::file_size(fs::path(path_) / "log.jsonl", error);
  return error ? 0 : static_cast<int64_t>(length);
}

void RunFolder::log_end(const Summary& summary, const std::string& failure) {
  const char* outcome = !failure.empty() ? "failed" : summary.was_stopped ? "stopped" : "done";
  add_line(text("{\"time\": ", json_quoted(local_time("%H:%M:%S")), ", \"level\": \"end\", \"outcome\": \"", outcome,
                "\", \"frames\": ", summary.frames, ", \"seconds\": ", json_number(summary.seconds),
                failure.empty() ? "" : text(", \"failure\": ", json_quoted(failure)), "}"));
}

}  // namespace weft::run
