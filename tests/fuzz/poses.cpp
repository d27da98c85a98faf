#include "plugins/pose/openpose.h"
#include "tests/fuzz/fuzz.h"

void weft::fuzz::read_input(std::string_view input) {
  pose::keypoints_of(pose::read_openpose(file_of(input)));
}
