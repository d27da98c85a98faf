#pragma once

#include "plugins/media/data_set.h"
#include "plugins/media/load_size.h"

#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

namespace weft::media {

/// How closely files are looked at.
enum class Look {
  Headers,  ///< their sizes
  Whole     ///< every pixel
};

/// Reads the files of a data set, sequence by sequence, and reports their faults.
class DataLook {
 public:
  /// @param remap  the table that labels will go through, or nothing
  DataLook(const Layout& layout, const RemapTable* remap, Look look);

  /// Reads all files of a sequence, in as many threads as there are cores.
  /// @returns a fault for each kind of files and each thing that is wrong with them, with the first file and how many
  std::vector<DataFault> look_at(const DataSequence& sequence);

  /// The summary, a line for each existing kind of files: "labels: 30 files of 512x256, ids 0 to 33".
  std::vector<std::string> summary(const DataSet& data) const;
  /// The same as a JSON object: {"sequences": 2, "frames": 60, "labels": {"sizes": {"512x256": 60}, "largest_id": 33, "ids": 24}};
  /// where there are folders of keypoints also {"keypoints": {"people": "data/train/people"}, "lengths": {"a": 20, "b": 40}}.
  std::string facts(const DataSet& data) const;

 private:
  struct Seen {
    std::optional<Size> size;
    std::vector<int64_t> ids;  ///< that occur, ascending
    DataFault fault;           ///< empty: none
  };
  struct Kind {
    int64_t files = 0;
    std::map<std::string, int64_t> sizes;  ///< how many files have it
    std::set<int64_t> ids;                 ///< that occur

    int64_t largest_id() const { return ids.empty() ? -1 : *ids.rbegin(); }
  };

  Seen look_at_file(const std::string& file, Modality modality) const;
  std::vector<Seen> look_at_files(const std::vector<std::string>& files, Modality modality) const;
  DataFault id_fault(const std::string& file, Modality modality, int64_t id) const;
  void compare_sizes(const DataSequence& sequence, Modality modality, const std::vector<Seen>& seen,
                     std::vector<DataFault>& faults);

  const Layout& layout_;
  Look look_;
  std::array<std::vector<char>, kModalities> is_known_;  ///< by id; empty: all are
  std::array<Kind, kModalities> kinds_;
  std::optional<Size> size_of_sequence_;  ///< of the current sequence, from its first kind of files
  std::string first_file_;
};

}  // namespace weft::media
