#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace weft::report {

/// A PNG as a browser sees it.
struct ReadPng {
  int64_t height = 0, width = 0;
  uint32_t announced = 0;                          ///< frames, by the chunk acTL; 0 for a plain PNG
  std::vector<double> seconds;                     ///< that each frame is shown
  std::vector<std::vector<unsigned char>> frames;  ///< each height * width * 3
};

/// Reads what the tests write: 8 bits, RGB, not interlaced, one piece of data a frame. Checksums, the order of chunks and
/// the numbers of animations are compared; what is wrong is a failure of the test.
ReadPng read_png(const std::string& bytes);

/// The bytes that base64 stands for.
std::string decoded_base64(const std::string& text);

}  // namespace weft::report
