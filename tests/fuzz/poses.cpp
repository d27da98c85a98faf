#include "plugins/pose/openpose.h"
#include "tests/fuzz/fuzz.h"

void weft::fuzz::read_input(std::string_view input) {
  const pose::PeopleFile file(file_of(input));
  for (const std::string& frame : file.frames()) pose::keypoints_of(file.people(frame));
  pose::keypoints_of(file.people());
}
