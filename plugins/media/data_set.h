#pragma once

#include "plugins/media/layout.h"

#include <array>
#include <cstdint>
#include <map>
#include <string>
#include <vector>

namespace weft::media {

/// A fault of a data set, and a way out.
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

/// The contents of a data set, from the names of its files.
struct DataSet {
  std::array<bool, kModalities> is_there = {};   ///< by kind of files
  std::vector<DataSequence> sequences;           ///< in natural order; only those without faults
  std::map<std::string, std::string> keypoints;  ///< their folders that are there, by kind: "people", "landmarks"
  std::vector<DataFault> faults;

  int64_t frames() const;
};

/// What becomes of a frame that lacks a file of some kind.
enum class Lacking {
  Fault,    ///< it is a fault of the data set
  LeftOut,  ///< the frame is left out as a whole; a sequence without any whole frame is a fault
};

/// Lists the files of a data set, and matches the files of each frame.
/// @throws Error  (Data) when a folder cannot be read
DataSet find_data(const Layout& layout, const std::string& root, const std::string& split,
                  Lacking lacking = Lacking::Fault);

}  // namespace weft::media
