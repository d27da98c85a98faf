#pragma once

#include "plugins/media/libav.h"

#include <cstdint>
#include <vector>

namespace weft::media {

/// The numbers of a frame, row by row, whatever the layout in which it keeps them.
class FrameRows {
 public:
  /// @param frame  of a format whose numbers are whole and of 16 bits at most
  explicit FrameRows(const AVFrame& frame);

  /// Reads a row of a component as floats: 0 to 2 are Y, U, V or R, G, B.
  /// @param width  numbers to read
  void read(int component, int64_t y, int64_t width, float* to);
  /// The same as whole numbers. Of a palette format component 0 is the index.
  void read(int component, int64_t y, int64_t width, uint16_t* to);
  /// Sets the colours of a palette format: from now on components are the R, G and B of the indices' colours.
  void look_up_colours() { looks_up_ = true; }

 private:
  const AVFrame& frame_;
  const AVPixFmtDescriptor& format_;
  bool looks_up_ = false;
  std::vector<uint16_t> row_;
};

/// Whether FrameRows can read a format.
bool has_readable_rows(AVPixelFormat format);

}  // namespace weft::media
