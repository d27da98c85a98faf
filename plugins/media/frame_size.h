#pragma once

#include "framework/node/params.h"
#include "framework/spec/node_spec.h"
#include "plugins/media/load_size.h"

#include <optional>
#include <string>
#include <vector>

namespace weft::media {

/// The size to which all frames of a source are resized; shared by the readers of images and videos.
class FrameSize {
 public:
  /// Declares `size`, `scale` and `load_size`.
  void params(Params& p);
  /// Sets H and W as far as the parameters say them.
  /// @throws Error  as check() does
  void shape(Shapes& shapes) const;
  /// @throws Error  (Graph) when parameters contradict each other
  void check() const;

  /// Whether the size of the first frame is needed.
  bool follows_first() const { return !size_; }
  /// Whether frames keep the size that they have, so that all must have that of the first.
  bool keeps_size() const { return !size_ && scale_ == Scale::None; }
  /// A sequence begins.
  /// @param name  of its first frame, for messages
  void begin(Size first, std::string name);
  /// The size to which a frame of size `own` is resized.
  /// @throws Error  (Data) when its own size counts and is not that of the first frame
  Size size_for(Size own, const std::string& name) const;

 private:
  std::optional<std::vector<int64_t>> size_;
  Scale scale_ = Scale::None;
  std::optional<int64_t> load_size_;
  std::string first_name_;
  Size first_size_;
};

}  // namespace weft::media
