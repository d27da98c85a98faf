#pragma once

#include "framework/graph/plan.h"
#include "framework/node/node.h"
#include "framework/run/output_lock.h"

#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace weft::run {

/// What happens to existing outputs of a sequence.
enum class Existing {
  Refuse,   ///< the run ends before anything is computed
  Replace,  ///< when the sequence is finished
  Resume    ///< a sequence with all its outputs is finished and skipped; other outputs are replaced
};

/// The files that the writers of a run make. Each is locked while it is written.
class Outputs {
 public:
  struct Writer {
    const graph::FlatNode* description = nullptr;
    Sink* node = nullptr;
  };

  /// @param graph  with the nodes that read files; must outlive this
  Outputs(const graph::GoalGraph& graph, std::vector<Writer> writers, Existing existing);

  /// Checks whether the outputs of these sequences, as far as they are known, can be written: no two have the same name, with Existing::Refuse none
  /// exists, and none is a file that the run reads.
  /// @throws Error  naming the first that cannot
  void check(const std::vector<std::string>& sequences) const;
  /// Locks the outputs of these sequences in the place of those before, and checks whether they exist.
  /// @throws Error  when one exists and is not to be replaced, is being written already, or holds another sequence of this run
  void claim(const std::vector<std::string>& sequences);
  /// The same of the files that hold all sequences, until release().
  void claim_whole();
  void release();

  /// Whether all outputs of a sequence are there and are to be kept. If so, removes the locks that a process left beside them
  /// when it was ended.
  bool leave_out(const std::string& sequence) const;
  /// Those of a sequence that are there.
  std::vector<std::string> existing(const std::string& sequence) const;
  /// The files of all sequences together that are there.
  std::vector<std::string> existing_whole() const;

  const std::vector<Writer>& writers() const { return writers_; }

 private:
  std::vector<std::string> finished(const std::string& sequence) const;
  std::optional<Output> output_of(const Writer& writer, const std::string& sequence) const;
  void check_names(const std::vector<std::string>& sequences) const;
  void refuse_existing(const std::string& sequence) const;
  void refuse_read(const Writer& writer, const std::string& file) const;
  void refuse_read_unfinished(const Writer& writer, const std::string& output) const;
  std::vector<std::pair<const Writer*, std::string>> whole_files() const;

  const graph::GoalGraph& graph_;
  std::vector<Writer> writers_;
  Existing existing_;
  std::vector<std::pair<std::string, std::string>> read_;  ///< "by the node …", and the file or folder
  std::vector<OutputLock> locks_, whole_locks_;
  std::map<std::string, std::string> claimed_;  ///< file or pattern -> the sequence that it was written for
};

}  // namespace weft::run
