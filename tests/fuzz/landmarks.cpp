#include "plugins/face/landmarks.h"

#include "plugins/face/landmark_file.h"
#include "tests/fuzz/fuzz.h"

void weft::fuzz::read_input(std::string_view input) {
  face::keypoints_of(face::with_forehead(face::read_landmarks(file_of(input))));
}
