#pragma once

#include "plugins/media/layout.h"

#include <array>
#include <cstdint>
#include <string>
#include <vector>

namespace weft::media {

/// Something that is wrong with a data set, and what can be done about it.
struct DataFault {
  std::string what;
  std::string way_out;
};

/// The files of one sequence; of each kind that is there as many, in the order in which they belong together.
struct DataSequence {
  std::string name;
  std::vector<std::string> frame_names;
  std::array<std::vector<std::string>, kModalities> files;

  int64_t frames() const { return static_cast<int64_t>(frame_names.size()); }
};

/// What a data set has, as far as names of files tell.
struct DataSet {
  std::array<bool, kModalities> is_there = {};  ///< by kind of files
  std::vector<DataSequence> sequences;          ///< in natural order; only those without faults
  std::vector<DataFault> faults;

  int64_t frames() const;
};

/// Lists the files of a data set and puts together what belongs together.
/// @throws Error  (Data) when a folder cannot be read
DataSet find_data(const Layout& layout, const std::string& root, const std::string& split);

}  // namespace weft::media
