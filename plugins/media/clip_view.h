#pragma once

#include "framework/data/draws.h"
#include "framework/node/params.h"
#include "framework/spec/node_spec.h"
#include "plugins/media/load_size.h"

#include <optional>
#include <string>
#include <vector>

namespace weft::media {

/// The visible part of the frames of a clip: scaled, then cropped, then mirrored.
struct View {
  Size scaled;
  int64_t x = 0, y = 0;  ///< of the part that is cut out, in the scaled picture
  Size cut;
  bool is_mirrored = false;

  bool operator==(const View&) const = default;
};

/// How large the frames of a clip become, and which part of them is seen; the same for all frames and kinds of files of
/// a clip.
///
/// Source: the data rules of the 2018 program (get_img_params).
class ViewRules {
 public:
  /// Declares `size`, `scale`, `load_size`, `crop`, `fine_size` and `flip`.
  void params(Params& p);
  /// Sets H and W where they are those of every clip.
  /// @throws Error  as check() does
  void shape(Shapes& shapes) const;
  /// @throws Error  (Graph) when parameters contradict each other
  void check() const;

  /// Whether frames keep the size that they have, so that all files of a clip must have it.
  bool keeps_size() const { return !size_ && scale_ == How::None; }
  /// @param source  size of the clip's first frame
  /// @param draws   the source of random values; without it the crop is the middle, and nothing is mirrored
  View view(Size source, data::Draws* draws) const;

 private:
  enum class How { None, Round, Square, Width, Height, RandomWidth, RandomHeight };
  enum class Part { Whole, Square, Width, Height };

  bool is_random() const { return scale_ == How::RandomWidth || scale_ == How::RandomHeight; }
  bool wants_load_size() const;
  Size scaled_size(Size source, data::Draws* draws) const;
  Size part_size(Size source) const;
  std::optional<int64_t> least_side(How own, How random) const;

  std::optional<std::vector<int64_t>> size_;
  How scale_ = How::None;
  std::optional<int64_t> load_size_;
  Part crop_ = Part::Whole;
  std::optional<int64_t> fine_size_;
  bool flip_ = true;
};

}  // namespace weft::media
