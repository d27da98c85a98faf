#pragma once

#include "framework/data/frame_number.h"
#include "plugins/pose/person.h"

#include <nlohmann/json_fwd.hpp>

#include <map>
#include <memory>
#include <string>
#include <vector>

namespace weft::pose {

/// A JSON file with the people of one frame or of many, as pose detectors write it:
///
///   {"people": [{"pose_keypoints_2d": […], "face_keypoints_2d": […], "hand_left_keypoints_2d": […], …}]}
///                                      OpenPose, a file for each frame; its old keys end before `_2d`, and `bodies` with
///                                      `joints` in place of `people` are AlphaPose's for CMU's format
///   [{"image_id": "12.jpg", "keypoints": […]}, …]
///                                      AlphaPose and COCO: a person of some frame in each entry
///   [{"people": […]}, …]               frame after frame
///   {"12.jpg": {"people": […]}, …}     frames by name
///
/// Hands and face may be absent, null or empty; a face has 70 points, or 68. body_points.h lists the models of a body.
class PeopleFile {
 public:
  /// @throws Error  (Data) when it cannot be read, is not such a file, or lists images of one name in several folders
  explicit PeopleFile(const std::string& file);
  ~PeopleFile();
  PeopleFile(PeopleFile&&) noexcept;
  PeopleFile& operator=(PeopleFile&&) noexcept;

  /// The frames of a file with many, by name and in order, the numbers between them included: where nobody was seen, such
  /// a file has no entry. Empty for a file of one frame.
  /// @throws Error  (Data) when there are more than a million
  std::vector<std::string> frames() const;

  /// All people of a frame; nobody where the file has no entry of this name.
  /// @param frame  as frames() names it; empty for the first one, which is the only one of a file of one frame
  /// @throws Error  (Data) when a point of them is not a position in an image, the body model is not known, or there are
  ///                more than a thousand
  std::vector<Person> people(const std::string& frame = "") const;

  /// Whether the file has no content at all; it stands for a frame without people.
  bool is_empty() const;

 private:
  void add(const std::string& frame, const nlohmann::json& people);
  void add_entries(const nlohmann::json& entries);
  std::string frame_of(const nlohmann::json& id);

  std::string file_;
  std::unique_ptr<const nlohmann::json> content_;
  std::map<std::string, std::vector<const nlohmann::json*>> people_;  ///< by frame
  data::ListedImages images_;
};

}  // namespace weft::pose
