#pragma once

#include "framework/graph/item.h"
#include "framework/graph/overlay.h"

#include <cstddef>
#include <string>
#include <vector>

namespace weft::graph {

/// A file with its `base` put under it, or the files of a list with each laid over those before it.
struct Document {
  std::string file;  ///< as messages name it
  Item root;
  /// What the file and its bases change by path, in the order in which it counts.
  std::vector<Overlay> overlays;
  size_t size = 0;  ///< keys and values, those of its bases too
};

/// The document of a file that has no `base`.
/// @throws Error  E701 where the file changes another one all the same
Document make_document(const std::string& file, Item own);

/// Lays the contents of a file over the files that it changes.
/// @throws Error  the first fault of its `set`, `swap`, `without` and `bypass`
void lay_over(Document& document, Item own, const std::string& file);

}  // namespace weft::graph
