#pragma once

#include <ATen/core/Tensor.h>

#include <array>
#include <cstdint>
#include <map>
#include <utility>
#include <vector>

namespace weft {
class Archive;
class Params;
}  // namespace weft

namespace weft::data {

/// The mean colour of each instance in the first frame in which it has enough pixels.
class InstanceColours {
 public:
  using Colour = std::array<double, 3>;  ///< in [0, 1]

  struct Seen {
    Colour first;  ///< in the first frame
    Colour now;
    bool is_new;  ///< this is the first frame
  };

  int64_t first_id = 1000;
  int64_t least_pixels = 64;

  /// Declares both numbers.
  void params(Params& p);

  /// Stores the colours of the instances that are new in this frame.
  /// @param image      [B, 3, H, W], in [-1, 1]
  /// @param instances  [B, 1, H, W]
  /// @returns the instances that have enough pixels in this frame
  std::vector<Seen> look(const at::Tensor& image, const at::Tensor& instances);

  /// Every instance in its colour.
  /// @param instances  [B, 1, H, W]
  /// @returns [B, 4, H, W], float: the colour in [-1, 1], and 1; zeros for instances without a stored colour
  at::Tensor paint(const at::Tensor& instances) const;

  void clear() { first_.clear(); }
  void state(Archive& archive);

 private:
  std::map<std::pair<int64_t, int64_t>, Colour> first_;  ///< by sample and id
};

}  // namespace weft::data
