#pragma once

#include "plugins/pose/proportions.h"

namespace weft::pose {

/// A person's pose with the proportions of another: each bone keeps its direction and its foreshortening, and gets the
/// other's length; the feet stand where the other's would, jumps included.
///
/// Source: the mapping of floors and heights is that of Chan et al. 2019, "Everybody Dance Now", section 3 (global pose
/// normalisation).
/// @param person  whose proportions are `of`; both must be known, and both have feet, or neither
Person with_proportions(const Person& person, const Proportions& of, const Proportions& wanted);

}  // namespace weft::pose
