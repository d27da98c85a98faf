#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace weft::data {

/// The name of a frame by its file: without folder and ending, "000012" of "frames/000012.jpg".
std::string frame_name(std::string_view file);

/// The images that a file lists by their names, each a frame.
class ListedImages {
 public:
  /// @param file  that lists them, for the message
  explicit ListedImages(std::string file) : file_(std::move(file)) {}

  /// The name of an image's frame. An image may come again.
  /// @throws Error  (Data) when an image of the same name in another folder came before
  std::string frame_of(const std::string& image);

 private:
  std::string file_;
  std::map<std::string, std::string> images_;  ///< by frame
};

/// The number of a frame in its name: the last run of digits, 12 of "video_000012_keypoints"; digits before a letter, as in
/// "2d", are part of a word.
/// @returns nothing when there is none, or it has more than 18 digits
std::optional<int64_t> frame_number(std::string_view name);

/// The numbers of frames, if each has one and they rise from frame to frame.
/// @returns nothing otherwise
std::vector<int64_t> rising_numbers(const std::vector<std::string>& names);

/// The names in natural order, with those that their numbers skip: "08", "10", "11" become "08", "09", "10", "11". Files
/// that list all frames leave out the frames in which nothing was found. Numbers that go on in steps keep their step;
/// names that are numbers without leading zeros count from 0, as frames of a video do. Names that differ in more than
/// their number stay as they are.
/// @param file  that lists them, for the message
/// @throws Error  (Data) when there would be more than a million frames
std::vector<std::string> without_gaps(const std::string& file, std::vector<std::string> names);

}  // namespace weft::data
