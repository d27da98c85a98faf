#include <weft/node.h>

namespace weft::face {

void add_crop(Registry& registry);
void add_draw(Registry& registry);
void add_labels(Registry& registry);
void add_landmark_folder(Registry& registry);
void add_landmarks_dlib(Registry& registry);
void add_normalise(Registry& registry);
void add_proportions_folder(Registry& registry);
void add_window(Registry& registry);
void add_write_landmarks(Registry& registry);

}  // namespace weft::face

WEFT_PLUGIN("face", "0.1.0", registry) {
  weft::face::add_crop(registry);
  weft::face::add_draw(registry);
  weft::face::add_labels(registry);
  weft::face::add_landmark_folder(registry);
  weft::face::add_landmarks_dlib(registry);
  weft::face::add_normalise(registry);
  weft::face::add_proportions_folder(registry);
  weft::face::add_window(registry);
  weft::face::add_write_landmarks(registry);
}
