#pragma once

#include "framework/graph/document.h"
#include "framework/graph/graph_file.h"

#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

namespace weft::graph {

/// Reads graph files once each.
class Library {
 public:
  /// Reads `file` and its bases.
  /// @throws Error  E101 and E102 from reading, at the line that names the file where it is a base; E104 when files are
  ///                based on each other, E110 when all of them are too large together
  const Document& load(const std::string& file);
  /// Reads the file that a `base` names, or the files of a list; faults as above, and E106 for another value.
  const Document& load_base(const Item& base);

  /// All files read so far, bases too.
  std::vector<std::string> files() const { return {files_.begin(), files_.end()}; }

 private:
  const Document& load(const std::string& file, std::vector<std::string>& chain);
  Document read(const std::string& file, std::vector<std::string>& chain);
  const Document& load_base(const Item& base, std::vector<std::string>& chain);
  Item read_overlay_file(const std::string& file);
  void count(size_t size, const std::string& file);
  void check_size(size_t more, const std::string& file) const;

  std::map<std::string, std::unique_ptr<Document>> documents_;
  std::set<std::string> files_;
  size_t size_ = 0;  ///< keys and values of all documents
};

/// `path` as it stands in a file, made relative to the working directory: relative to that file, or one of the graphs that
/// come with weft ("weft:parts/scale.toml"). What leads out of the folder of these graphs is relative to the working
/// directory.
std::string resolve_path(const std::string& path, const Place& place);

}  // namespace weft::graph
