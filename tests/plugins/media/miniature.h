#pragma once

#include "tests/plugins/media/files.h"

#include <cstdint>
#include <map>
#include <string>
#include <vector>

namespace weft::testing {

/// A data set in one of the layouts, small: two sequences, or single frames, of 8x4 pixels.
///
/// Pixels tell what a file is: of frame t of sequence s (0, 1, in natural order) an image is grey 20 s + t, a label
/// map holds 10 s + t, instances hold 1000 s + t + 256, a condition is grey 100 + 20 s + t. In the first column there
/// is 1 more.
class Miniature {
 public:
  static constexpr int64_t kWidth = 8, kHeight = 4;

  /// All layouts that weft has.
  static std::vector<std::string> layouts();

  explicit Miniature(const std::string& layout, const std::string& split = "train");

  std::string root() const { return folder_.path(); }
  /// The file of a kind ("image", "labels", …).
  std::string file(const std::string& kind, size_t sequence, int64_t frame) const;
  /// Puts other bytes into it.
  void write(const std::string& kind, size_t sequence, int64_t frame, const std::string& bytes) const;
  void remove(const std::string& kind, size_t sequence, int64_t frame) const;

  std::vector<std::string> kinds() const;
  std::vector<std::string> names{};     ///< of sequences
  std::vector<int64_t> frames{};        ///< of each
  std::vector<int64_t> first_number{};  ///< in the name of its first frame

  static int value(const std::string& kind, size_t sequence, int64_t frame);

 private:
  TemporaryFolder folder_;
  std::string split_;
  std::map<std::string, std::string> patterns_;
  std::vector<std::string> words_;  ///< of sequences in files' names
};

}  // namespace weft::testing
