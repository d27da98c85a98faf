#include "framework/train/later.h"

#include "framework/base/error.h"
#include "framework/base/text.h"
#include "framework/train/checkpoint.h"
#include "framework/weights/atomic_file.h"

#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <vector>

namespace weft::train {
namespace {

namespace fs = std::filesystem;

void copy_safely(const fs::path& from, const fs::path& to) {
  std::ifstream in(from, std::ios::binary);
  weights::AtomicFile out(to);
  std::vector<char> block(1 << 20);
  while (in) {
    in.read(block.data(), static_cast<std::streamsize>(block.size()));
    out.write(block.data(), static_cast<size_t>(in.gcount()));
  }
  if (in.bad()) throw Error(Exit::Failed, Place{from.string()}, "cannot be read");
  out.commit();
}

/// Log, curves, graph and versions: the run goes on with its own.
void copy_files(const fs::path& from, const fs::path& to) {
  for (const auto& entry : fs::directory_iterator(from)) {
    const bool is_half_written = entry.path().filename().string().find(".partial-") != std::string::npos;
    if (entry.is_regular_file() && !is_half_written) copy_safely(entry.path(), to / entry.path().filename());
  }
}

fs::path fresh_folder(const fs::path& parent) {
  for (int number = 1;; ++number) {
    const fs::path folder = parent / text("aside-", number);
    if (!fs::exists(folder)) return folder;
  }
}

/// The folder stands there when all copies are on the disk.
void make_copy(const fs::path& from, const fs::path& to) {
  const fs::path fresh = to.string() + text(".partial-", ::getpid());
  try {
    fs::create_directories(fresh / "checkpoints");
    copy_files(from, fresh);
    fs::rename(fresh, to);
  } catch (const std::exception&) {
    std::error_code stays;  // a full disk is what is to be told
    fs::remove_all(fresh, stays);
    throw;
  }
}

}  // namespace

std::optional<Later> keep_later_aside(const std::string& run_folder, int64_t step) {
  const fs::path from = run_folder, checkpoints = from / "checkpoints";
  std::vector<SavedCheckpoint> saved = saved_checkpoints(checkpoints);
  std::erase_if(saved, [&](const SavedCheckpoint& one) { return one.step <= step; });
  const bool is_best_later = step_of(checkpoints / "best.safetensors").value_or(0) > step;
  if (saved.empty() && !is_best_later) return {};
  Later later;
  try {
    const fs::path to = fresh_folder(from);
    make_copy(from, to);
    const auto move = [&](const fs::path& name) {
      if (fs::exists(from / name)) fs::rename(from / name, to / name);
    };
    move("weights");
    if (is_best_later) move("weights-best");
    if (is_best_later) move("checkpoints/best.safetensors");
    for (const SavedCheckpoint& one : saved) move(fs::path("checkpoints") / fs::path(one.path).filename());
    later = {to.string(), static_cast<int64_t>(saved.size()), saved.empty() ? step : saved.back().step};
  } catch (const fs::filesystem_error& failure) {
    throw Error(Exit::Failed, text("what was saved after step ", step, " cannot be kept aside: ", failure.what()));
  }
  return later;
}

}  // namespace weft::train
