#pragma once

#include "plugins/pose/person.h"

#include <span>
#include <string>

namespace weft::pose {

/// Puts the points of a detector's list into a person, whatever the body model: BODY_25 and COCO-18 of OpenPose, COCO-17,
/// and the lists of AlphaPose that go on with feet, face and hands (Halpe-26, Halpe-136, COCO-WholeBody with 133 points).
/// The number of points says which model it is.
///
/// A neck and the middle of the hips that a model lacks are the means of both shoulders and of both hips, where both were
/// found; their confidence is the lower one.
/// @param points  in the model's order
/// @returns false when no known model has this number of points
bool set_body(std::span<const Keypoint> points, Person& person);

/// The models that set_body() knows, for messages: "BODY_25 with 25 points, …".
std::string body_models();

}  // namespace weft::pose
