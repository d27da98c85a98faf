#pragma once

#include "framework/vision/curve.h"

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace weft::face {

using Landmarks = std::vector<vision::Point>;

/// The landmarks in a file of one frame; its content decides how it is read, not its name:
///
///   rows       `x,y`, `x y`, separated by commas, semicolons, spaces or tabs; a first row of words names the columns, x and
///              y among them; a third column is a number of the landmark before x, by which rows are sorted, or anything
///              after y
///   .pts       rows between braces, below `version: 1` and `n_points: 68`
///   JSON       a list of [x, y], {"x": …, "y": …} or plain numbers; also as the first of a list of faces, as `landmarks`,
///              `points`, `keypoints` or `shape` of an object, or as OpenPose's `face_keypoints_2d`, where the largest
///              face is taken, and one of which a landmark was not found is none
///   XML        dlib's: the parts of the first box of the first image
///
/// A face has 68 landmarks, in dlib's order; of 70, the last two, pupils, are left out.
/// @returns none where nobody is: an empty file, list or box, a header alone
/// @throws Error  (Data) when it cannot be read, is none of these, or does not hold 68 positions
Landmarks read_landmarks(const std::string& file);

/// Landmarks of a frame with the frame's name.
using NamedLandmarks = std::pair<std::string, Landmarks>;

/// The images in a file of dlib's, in its order, by the names of their files without folder and ending.
/// @returns nothing where the file is of another kind
/// @throws Error  (Data) as read_landmarks() does
std::vector<NamedLandmarks> read_dlib_images(const std::string& file);

// The forms. `file` is the name for messages; each returns what is there, 68 or not.

Landmarks read_landmark_rows(const std::string& file, std::string_view bytes);
Landmarks read_landmark_json(const std::string& file, std::string_view bytes);
std::vector<NamedLandmarks> read_dlib_xml(const std::string& file, std::string_view bytes);

}  // namespace weft::face
