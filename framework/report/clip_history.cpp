#include "framework/report/clip_history.h"

#include "framework/base/error.h"
#include "framework/base/text.h"
#include "framework/weights/atomic_file.h"

#include <algorithm>
#include <cctype>
#include <charconv>
#include <filesystem>
#include <set>

namespace weft::report {
namespace {

namespace fs = std::filesystem;

constexpr const char* kFolder = "clips";

/// A stream as part of a file name: "street.image[t-1]" -> "street.image_t-1_".
std::string file_name(std::string stream) {
  for (char& letter : stream) {
    const bool is_plain = std::isalnum(static_cast<unsigned char>(letter)) != 0;
    if (!is_plain && letter != '.' && letter != '-') letter = '_';
  }
  return stream;
}

}  // namespace

ClipHistory::ClipHistory(const std::string& run_folder, int64_t last_step) : run_folder_(run_folder) {
  std::set<int64_t> kept, later;
  for (const auto& [stream, files] : read(run_folder)) {
    for (const auto& [step, file] : files) (step > last_step ? later : kept).insert(step);
  }
  remove_steps({later.begin(), later.end()});
  steps_.assign(kept.begin(), kept.end());
}

void ClipHistory::add(int64_t step, const Reel& reel) {
  const std::vector<PlayedClip> clips = reel.clips(kBytes);
  if (clips.empty() || (!steps_.empty() && steps_.back() >= step)) return;
  const fs::path folder = fs::path(run_folder_) / kFolder;
  std::error_code failure;
  fs::create_directories(folder, failure);
  if (failure) throw Error(Exit::Failed, Place{folder.string()}, text("cannot be made: ", failure.message()));
  for (const PlayedClip& clip : clips)
    weights::write_atomically((folder / text(file_name(clip.stream), '-', step, ".png")).string(), clip.png);
  steps_.push_back(step);
  if (steps_.size() <= kMost) return;
  std::vector<int64_t> kept, removed;  // the newest stays, and from it on back each second one
  for (size_t i = 0; i < steps_.size(); ++i) ((steps_.size() - 1 - i) % 2 == 0 ? kept : removed).push_back(steps_[i]);
  remove_steps(removed);
  steps_ = std::move(kept);
}

ClipHistory::Files ClipHistory::read(const std::string& run_folder) {
  Files files;
  std::error_code none;
  for (const auto& entry : fs::directory_iterator(fs::path(run_folder) / kFolder, none)) {
    const std::string stem = entry.path().stem().string();
    const size_t dash = stem.rfind('-');
    if (entry.path().extension() != ".png" || dash == std::string::npos) continue;
    int64_t step = 0;
    const char* const end = stem.data() + stem.size();
    const auto [last, error] = std::from_chars(stem.data() + dash + 1, end, step);
    if (error == std::errc() && last == end) files[stem.substr(0, dash)][step] = entry.path().string();
  }
  return files;
}

void ClipHistory::remove_steps(const std::vector<int64_t>& steps) const {
  for (const auto& [stream, files] : read(run_folder_)) {
    for (const auto& [step, file] : files) {
      std::error_code stays;  // a file more is no reason not to train
      if (std::find(steps.begin(), steps.end(), step) != steps.end()) fs::remove(file, stays);
    }
  }
}

}  // namespace weft::report
