#pragma once

#include "plugins/pose/person.h"

#include <string>
#include <vector>

namespace weft::pose {

/// All people in a JSON file that OpenPose wrote with the model BODY_25. Hands and face may be absent or
/// empty.
/// @throws Error  (Data) when it cannot be read, is not such a file, or holds something else than positions
std::vector<Person> read_openpose(const std::string& file);

}  // namespace weft::pose
