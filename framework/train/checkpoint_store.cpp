#include "framework/train/checkpoint_store.h"

#include "framework/base/text.h"
#include "framework/weights/safetensors.h"

#include <algorithm>
#include <filesystem>

namespace weft::train {
namespace {

namespace fs = std::filesystem;

constexpr const char* kBest = "best.safetensors";

/// `path` as the name of a file.
std::string file_name_of(std::string path) {
  std::replace(path.begin(), path.end(), '/', '_');
  return path;
}

}  // namespace

CheckpointStore::CheckpointStore(const std::string& folder, int64_t keep) : folder_(folder), keep_(keep) {}

std::string CheckpointStore::path_of(const std::string& name) const {
  return text(folder_, "/checkpoints/", name);
}

void CheckpointStore::save(const Checkpoint& checkpoint, const LearntState& learnt, bool is_best) {
  const std::string file = path_of(checkpoint_name(checkpoint.position.step));
  std::error_code error;
  fs::create_directories(fs::path(file).parent_path(), error);
  write_checkpoint(file, checkpoint);
  write_weights("weights", learnt);
  if (is_best) keep_best(file, learnt);
  remove_old();
}

/// Keeps its weights beside the newest ones, then a second name of the file: by that name a resumed run sees that both are
/// there.
void CheckpointStore::keep_best(const std::string& file, const LearntState& learnt) {
  write_weights("weights-best", learnt);
  const std::string best = path_of(kBest), fresh = best + ".new";
  std::error_code error;
  fs::remove(fresh, error);
  fs::create_hard_link(file, fresh, error);
  if (error) fs::copy_file(file, fresh, fs::copy_options::overwrite_existing, error);
  if (!error) fs::rename(fresh, best, error);
  if (error) throw Error(Exit::Failed, Place{best}, text("could not be written: ", error.message()));
}

void CheckpointStore::write_weights(const std::string& name, const LearntState& learnt) const {
  const std::string folder = text(folder_, '/', name);
  std::error_code error;
  fs::create_directories(folder, error);
  for (const auto& [path, tensors] : learnt.trained_weights()) {
    weights::WeightFile file;
    for (const auto& [key, tensor] : tensors) file.tensors.emplace_back(key, tensor.cpu());
    weights::write_safetensors(text(folder, '/', file_name_of(path), ".safetensors"), file);
  }
}

/// The newest is on the disk; files that persons named otherwise are theirs.
void CheckpointStore::remove_old() const {
  const std::vector<SavedCheckpoint> saved = saved_checkpoints(folder_ + "/checkpoints");
  std::error_code stays;  // it is removed after the next one
  for (size_t i = 0; i + static_cast<size_t>(keep_) < saved.size(); ++i) fs::remove(saved[i].path, stays);
}

std::string CheckpointStore::save_not_finite(const Checkpoint& checkpoint) {
  std::string file = path_of("not-finite.safetensors");
  std::error_code error;
  fs::create_directories(fs::path(file).parent_path(), error);
  write_checkpoint(file, checkpoint);
  return file;
}

std::optional<int64_t> CheckpointStore::best_step() const {
  return step_of(path_of(kBest));
}

bool CheckpointStore::is_empty() const {
  std::error_code missing;
  return fs::is_empty(folder_ + "/checkpoints", missing) || missing;
}

}  // namespace weft::train
